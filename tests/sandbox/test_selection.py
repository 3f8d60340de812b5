"""A teacher selects content: what the pretend LMSs ask for, and how strictly they read the answer."""

import json
import time
import uuid
from base64 import urlsafe_b64decode

import jwt
import pytest

from itpm_byte.sandbox.manners import MANNERS
from itpm_byte.sandbox.selection import ASKS

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def asked(lms, browser, person="ada", course="careers"):
    """The claims of a deep linking launch."""
    form = lms.select(browser, person, course)
    payload = form.fields["id_token"].split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def answer(lms, tool, claims, items, *, header=None, **changes):
    """As a tool would send it; a change to None takes a claim out."""
    wish, now = claims[DL + "deep_linking_settings"], int(time.time())
    told = {
        "iss": lms.client_id,
        "sub": lms.client_id,
        "aud": claims["iss"],
        "iat": now - 1,
        "exp": now + 300,
        "nonce": uuid.uuid4().hex,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": claims[LTI + "deployment_id"],
        DL + "content_items": items,
        DL + "data": wish.get("data"),
        **changes,
    }
    told = {name: value for name, value in told.items() if value is not None}
    head = {name: value for name, value in ({"kid": tool.kid} | (header or {})).items() if value is not None}
    return jwt.encode(told, tool.private, algorithm="RS256", headers=head)


def item(tool, **changes):
    made = {
        "type": "ltiResourceLink",
        "url": f"{tool.url}/lti/launch/",
        "title": "A Byte",
        "text": "About it",
        "custom": {"byte": "a-byte", "due": "$ResourceLink.submission.endDateTime"},
        "lineItem": {"scoreMaximum": 20, "label": "Its column", "resourceId": "r", "tag": "t"},
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def send(browser, claims, token):
    back = claims[DL + "deep_linking_settings"]["deep_link_return_url"]
    return browser.post(back, data={"JWT": token}, timeout=20)


def newest(lms):
    return max(lms.store.all()["links"].values(), key=lambda link: link["activity"])


def test_moodle_asks_without_data_and_says_nothing_of_columns(moodle, browser):
    claims = asked(moodle, browser)
    settings = claims[DL + "deep_linking_settings"]

    assert claims[LTI + "message_type"] == "LtiDeepLinkingRequest"
    assert LTI + "resource_link" not in claims
    assert claims[LTI + "launch_presentation"] == {"locale": "en", "document_target": "iframe"}
    assert {"data", "accept_lineitem"}.isdisjoint(settings)
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert "sesskey=" in settings["deep_link_return_url"]


def test_canvas_asks_for_many_kinds_and_wants_its_data_back(canvas, browser):
    settings = asked(canvas, browser)[DL + "deep_linking_settings"]

    assert (settings["accept_lineitem"], settings["auto_create"]) == (True, True)
    assert settings["data"].startswith("csrftoken:")


def test_every_lms_that_we_play_can_ask():
    assert set(ASKS) == set(MANNERS)


def test_one_item_fills_moodles_form_and_the_teacher_saves_it(moodle, tool, browser):
    claims = asked(moodle, browser)
    page = send(browser, claims, answer(moodle, tool, claims, [item(tool)]))
    assert page.status_code == 200
    onward = f"{moodle.url}/courses/careers/add/?chosen=" + page.text.partition("?chosen=")[2].partition('"')[0]

    form = browser.get(onward, timeout=20)
    assert 'value="A Byte"' in form.text
    assert "byte=a-byte\ndue=$ResourceLink.submission.endDateTime" in form.text
    fields = {
        "csrfmiddlewaretoken": form.text.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0],
        "chosen": onward.partition("=")[2],
        "name": "Renamed",
        "description": "",
        "custom": "byte=a-byte\r\nown=yes",
    }
    fields["csrfmiddlewaretoken"] = form.text.rpartition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    browser.post(f"{moodle.url}/courses/careers/add/", data=fields, headers={"Referer": onward}, timeout=20)

    link = newest(moodle)
    assert (link["title"], link["custom"]) == ("Renamed", {"byte": "a-byte", "own": "yes"})
    column = moodle.store.line_item(link["key"])
    assert (column["label"], column["score_maximum"], column["resource_id"]) == ("Renamed", 20, "r")


def test_canvas_makes_what_it_gets_and_fills_in_dates(canvas, tool, browser):
    claims = asked(canvas, browser)
    wish = item(tool, window={"targetName": "_blank"}, submission={"endDateTime": "2026-12-01T09:00:00Z"})

    assert send(browser, claims, answer(canvas, tool, claims, [wish, item(tool, lineItem=None)])).status_code == 200

    second, first = sorted(canvas.store.all()["links"].values(), key=lambda link: -link["activity"])[:2]
    assert (first["opens_in"], first["custom"]["due"]) == ("window", "2026-12-01T09:00:00Z")
    assert canvas.store.line_item(first["key"])["label"] == "Its column"
    assert (second["opens_in"], second["custom"]["due"]) == ("iframe", "$ResourceLink.submission.endDateTime")
    assert canvas.store.line_item(second["key"]) is None


def test_an_answer_counts_once(moodle, tool, browser):
    claims = asked(moodle, browser)
    token = answer(moodle, tool, claims, [])

    assert [send(browser, claims, token).status_code for _time in range(2)] == [200, 400]
    assert moodle.journal.refusals == ["This was answered before"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "somebody"}, "iss must be the client_id"),
        ({"sub": None}, "sub must be the client_id"),
        ({"aud": "https://elsewhere.example"}, "aud must be the issuer"),
        ({LTI + "message_type": "LtiDeepLinkingRequest"}, "message_type"),
        ({LTI + "version": None}, "version"),
        ({LTI + "deployment_id": "77"}, "deployment_id"),
        ({DL + "data": "another"}, "data claim does not match"),
        ({DL + "content_items": None}, "content_items"),
        ({"exp": 1}, "iat and exp must name the present few minutes"),
        ({"iat": None}, "iat and exp must name the present few minutes"),
        ({"nonce": None}, "nonce is missing or was used before"),
    ],
)
def test_a_careless_answer_is_refused(lms, tool, browser, changes, reason):
    claims = asked(lms, browser)

    page = send(browser, claims, answer(lms, tool, claims, [], **changes))

    assert (page.status_code, lms.journal.refusals) == (400, [reason])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "eula"}, "An item of a type that was not asked for"),
        ({"text": None, "icon": {}}, "An item with an empty property"),
        ({"url": "https://elsewhere.example/"}, "The item's url is not the tool's"),
        ({"custom": {"points": 3}}, "custom must hold strings"),
        ({"lineItem": {"scoreMaximum": 0}}, "lineItem.scoreMaximum must be a number above 0"),
        ({"lineItem": {"label": "x"}}, "lineItem.scoreMaximum must be a number above 0"),
        ({"available": {"endDateTime": "2026-12-01T09:00:00"}}, "Times must say their zone"),
    ],
)
def test_a_careless_item_is_refused(lms, tool, browser, changes, reason):
    claims = asked(lms, browser)

    page = send(browser, claims, answer(lms, tool, claims, [item(tool, **changes)]))

    assert (page.status_code, lms.journal.refusals) == (400, [reason])


def test_a_forged_answer_is_refused(moodle, tool, browser):
    claims = asked(moodle, browser)

    for token, header in (("no token", None), ("", {"kid": None}), ("", {"kid": "unknown"})):
        page = send(browser, claims, token or answer(moodle, tool, claims, [], header=header))
        assert page.status_code == 400
    assert all(reason.startswith("JWT") for reason in moodle.journal.refusals)


def test_the_way_back_needs_the_key_of_the_question(moodle, tool, browser):
    claims = asked(moodle, browser)
    token = answer(moodle, tool, claims, [])

    page = browser.post(f"{moodle.url}/courses/careers/add/return/?sesskey=guess", data={"JWT": token}, timeout=20)

    assert (page.status_code, moodle.journal.refusals) == (400, ["This LMS asked for nothing under this key"])


@pytest.mark.parametrize("person", ["lin", "tom"])
def test_only_teachers_add_activities(moodle, browser, person):
    moodle.enter(browser, person)
    for path in ("", "select/"):
        assert browser.get(f"{moodle.url}/courses/careers/add/{path}", timeout=20).status_code == 403
    assert "Add an activity" not in browser.get(f"{moodle.url}/courses/careers/", timeout=20).text
