"""Line items and results over HTTP (AGS §3.2, 3.3)."""

import json

import pytest

from itpm_byte.sandbox.manners import AGS_CLAIM, LINEITEM_READ_SCOPE, LINEITEM_SCOPE
from itpm_byte.sandbox.service import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, RESULTS_TYPE


def container(lms):
    return lms.claims("lin", "careers", nonce="n")[AGS_CLAIM]["lineitems"]


def listed(lms, tool, **filters):
    answer = tool.request("GET", container(lms), headers={"Accept": LINE_ITEMS_TYPE}, params=filters)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == LINE_ITEMS_TYPE
    return answer


def create(lms, tool, **body):
    wanted = {"label": "Extra", "scoreMaximum": 5} | body
    headers = {"Content-Type": LINE_ITEM_TYPE}
    return tool.request("POST", container(lms), data=json.dumps(wanted), headers=headers)


def put(tool, url, **body):
    return tool.request("PUT", url, data=json.dumps(body), headers={"Content-Type": LINE_ITEM_TYPE})


def test_the_columns_of_the_course_are_listed(lms, tool):
    labels = [row["label"] for row in listed(lms, tool).json()]
    assert labels == ["IT Project Manager", "IT Project Manager (own window)"]


def test_one_column_says_what_it_is(lms, tool):
    answer = tool.request("GET", tool.address("careers"), headers={"Accept": LINE_ITEM_TYPE})
    assert answer.json() == {
        "id": tool.address("careers"),
        "label": "IT Project Manager",
        "scoreMaximum": 10,
        "resourceId": "",
        "tag": "",
        "resourceLinkId": lms.store.link("careers")["id"],
    }


def test_filters_choose(lms, tool):
    create(lms, tool, tag="final", resourceId="byte-1")
    link_id = lms.store.link("careers-window")["id"]
    assert [row["label"] for row in listed(lms, tool, tag="final").json()] == ["Extra"]
    assert [row["label"] for row in listed(lms, tool, resource_id="byte-1").json()] == ["Extra"]
    by_link = listed(lms, tool, resource_link_id=link_id).json()
    assert [row["resourceLinkId"] for row in by_link] == [link_id]
    assert listed(lms, tool, resource_link_id=link_id, tag="final").json() == []


def test_a_column_can_be_created_alone_and_takes_scores(lms, tool):
    answer = create(lms, tool, tag="final", resourceId="byte-1")
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in ("label", "scoreMaximum", "tag", "resourceId")} == {
        "label": "Extra",
        "scoreMaximum": 5,
        "tag": "final",
        "resourceId": "byte-1",
    }
    assert "resourceLinkId" not in made
    read = tool.request("GET", made["id"], headers={"Accept": LINE_ITEM_TYPE})
    assert read.json() == made


def test_a_column_made_for_a_link_belongs_to_it(lms, tool):
    lms.store.change_line_item("careers", is_deleted=True)
    link_id = lms.store.link("careers")["id"]
    made = create(lms, tool, resourceLinkId=link_id).json()
    assert made["resourceLinkId"] == link_id
    assert lms.store.line_item("careers")["label"] == "Extra"


def test_on_moodle_a_link_with_the_tools_own_column_launches_with_an_empty_line_item(moodle, tool):
    moodle.store.change_line_item("careers", is_deleted=True)
    assert "lineitem" not in moodle.claims("lin", "careers", nonce="n")[AGS_CLAIM]
    create(moodle, tool, resourceLinkId="26")
    assert moodle.claims("lin", "careers", nonce="n")[AGS_CLAIM]["lineitem"] == ""


def test_a_link_of_another_course_is_404(lms, tool):
    assert create(lms, tool, resourceLinkId=lms.store.link("office")["id"]).status_code == 404
    assert create(lms, tool, resourceLinkId="unknown").status_code == 404


@pytest.mark.parametrize(
    "body", [{"label": " "}, {"label": None}, {"scoreMaximum": 0}, {"scoreMaximum": "5"}, {"scoreMaximum": True}]
)
def test_label_and_maximum_must_make_sense(lms, tool, body):
    assert create(lms, tool, **body).status_code == 400


def test_put_replaces_and_what_is_left_out_is_erased(lms, tool):
    url = create(lms, tool, tag="final", resourceId="byte-1").json()["id"]
    answer = put(tool, url, label="Renamed", scoreMaximum=20)
    assert answer.status_code == 200
    assert (answer.json()["label"], answer.json()["scoreMaximum"]) == ("Renamed", 20)
    assert (answer.json()["tag"], answer.json()["resourceId"]) == ("", "")


def test_a_column_can_be_deleted(lms, tool):
    url = create(lms, tool).json()["id"]
    assert tool.request("DELETE", url).status_code == 204
    assert tool.request("GET", url, headers={"Accept": LINE_ITEM_TYPE}).status_code == 404


def test_canvas_keeps_a_column_that_belongs_to_a_link(canvas, tool):
    assert tool.request("DELETE", tool.address("careers")).status_code == 401
    assert canvas.store.line_item("careers")["is_deleted"] is False


def test_reading_needs_one_of_two_scopes_and_writing_the_full_one(moodle, tool):
    read, write = tool.token(LINEITEM_READ_SCOPE), tool.token(LINEITEM_SCOPE)
    url, headers = container(moodle), {"Accept": LINE_ITEMS_TYPE}
    assert tool.request("GET", url, token=read, headers=headers).status_code == 200
    assert tool.request("GET", url, token=write, headers=headers).status_code == 200
    body, media = json.dumps({"label": "x", "scoreMaximum": 1}), {"Content-Type": LINE_ITEM_TYPE}
    assert tool.request("POST", url, token=read, data=body, headers=media).status_code == 401
    assert tool.request("POST", url, token=write, data=body, headers=media).status_code == 201


@pytest.mark.parametrize("accept", ["*/*", "application/json", LINE_ITEM_TYPE])
def test_a_list_needs_its_own_accept_header(moodle, canvas, tool, accept):
    assert tool.request("GET", container(canvas), headers={"Accept": accept}).status_code == 406
    tool.lms = moodle
    assert tool.request("GET", container(moodle), headers={"Accept": accept}).status_code == 400


def test_writing_needs_its_own_content_type(lms, tool):
    status = 400 if lms.manner == "moodle" else 415
    headers = {"Content-Type": "application/json"}
    assert tool.request("POST", container(lms), data="{}", headers=headers).status_code == status
    assert tool.request("PUT", tool.address("careers"), data="{}", headers=headers).status_code == status


def test_moodle_does_not_page_unless_asked_and_then_with_quotes_nobody_understands(moodle, tool):
    assert "Link" not in listed(moodle, tool).headers
    answer = listed(moodle, tool, limit=1)
    assert len(answer.json()) == 1
    link = answer.headers["Link"].encode("latin-1").decode()
    assert link == f"<{moodle.url}/services/2/lineitems?type_id=9&amp;limit=1&amp;from=1>; rel=“next”"


def test_canvas_pages_with_links_that_lead_to_the_rest(canvas, tool):
    for number in range(11):
        create(canvas, tool, label=f"Extra {number}", tag="many")
    first = listed(canvas, tool, tag="many")
    assert len(first.json()) == 10
    second = tool.request("GET", first.links["next"]["url"], headers={"Accept": LINE_ITEMS_TYPE})
    assert [row["label"] for row in second.json()] == ["Extra 10"]
    assert "Link" not in second.headers
    assert len(listed(canvas, tool, limit=3).json()) == 3


def test_an_unknown_course_or_column_is_404(lms, tool):
    headers = {"Accept": LINE_ITEMS_TYPE}
    course_id = lms.store.all()["courses"]["careers"]["id"]
    assert tool.request("GET", container(lms).replace(f"/{course_id}/", "/77/"), headers=headers).status_code == 404
    unknown = tool.address("careers").replace("/29", "/2999")
    assert tool.request("GET", unknown, headers={"Accept": LINE_ITEM_TYPE}).status_code == 404


def test_results_say_who_has_what(lms, tool):
    tool.send_score(scoreGiven=0.5)
    tool.send_score(userId=lms.store.person("kai")["id"], comment=None)
    answer = tool.request("GET", tool.address("careers", "/results"), headers={"Accept": RESULTS_TYPE})
    assert answer.headers["Content-Type"] == RESULTS_TYPE
    lin, kai = answer.json()
    assert lin.pop("id").startswith(tool.address("careers", "/results"))
    assert lin == {
        "userId": lms.store.person("lin")["id"],
        "scoreOf": tool.address("careers"),
        "resultScore": 5,
        "resultMaximum": 10,
        "comment": "Well done",
        "timestamp": "2026-11-23T10:00:00.000Z",
    }
    assert "comment" not in kai


def test_results_of_one_person(lms, tool):
    tool.send_score()
    tool.send_score(userId=lms.store.person("kai")["id"])
    kai = lms.store.person("kai")["id"]
    url = tool.address("careers", "/results")
    rows = tool.request("GET", url, headers={"Accept": RESULTS_TYPE}, params={"user_id": kai}).json()
    assert [row["userId"] for row in rows] == [kai]


def test_results_need_their_accept_header(lms, tool):
    answer = tool.request("GET", tool.address("careers", "/results"), headers={"Accept": "application/json"})
    assert answer.status_code == (400 if lms.manner == "moodle" else 406)
