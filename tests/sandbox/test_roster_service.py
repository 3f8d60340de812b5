"""Names and roles over HTTP (NRPS §2)."""

import pytest

from itpm_byte.sandbox.manners import NRPS_CLAIM, SCORE_SCOPE
from itpm_byte.sandbox.service import ROSTER_TYPE


def address(lms, link="careers"):
    return lms.claims("lin", link, nonce="n")[NRPS_CLAIM]["context_memberships_url"]


def read(lms, tool, url=None, **filters):
    return tool.request("GET", url or address(lms), headers={"Accept": ROSTER_TYPE}, params=filters)


def test_moodle_says_short_roles_and_takes_the_assistant_for_a_learner(moodle, tool):
    answer = read(moodle, tool)
    assert answer.headers["Content-Type"] == ROSTER_TYPE
    members = {member["user_id"]: member for member in answer.json()["members"]}
    assert members["3"]["roles"] == ["Instructor"]
    assert members["4"]["roles"] == ["Learner"]
    assert members["5"] == {
        "status": "Active",
        "roles": ["Learner"],
        "user_id": "5",
        "lis_person_sourcedid": "LIN",
        "name": "Lin Tran",
        "given_name": "Lin",
        "family_name": "Tran",
        "email": "lin@school.example",
    }
    assert answer.json()["context"] == {"id": "2", "label": "CAREERS1", "title": "Careers 101"}


def test_canvas_says_full_roles(canvas, tool):
    tom = canvas.store.person("tom")["id"]
    members = {member["user_id"]: member["roles"] for member in read(canvas, tool).json()["members"]}
    assert members[tom] == [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
    ]


def test_somebody_suspended_is_not_there(lms, tool):
    lms.store.enrol("kai", "careers", is_active=False)
    kai = lms.store.person("kai")["id"]
    assert kai not in [member["user_id"] for member in read(lms, tool).json()["members"]]


@pytest.mark.parametrize("role", ["Instructor", "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"])
def test_a_role_chooses(moodle, tool, role):
    assert [member["name"] for member in read(moodle, tool, role=role).json()["members"]] == ["Ada Okafor"]


def test_a_limit_pages_with_a_link_to_the_rest(lms, tool):
    everyone = read(lms, tool).json()["members"]
    found, url = [], f"{address(lms)}?limit=3"
    while url:
        page = read(lms, tool, url)
        found += page.json()["members"]
        url = page.links.get("next", {}).get("url")
    assert found == everyone
    assert len(found) == 8


def test_names_and_emails_are_kept_back_when_the_lms_does_not_share_them(moodle, tool):
    moodle.connect_tool(shares_names=False, shares_emails=False)
    assert set(read(moodle, tool).json()["members"][0]) == {"status", "roles", "user_id", "lis_person_sourcedid"}


def test_scope_accept_header_and_method_are_checked(moodle, tool):
    headers = {"Accept": ROSTER_TYPE}
    assert tool.request("GET", address(moodle), token=tool.token(SCORE_SCOPE), headers=headers).status_code == 401
    assert tool.request("GET", address(moodle), headers={"Accept": "application/json"}).status_code == 400
    assert tool.request("POST", address(moodle), headers=headers).status_code == 405


def test_an_unknown_course_or_deployment_is_404(moodle, tool):
    assert read(moodle, tool, address(moodle).replace("CourseSection/2", "CourseSection/77")).status_code == 404
    assert read(moodle, tool, address(moodle).replace("bindings/9", "bindings/8")).status_code == 404
