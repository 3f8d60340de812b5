"""The tests' way in, closed to everybody else."""

import pytest
import requests

from itpm_byte.sandbox.manners import CLAIM


@pytest.mark.parametrize("headers", [{}, {"X-Sandbox-Control": "guess"}])
@pytest.mark.parametrize("name", ["store", "reset", "sign", "log", "change"])
def test_without_the_control_token_there_is_nothing(moodle, name, headers):
    answer = requests.post(f"{moodle.url}/control/{name}", json={}, headers=headers, timeout=20)
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


def test_the_store_shows_everything_but_the_private_key(moodle):
    kept = moodle.store.all()
    assert sorted(kept) == [
        "courses",
        "enrolments",
        "grades",
        "groups",
        "line_items",
        "links",
        "people",
        "registration",
    ]
    assert "PRIVATE KEY" not in str(kept)


def test_rows_can_be_changed_and_made(moodle):
    moodle.store.change_link("careers", title="Renamed", custom={})
    moodle.store.enrol("max", "careers")
    claims = moodle.claims("max", "careers", nonce="n")
    assert claims[CLAIM + "resource_link"]["title"] == "Renamed"
    assert claims[CLAIM + "custom"] == {}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("change", {"room": "links", "key": "careers", "changes": {"colour": "red"}}),
        ("change", {"room": "kitchen", "key": "careers", "changes": {}}),
        ("change", {"room": "grades", "key": "new", "changes": {}}),
        ("begin", {"person": "nobody", "link": "careers"}),
        ("bend", {"hint": "unknown"}),
        ("claims", {"person": "lin", "link": "unknown", "nonce": "n"}),
        ("connect", {"colour": "red"}),
    ],
)
def test_what_cannot_be_done_is_said(moodle, name, body):
    with pytest.raises(ValueError):
        moodle.call(name, **body)


def test_a_grade_of_a_link_without_column_cannot_be_changed(moodle):
    moodle.store.change_line_item("careers", is_deleted=True)
    with pytest.raises(KeyError, match="no grade column"):
        moodle.store.change_grade("lin", "careers", overridden=1)
    with pytest.raises(KeyError, match="no grade column"):
        moodle.store.change_line_item("careers", tag="x")
    assert moodle.store.grade("lin", "careers") is None


def test_reset_is_the_first_day_again(moodle, tool):
    first = moodle.store.all()
    tool.send_score()
    moodle.store.unenrol("kai", "careers")
    moodle.faults.add("scores")
    moodle.shift_clock(500)
    moodle.reset()
    assert moodle.store.all() == first
    assert moodle.faults.planned == []
    assert moodle.journal.entries() == []


def test_the_tool_can_move(moodle, tool):
    moodle.connect_tool("http://127.0.0.1:4321")
    assert moodle.store.registration["login_url"] == "http://127.0.0.1:4321/lti/login/"
    assert moodle.login_form("lin", "careers")["target_link_uri"] == "http://127.0.0.1:4321/lti/launch/"
    moodle.reset(tool.url)
    assert moodle.store.registration["login_url"] == f"{tool.url}/lti/login/"


def test_the_clock_can_be_shifted(moodle):
    now = moodle.claims("lin", "careers", nonce="n")["iat"]
    moodle.shift_clock(-3600)
    assert now - 3605 < moodle.claims("lin", "careers", nonce="n")["iat"] < now - 3500


def test_the_addresses_are_those_the_server_said(lms):
    assert lms.call("addresses") == {
        "url": lms.url,
        "manner": lms.manner,
        "issuer": lms.issuer,
        "client_id": lms.client_id,
        "deployment_id": lms.deployment_id,
        "auth_url": lms.auth_url,
        "token_url": lms.token_url,
        "jwks_url": lms.jwks_url,
        "audience": "",
        "algorithm": "RS256",
        "product": lms.manner,
        "any_azp": False,
    }
