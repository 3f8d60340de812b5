"""Faults happen where and as often as planned, and the journal tells what really happened."""

import threading

import pytest
import requests

from itpm_byte.sandbox.manners import AGS_CLAIM
from itpm_byte.sandbox.server import SandboxServer

STATUS = [("token", 500), ("scores", 503), ("results", 502), ("lineitems", 503), ("roster", 500), ("jwks", 503)]


def call(lms, tool, endpoint):
    """One plain request to an endpoint; what it would say when healthy does not matter here."""
    if endpoint == "token":
        return tool.ask_token()
    if endpoint == "jwks":
        return requests.get(lms.jwks_url, timeout=20)
    if endpoint == "auth":
        return requests.get(lms.auth_url, timeout=20)
    claims = lms.claims("lin", "careers", nonce="n")
    services = {
        "scores": tool.address("careers", "/scores"),
        "results": tool.address("careers", "/results"),
        "lineitem": tool.address("careers"),
        "lineitems": claims[AGS_CLAIM]["lineitems"],
        "roster": claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]["context_memberships_url"],
    }
    return requests.get(services[endpoint], timeout=20)


@pytest.mark.parametrize(("endpoint", "status"), [*STATUS, ("auth", 503), ("lineitem", 503)])
def test_a_status_comes_as_often_as_planned(lms, tool, endpoint, status):
    healthy = call(lms, tool, endpoint).status_code
    lms.faults.add(endpoint, status=status, times=2)
    assert [call(lms, tool, endpoint).status_code for _ in range(3)] == [status, status, healthy]
    assert lms.faults.planned == []


def test_a_fault_without_times_lasts_until_it_is_cleared(moodle, tool):
    moodle.faults.add("jwks")
    assert [call(moodle, tool, "jwks").status_code for _ in range(3)] == [503, 503, 503]
    moodle.faults.clear()
    assert call(moodle, tool, "jwks").status_code == 200


def test_nothing_is_stored_when_a_status_says_so(moodle, tool):
    moodle.faults.add("scores", times=1)
    assert tool.send_score().status_code == 503
    assert moodle.store.grade("lin", "careers") is None
    assert moodle.journal.entries("scores")[0]["fault"] == "status"


@pytest.mark.parametrize("after", ["7", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_too_many_requests_say_when_to_come_back(moodle, tool, after):
    moodle.faults.add("scores", "too-many", retry_after=after, times=1)
    answer = tool.send_score()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, after)


def test_a_status_may_carry_retry_after_too(moodle, tool):
    moodle.faults.add("scores", status=503, retry_after="9", times=1)
    assert tool.send_score().headers["Retry-After"] == "9"


def test_the_rate_limit_of_canvas_is_a_403(canvas, tool):
    canvas.faults.add("scores", "rate-limit", times=1)
    answer = tool.send_score()
    assert (answer.status_code, answer.text) == (403, "403 Forbidden (Rate Limit Exceeded)\n")
    assert answer.headers["X-Rate-Limit-Remaining"] == "0.0"


def test_a_reset_loses_the_request(moodle, tool):
    moodle.faults.add("scores", "reset", times=1)
    with pytest.raises(requests.ConnectionError):
        tool.send_score()
    assert moodle.store.grade("lin", "careers") is None


def test_a_reset_after_processing_loses_only_the_answer(moodle, tool):
    moodle.faults.add("scores", "reset-after", times=1)
    with pytest.raises(requests.ConnectionError):
        tool.send_score()
    assert moodle.store.grade("lin", "careers")["score"] == 10
    (entry,) = moodle.journal.entries("scores")
    assert (entry["status"], entry["fault"]) == (200, "reset-after")


def test_a_hang_outlasts_the_patience_of_the_client(moodle):
    moodle.faults.add("jwks", "hang", times=1, seconds=60)
    with pytest.raises(requests.ReadTimeout):
        requests.get(moodle.jwks_url, timeout=0.3)
    moodle.faults.clear()


@pytest.mark.parametrize(("kind", "stored"), [("hang", False), ("hang-after", True)])
def test_a_hang_ends_when_faults_are_cleared(moodle, tool, kind, stored):
    moodle.faults.add("scores", kind, times=1, seconds=60)
    ended = []

    def wait():
        try:
            tool.send_score()
        except requests.ConnectionError:
            ended.append("cut off")

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not moodle.journal.entries("scores"):
        pass  # until the request has arrived; the journal is written before the silence
    moodle.faults.clear()
    waiting.join(timeout=20)
    assert ended == ["cut off"]
    assert (moodle.store.grade("lin", "careers") is not None) == stored


def test_the_token_endpoint_can_answer_with_an_html_page(canvas, tool):
    canvas.faults.add("token", "html", times=1)
    answer = tool.ask_token()
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_keys_can_be_garbage_or_none(moodle):
    moodle.faults.add("jwks", "garbage", times=1)
    moodle.faults.add("jwks", "empty", times=1)
    with pytest.raises(ValueError):
        requests.get(moodle.jwks_url, timeout=20).json()
    assert requests.get(moodle.jwks_url, timeout=20).json() == {}
    assert len(requests.get(moodle.jwks_url, timeout=20).json()["keys"]) == 1


def test_services_stand_for_all_with_a_token_and_for_nothing_else(moodle, tool):
    token = tool.token()
    moodle.faults.add("services")
    for endpoint in ("scores", "results", "lineitem", "lineitems", "roster"):
        assert call(moodle, tool, endpoint).status_code == 503
    assert tool.ask_token().status_code == 200
    assert token


def test_everything_stands_for_everything_but_the_pages(moodle, tool, browser):
    moodle.faults.add("everything")
    assert call(moodle, tool, "jwks").status_code == 503
    assert call(moodle, tool, "auth").status_code == 503
    assert browser.get(moodle.url, timeout=20).status_code == 200


def test_unknown_endpoints_and_kinds_are_refused_in_words(moodle):
    with pytest.raises(ValueError, match="Unknown endpoint 'cake'"):
        moodle.faults.add("cake")
    with pytest.raises(ValueError, match="Unknown kind 'cake'"):
        moodle.faults.add("scores", "cake")
    assert moodle.faults.planned == []


def test_a_stopped_lms_refuses_connections_and_comes_back_where_it_was(tool, tmp_path):
    with SandboxServer(tool.url, state=tmp_path / "state.json") as lms:
        tool.lms = lms
        tool.send_score()
        address, key = lms.url, requests.get(lms.jwks_url, timeout=20).json()
        lms.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(address, timeout=20)
        lms.start()
        assert lms.url == address
        assert requests.get(lms.jwks_url, timeout=20).json() == key
        assert lms.store.grade("lin", "careers")["score"] == 10
