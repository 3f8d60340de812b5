"""The sandbox LMS is a newcomer's first impression: every page fits a small phone, in light and dark."""

from urllib.parse import urljoin

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

GRADES = walk.CAREERS + "grades/"
PAGES = ["/", walk.CAREERS, walk.CAREERS + "add/", walk.ALONE, GRADES, "/faults/", "/nowhere/"]


def test_every_page_of_the_sandbox_fits_and_has_nothing_that_axe_minds(
    browser: OpenBrowser, lms: SandboxServer, watch: Watch
):
    watch.expected = ["/nowhere/"]
    lms.store.change_grade(
        "lin", "careers", score=7.5, comment="Well done", received_at="2026-11-23T10:00:00.000+00:00"
    )
    lms.faults.add("scores", times=2)
    page = walk.new_page(browser())
    page.goto(lms.url)
    found = [(lms.url, what) for what in axe.wrong(page, narrow=320)]
    walk.enter_by_its_page(page, lms, walk.ADA)
    for path in PAGES:
        page.goto(urljoin(lms.url, path))
        if path == GRADES:
            page.locator("summary").first.click()
        found += [(path, what) for what in axe.wrong(page, narrow=320)]
    assert found == []
    assert watch.unexpected == []


def test_without_scripts_a_button_brings_the_activity_and_the_gradebook_says_to_reload(
    browser: OpenBrowser, lms: SandboxServer
):
    page = walk.new_page(browser(java_script_enabled=False))
    walk.enter_by_its_page(page, lms, walk.LIN)
    page.goto(urljoin(lms.url, walk.FRAMED))
    frame = page.frame_locator("#contentframe")
    # To the tool; to the LMS itself, so that its Lax cookie comes along; to the tool with the token.
    for address in ("/lti/login/", "/lti/auth/", "/lti/launch/"):
        frame.locator(f'form[action$="{address}"]').get_by_role("button", name="Continue").click()
    frame.get_by_role("heading", level=1, name="IT Project Manager").wait_for()
    page.goto(urljoin(lms.url, GRADES))
    assert page.locator("noscript p").inner_text() == "Reload the page to see new grades."
    assert page.locator("[data-fresh]").is_hidden()
