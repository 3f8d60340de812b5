"""What the sandbox offers beside gradebook and roster: notices as Canvas, groups as Blackboard (OTH-09, OTH-11)."""

import json

import jwt
import pytest
import requests

from itpm_byte.sandbox.groups_service import CLAIM_NAME, GROUPS_TYPE, SETS_TYPE
from itpm_byte.sandbox.lms import Lms
from itpm_byte.sandbox.manners import CLAIM, GROUPS_SCOPE, NOTICES_SCOPE
from itpm_byte.sandbox.notices import tell_of_copy

PNS = CLAIM + "platformnotificationservice"
COPY = "LtiContextCopyNotice"


def put(lms, tool, *, scope=NOTICES_SCOPE, content_type="application/json", **wish):
    url = lms.claims("lin", "careers", nonce="n")[PNS]["platform_notification_service_url"]
    body = json.dumps({"notice_type": COPY, "handler": f"{tool.url}/lti/notices/", **wish})
    return tool.request("PUT", url, token=tool.token(scope), data=body, headers={"Content-Type": content_type})


def test_only_lms_that_send_notices_say_so(moodle, canvas):
    assert PNS not in moodle.claims("lin", "careers", nonce="n")
    assert canvas.claims("lin", "careers", nonce="n")[PNS]["notice_types_supported"] == ["LtiHelloWorldNotice", COPY]


def test_a_handler_is_kept_and_taken_away(canvas, tool):
    kept = put(canvas, tool)
    gone = put(canvas, tool, handler="")
    said = [{row["notice_type"]: row["handler"] for row in answer.json()["notice_handlers"]} for answer in (kept, gone)]
    assert [handlers[COPY] for handlers in said] == [f"{tool.url}/lti/notices/", ""]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"notice_type": "Other"}, 400),
        ({"handler": "https://elsewhere.example/"}, 400),
        ({"handler": None}, 400),
        ({"content_type": "text/plain"}, 415),
    ],
)
def test_a_handler_that_is_none_is_refused(canvas, tool, wish, status):
    assert put(canvas, tool, **wish).status_code == status


def test_without_the_scope_nobody_puts_a_handler(canvas, tool):
    from itpm_byte.sandbox.manners import ROSTER_SCOPE

    assert put(canvas, tool, scope=ROSTER_SCOPE).status_code == 403


def test_a_notice_is_signed_by_the_lms_and_names_the_origins():
    from itpm_byte.sandbox.copying import copy_course
    from itpm_byte.sandbox.notices import _notice

    lms = Lms("http://localhost:1", "http://127.0.0.1:2", manner="canvas")
    course = copy_course(lms, lms.store.courses["careers"])
    token = lms.keys.sign(_notice(lms, course))
    told = jwt.decode(
        token, lms.keys.current.private.public_key(), algorithms=["RS256"], audience=lms.store.registration.client_id
    )
    assert told[CLAIM + "origin_contexts"] == [lms.store.courses["careers"].id]
    assert told[CLAIM + "context"]["id"] == course.id
    assert told[CLAIM + "notice"]["type"] == COPY


def test_without_a_handler_nobody_is_told():
    lms = Lms("http://localhost:1", "http://127.0.0.1:2", manner="canvas")
    tell_of_copy(lms, lms.store.courses["careers"])
    assert lms.notices_sent == []


# --- groups


@pytest.fixture
def blackboard(running_tool, tool):
    from itpm_byte.sandbox.server import SandboxServer

    with SandboxServer(running_tool.url, manner="blackboard") as lms:
        tool.lms = lms
        yield lms


def test_groups_and_their_sets_are_told_to_who_has_the_scope(blackboard, tool):
    claim = blackboard.claims("lin", "careers", nonce="n")[CLAIM_NAME]
    token = tool.token(GROUPS_SCOPE)

    def read(url, media, **query):
        return tool.request("GET", url, token=token, headers={"Accept": media}, params=query)

    everything = read(claim["context_groups_url"], GROUPS_TYPE).json()["groups"]
    kais = read(claim["context_groups_url"], GROUPS_TYPE, user_id=blackboard.store.person("kai")["id"]).json()["groups"]
    sets = read(claim["context_group_sets_url"], SETS_TYPE).json()["sets"]
    assert [group["name"] for group in everything] == ["Red", "Blue", "Early birds"]
    assert [group["name"] for group in kais] == ["Red"]
    assert sets == [{"id": "teams", "name": "Teams"}]
    assert read(claim["context_groups_url"], "text/html").status_code == 406
    assert requests.get(claim["context_groups_url"], headers={"Accept": GROUPS_TYPE}, timeout=20).status_code == 401


def test_moodle_has_no_groups_for_tools(moodle, tool):
    assert CLAIM_NAME not in moodle.claims("lin", "careers", nonce="n")
    answer = tool.request("GET", f"{moodle.url}/lti/courses/2/groups/", headers={"Accept": GROUPS_TYPE})
    assert answer.status_code == 404
