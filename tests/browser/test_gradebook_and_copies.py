"""A teacher's ways in a real browser's frame: from the gradebook to an attempt, and into a copied course."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

GRADES = walk.CAREERS + "grades/"


def is_fine(page: Page) -> bool:
    """Nothing that axe minds in page and frame, and nothing wider than the frame."""
    tool = page.frame(url=lambda url: "/l/" in url)
    assert tool is not None
    assert (axe.minds(page), axe.minds(tool), walk.overflow(tool)) == ([], [], 0)
    return True


def test_a_teacher_looks_at_the_work_from_the_gradebook(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch
):
    lin = walk.new_page(browser(width=1280))
    walk.enter(lin, lms, walk.LIN)
    walk.answer(walk.open_in_frame(lin, lms), walk.WRONG)
    page = walk.new_page(browser(width=360, color_scheme="dark"))
    walk.enter(page, lms, walk.ADA)
    page.goto(urljoin(lms.url, GRADES))

    item = lms.store.line_item("careers")["id"]
    page.locator(f"#grade-{item}-lin").get_by_role("link", name="Look at the work").click()

    work = page.frame_locator("#contentframe")
    expect(work.get_by_role("heading", level=1, name="Attempts of Lin Tran")).to_be_visible()
    expect(work.locator(".review-options .is-chosen")).to_contain_text("Peter")
    assert is_fine(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert is_fine(page)
    assert watch.unexpected == []


def test_a_teacher_is_asked_once_what_a_course_was_copied_from(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch
):
    page = walk.new_page(browser(width=400))
    walk.enter(page, lms, walk.ADA)
    walk.open_in_frame(page, lms)
    page.goto(urljoin(lms.url, walk.CAREERS))
    page.get_by_role("button", name="Copy course").click()
    page.get_by_role("link", name="IT Project Manager", exact=True).click()

    frame = page.frame_locator("#contentframe")
    expect(frame.get_by_role("heading", level=1, name="Is this activity a copy?")).to_be_visible()
    assert is_fine(page)
    frame.get_by_role("button", name="Take its settings").click()

    expect(frame.get_by_role("heading", level=1, name="Settings of")).to_be_visible()
    states = "from itpm_byte.learning.models import Placement; print(*Placement.objects.values_list('copy_state'))"
    assert tool.python(states) == "('none',) ('kept',)"
    page.reload()
    expect(frame.get_by_role("heading", level=1, name="IT Project Manager")).to_be_visible()
    assert watch.unexpected == []
