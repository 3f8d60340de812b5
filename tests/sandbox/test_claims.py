"""What launches say, in Moodle's and in Canvas' manner."""

import jwt
import pytest

from itpm_byte.sandbox.manners import AGS_CLAIM, AGS_SCOPE, CLAIM, NRPS_CLAIM

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


def unverified(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_moodle_says_what_was_measured_on_moodle(moodle, tool):
    claims = moodle.claims("lin", "careers", nonce="n-1")
    iat = claims.pop("iat")
    assert claims.pop("exp") == iat + 60
    assert claims.pop(CLAIM + "tool_platform")["product_family_code"] == "moodle"
    assert claims == {
        "iss": moodle.url,
        "aud": "itpm-byte-sandbox",
        "sub": "5",
        "nonce": "n-1",
        "name": "Lin Tran",
        "given_name": "Lin",
        "family_name": "Tran",
        "email": "lin@school.example",
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": "9",
        CLAIM + "target_link_uri": f"{tool.url}/lti/launch/",
        CLAIM + "roles": [MEMBERSHIP + "#Learner"],
        CLAIM + "context": {"id": "2", "label": "CAREERS1", "title": "Careers 101", "type": ["CourseSection"]},
        CLAIM + "resource_link": {
            "id": "26",
            "title": "IT Project Manager",
            "description": "A five-minute Byte about a job that many have never heard of.",
        },
        CLAIM + "custom": {"byte": "it-project-manager"},
        CLAIM + "lis": {"person_sourcedid": "LIN", "course_section_sourcedid": ""},
        CLAIM + "ext": {"user_username": "lin", "lms": "moodle-2"},
        CLAIM + "launch_presentation": {
            "locale": "en",
            "document_target": "iframe",
            "return_url": f"{moodle.url}/courses/careers/return/",
        },
        AGS_CLAIM: {
            "scope": [AGS_SCOPE + name for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")],
            "lineitems": f"{moodle.url}/services/2/lineitems?type_id=9",
            "lineitem": f"{moodle.url}/services/2/lineitems/29/lineitem?type_id=9",
        },
        NRPS_CLAIM: {
            "context_memberships_url": f"{moodle.url}/services/CourseSection/2/bindings/9/memberships",
            "service_versions": ["1.0", "2.0"],
        },
    }


def test_canvas_says_it_its_own_way(canvas):
    claims = canvas.claims("lin", "careers", nonce="n-1")
    assert claims["iss"] == "https://canvas.instructure.example"
    assert claims["azp"] == canvas.client_id
    assert claims["exp"] == claims["iat"] + 3600
    assert len(claims["sub"]) == 36
    assert claims[CLAIM + "context"]["type"] == ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"]
    assert claims[CLAIM + "tool_platform"]["product_family_code"] == "canvas"
    assert "?" not in claims[AGS_CLAIM]["lineitem"]


@pytest.mark.parametrize(
    ("user", "link", "roles"),
    [
        ("lin", "careers", [MEMBERSHIP + "#Learner"]),
        ("ada", "careers", [MEMBERSHIP + "#Instructor"]),
        ("tom", "careers", [MEMBERSHIP + "#Instructor"]),
        ("ines", "office", [MEMBERSHIP + "#Instructor", INSTITUTION + "Administrator", SYSTEM + "Administrator"]),
    ],
)
def test_moodle_roles(moodle, user, link, roles):
    assert moodle.claims(user, link, nonce="n")[CLAIM + "roles"] == roles


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("lin", [SYSTEM + "User", INSTITUTION + "Student", MEMBERSHIP + "#Learner"]),
        ("ada", [SYSTEM + "User", INSTITUTION + "Instructor", MEMBERSHIP + "#Instructor"]),
        (
            "tom",
            [
                SYSTEM + "User",
                INSTITUTION + "Instructor",
                MEMBERSHIP + "#Instructor",
                MEMBERSHIP + "/Instructor#TeachingAssistant",
            ],
        ),
        ("ines", [SYSTEM + "User", INSTITUTION + "Administrator"]),
        (
            "test",
            [
                SYSTEM + "User",
                INSTITUTION + "Student",
                MEMBERSHIP + "#Learner",
                "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
            ],
        ),
    ],
)
def test_canvas_roles(canvas, user, roles):
    assert canvas.claims(user, "careers", nonce="n")[CLAIM + "roles"] == roles


def test_the_test_student_has_no_email(canvas):
    assert "email" not in canvas.claims("test", "careers", nonce="n")


@pytest.mark.parametrize(("user", "name"), [("noor", "نور الحدّاد"), ("mei", "陈美玲")])
def test_names_keep_their_script(lms, user, name):
    assert unverified(lms.id_token(user, "careers", nonce="n"))["name"] == name


def test_an_lms_that_keeps_names_to_itself(moodle):
    moodle.connect_tool(shares_names=False, shares_emails=False)
    claims = moodle.claims("lin", "careers", nonce="n")
    assert {"name", "given_name", "family_name", "email"} & set(claims) == set()


def test_scopes_not_granted_are_not_offered(moodle):
    moodle.connect_tool(scopes=[AGS_SCOPE + "score"])
    claims = moodle.claims("lin", "careers", nonce="n")
    assert claims[AGS_CLAIM]["scope"] == [AGS_SCOPE + "score"]
    assert NRPS_CLAIM not in claims


def test_without_any_scope_there_is_no_gradebook_claim(moodle):
    moodle.connect_tool(scopes=[])
    assert AGS_CLAIM not in moodle.claims("lin", "careers", nonce="n")


@pytest.mark.parametrize(("kind", "expected"), [("absent", None), ("empty", "")])
def test_a_link_may_say_no_line_item_or_an_empty_one(moodle, kind, expected):
    moodle.store.change_link("careers", line_item_claim=kind)
    assert moodle.claims("lin", "careers", nonce="n")[AGS_CLAIM].get("lineitem") == expected


def test_a_new_window_says_so(moodle):
    claims = moodle.claims("lin", "careers-window", nonce="n")
    assert claims[CLAIM + "launch_presentation"]["document_target"] == "window"


def test_a_test_may_change_claims_and_take_them_out(moodle, browser):
    form = moodle.launch(browser, "lin", "careers", roles=[], sub=None, version="1.1", name="Somebody")
    claims = unverified(form.fields["id_token"])
    assert claims[CLAIM + "roles"] == []
    assert "sub" not in claims
    assert claims[CLAIM + "version"] == "1.1"
    assert claims["name"] == "Somebody"


def test_the_login_carries_what_each_lms_sends(moodle, canvas):
    assert sorted(moodle.login_form("lin", "careers")) == [
        "client_id",
        "iss",
        "login_hint",
        "lti_deployment_id",
        "lti_message_hint",
        "target_link_uri",
    ]
    more = set(canvas.login_form("lin", "careers")) - set(moodle.login_form("lin", "careers"))
    assert more == {"deployment_id", "canvas_region", "canvas_environment", "lti_storage_target"}
