"""Platform storage is off unless the LMS has it or a tester says so; the page and the control calls switch it."""

import re
from urllib.parse import urljoin

import pytest

ACTIVITY = "/courses/careers/activities/29/"


def page(lms, browser, path=ACTIVITY):
    lms.enter(browser, "lin")
    return browser.get(urljoin(lms.url, path), timeout=20).text


def test_an_lms_without_storage_says_nothing_of_it_and_its_page_answers_nothing(moodle, browser):
    assert "lti_storage_target" not in moodle.login_form("lin", "careers")
    assert "storage.js" not in page(moodle, browser)


def test_canvas_names_a_frame_at_login_and_has_it_in_the_page(canvas, browser):
    assert canvas.login_form("lin", "careers")["lti_storage_target"] == "post_message_forwarding"
    assert re.findall(r'<iframe name="([^"]*)"', page(canvas, browser)) == ["post_message_forwarding"]


def test_the_tester_chooses_where_and_how_well_and_a_reset_forgets_it(moodle, browser):
    form = page(moodle, browser, "/storage/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
    chosen = {"csrfmiddlewaretoken": token, "target": "_parent", "mood": "late"}
    browser.post(f"{moodle.url}/storage/", data=chosen | {"is_declared": "on"}, timeout=20)

    assert moodle.remember() == {"target": "_parent", "mood": "late", "is_declared": True}
    assert moodle.login_form("lin", "careers")["lti_storage_target"] == "_parent"
    assert 'data-mood="late"' in page(moodle, browser)

    browser.post(f"{moodle.url}/storage/", data=chosen, timeout=20)
    assert "lti_storage_target" not in moodle.login_form("lin", "careers")

    moodle.reset()
    assert moodle.remember() == {"target": "", "mood": "honest", "is_declared": True}


@pytest.mark.parametrize("change", [{"mood": "sleepy"}, {"cake": 1}])
def test_a_storage_that_cannot_be_is_refused(moodle, change):
    with pytest.raises(ValueError, match="No such storage"):
        moodle.remember(**change)
    assert moodle.remember()["mood"] == "honest"


def test_where_a_browser_keeps_no_cookie_of_the_lms_somebody_may_count_as_sitting_there(moodle, browser):
    moodle.sit("lin")
    assert "Lin Tran" in browser.get(urljoin(moodle.url, ACTIVITY), timeout=20).text
    moodle.sit("")
    assert browser.get(urljoin(moodle.url, ACTIVITY), timeout=20).url == moodle.url + "/"
