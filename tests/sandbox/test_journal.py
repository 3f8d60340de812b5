"""The journal tells tests what the tool asked, and keeps no secrets."""

import json

import requests

from itpm_byte.sandbox.service import SCORE_TYPE


def test_a_score_is_written_down_with_its_body_and_a_redacted_token(moodle, tool):
    token = tool.token()
    body = json.dumps({"userId": "5"})
    headers = {"Content-Type": SCORE_TYPE}
    tool.request("POST", tool.address("careers", "/scores"), token=token, data=body, headers=headers)
    (entry,) = moodle.journal.entries("scores")
    assert entry["method"] == "POST"
    assert entry["path"] == "/services/2/lineitems/29/lineitem/scores?type_id=9"
    assert entry["headers"]["Authorization"] == "Bearer [redacted]"
    assert entry["headers"]["Content-Type"] == SCORE_TYPE
    assert entry["body"] == {"userId": "5"}
    assert entry["status"] == 400


def test_no_token_and_no_assertion_is_kept(moodle, tool, browser):
    assertion = tool.assertion()
    access_token = tool.ask_token(assertion).json()["access_token"]
    id_token = moodle.launch(browser, "lin", "careers").fields["id_token"]
    tool.send_score()
    kept = json.dumps(moodle.journal.entries())
    assert [secret in kept for secret in (assertion, access_token, id_token)] == [False, False, False]
    assert moodle.journal.entries("token")[0]["body"]["fields"] == [
        "client_assertion",
        "client_assertion_type",
        "grant_type",
        "scope",
    ]


def test_it_can_be_cleared(moodle):
    requests.get(moodle.jwks_url, timeout=20)
    assert len(moodle.journal.entries("jwks")) == 1
    moodle.journal.clear()
    assert moodle.journal.entries() == []


def test_people_on_the_127_address_are_sent_to_localhost(moodle):
    other = moodle.url.replace("localhost", "127.0.0.1")
    answer = requests.get(f"{other}/courses/careers/", allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{moodle.url}/courses/careers/")
    assert requests.get(f"{other}/lti/jwks/", timeout=20).status_code == 200


def test_other_host_names_are_refused(moodle):
    answer = requests.get(moodle.url, headers={"Host": "lms.example.org"}, timeout=20)
    assert answer.status_code == 400
