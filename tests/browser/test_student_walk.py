"""A student's whole way in a real browser: from the LMS's log-in to the grade in its gradebook."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 780, "device_scale_factor": 2}


def test_a_student_reads_answers_rates_and_sees_the_grade_in_the_frame_without_third_party_cookies(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    context = browser("third-party-blocked", **PHONE)
    page = walk.new_page(context)
    walk.enter_by_its_page(page, lms, walk.LIN)
    page.get_by_role("link", name="Careers 101").click()
    page.get_by_role("link", name="IT Project Manager", exact=True).click()
    byte = page.frame_locator("#contentframe")
    expect(byte.locator(".who")).to_contain_text("You are Lin Tran, in Careers 101")

    _read(byte)
    walk.choose(byte, walk.RIGHT)
    walk.check_button(byte).click()
    expect(walk.result(byte)).to_be_focused()
    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    walk.rate(byte, "Agree", "Now I know what an ITPM does.")
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")

    gradebook = context.new_page()
    gradebook.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
    expect(walk.mark(gradebook, "29-lin")).to_have_text("10")
    assert watch.unexpected == []
    assert watch.origins == {lms.url, tool.url}
    assert lms.journal.refusals == []
    assert {cookie["partitionKey"] for cookie in context.cookies(tool.url)} == {"http://localhost"}


def test_the_grade_appears_in_an_open_gradebook_by_itself(browser: OpenBrowser, lms: SandboxServer, watch: Watch):
    context = browser()
    page, gradebook = walk.new_page(context), context.new_page()
    walk.enter(page, lms, walk.LIN)
    gradebook.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
    expect(walk.mark(gradebook, "29-lin")).to_have_text("–")

    page.bring_to_front()
    walk.answer(walk.open_in_frame(page, lms), walk.RIGHT)
    gradebook.bring_to_front()

    expect(walk.mark(gradebook, "29-lin")).to_have_text("10")
    assert watch.unexpected == []


def test_where_all_cookies_are_refused_the_byte_opens_in_a_window_of_its_own_up_to_the_grade(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    context = browser("refused", width=360, height=780)
    watch.expected = ["401"]  # after a reload the page shows its token only when it is asked for
    page = walk.new_page(context)
    walk.enter(page, lms, walk.LIN)
    page.goto(urljoin(lms.url, walk.FRAMED))
    offer = page.frame_locator("#contentframe").get_by_role("link", name="Open in a new window")
    with context.expect_page() as opened:
        offer.click()
    byte = opened.value
    expect(byte.locator(".who")).to_contain_text("You are Lin Tran, in Careers 101")

    walk.answer(byte, walk.WRONG)
    byte.get_by_role("link", name="Try again").click()
    walk.answer(byte, walk.RIGHT)
    walk.rate(byte, "Strongly agree")
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
    byte.reload()
    expect(walk.result(byte)).to_be_visible()

    page.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
    expect(walk.mark(page, "29-lin")).to_have_text("10")
    assert watch.unexpected == []
    assert watch.origins == {lms.url, tool.url}
    assert context.cookies(tool.url) == []


def test_reading_and_answering_work_without_javascript_and_without_third_party_cookies(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    context = browser("third-party-blocked", width=360, height=780, java_script_enabled=False)
    page = walk.new_page(context)
    walk.enter(page, lms, walk.LIN)
    page.goto(urljoin(lms.url, walk.FRAMED))
    byte = page.frame_locator("#contentframe")
    for step in (f"{tool.url}/lti/login/", "/lti/auth/", f"{tool.url}/lti/launch/"):
        expect(byte.locator("#posting")).to_have_attribute("action", step)
        byte.get_by_role("button", name="Continue").click()
    expect(byte.locator(".who")).to_contain_text("You are Lin Tran, in Careers 101")

    walk.choose(byte, walk.WRONG)
    walk.check_button(byte).click()

    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    byte.get_by_role("link", name="Try again").click()
    expect(walk.check_button(byte)).to_be_visible()
    byte.get_by_role("radio", name="Agree", exact=True).check()
    byte.get_by_role("button", name="Send my answer").click()
    expect(byte.locator("#rating .notice.is-good")).to_be_visible()
    assert watch.unexpected == []


def _read(byte: FrameLocator | Page) -> None:
    """Reading on makes the progress grow, a reading time later."""
    for section in ("day", "love-it"):
        before = walk.parts_read(byte)
        byte.locator(f"#{section}").scroll_into_view_if_needed()
        byte.locator(f"#{section}").evaluate("part => part.scrollIntoView()")
        expect(byte.locator(".meter-words")).not_to_have_text(f"{before} of 11 parts read")
        assert walk.parts_read(byte) > before
