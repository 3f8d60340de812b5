"""The testers' page does what its buttons say."""

import re

import pytest
import requests


def press(lms, browser, **fields):
    lms.enter(browser, "lin")
    page = browser.get(f"{lms.url}/faults/", timeout=20).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return browser.post(f"{lms.url}/faults/", data={"csrfmiddlewaretoken": token} | fields, timeout=20)


def test_a_fault_is_planned_and_shown(moodle, browser):
    page = press(moodle, browser, action="add", endpoint="scores", kind="too-many", times="2", retry_after="9")
    assert page.status_code == 200
    assert "2 times" in page.text
    (fault,) = moodle.faults.planned
    assert (fault["endpoint"], fault["kind"], fault["times"], fault["retry_after"]) == ("scores", "too-many", 2, "9")


def test_all_services_can_be_taken_down_and_brought_back(moodle, tool, browser):
    token = tool.token()
    press(moodle, browser, action="down")
    with pytest.raises(requests.ConnectionError):
        tool.request("GET", tool.address("careers"), token=token)
    with pytest.raises(requests.ConnectionError):
        tool.ask_token()
    page = press(moodle, browser, action="clear")
    assert "in good health" in page.text
    assert tool.send_score().status_code == 200


def test_the_key_can_be_changed_and_tokens_forgotten(moodle, tool, browser):
    before, token = requests.get(moodle.jwks_url, timeout=20).json(), tool.token()
    press(moodle, browser, action="rotate")
    assert requests.get(moodle.jwks_url, timeout=20).json() != before
    press(moodle, browser, action="forget")
    assert tool.request("DELETE", tool.address("careers"), token=token).status_code == 401


@pytest.mark.parametrize("fields", [{"endpoint": "cake", "kind": "status"}, {"endpoint": "scores", "kind": "cake"}])
def test_what_cannot_be_planned_is_said(moodle, browser, fields):
    answer = press(moodle, browser, action="add", **fields)
    assert answer.status_code == 400
    assert "Unknown" in answer.text


def test_the_tools_latest_requests_are_listed(moodle, tool, browser):
    tool.send_score(timestamp="yesterday")
    page = press(moodle, browser, action="clear").text
    assert "POST scores" in page
    assert "Incorrect score received" in page


def test_it_is_for_people_inside(moodle, browser):
    answer = browser.get(f"{moodle.url}/faults/", allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
