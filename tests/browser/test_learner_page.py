"""A teacher looks at one learner and arranges something, in the frame, by keyboard."""

import os
import re

import pytest
from playwright.sync_api import Frame, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

KEY = "from lti.models import PlatformUser; print(PlatformUser.objects.get(name='Lin Tran').pk)"


def frame_of(page: Page) -> Frame:
    frame = page.frame(url=re.compile("/l/"))
    assert frame is not None
    return frame


def is_fine(page: Page, name: str) -> bool:
    """Nothing that axe minds in the frame, all folded things open, and nothing wider than the frame."""
    frame = frame_of(page)
    frame.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    if os.environ.get("PICTURES"):
        page.screenshot(path=f"{os.environ['PICTURES']}/{name}.png", full_page=True)
    assert (axe.minds(frame), walk.overflow(frame)) == ([], 0)
    return True


def test_a_teacher_gives_an_attempt_by_keyboard_and_finds_it_in_the_history(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch
):
    lin = walk.new_page(browser(width=1280))
    walk.enter(lin, lms, walk.LIN)
    walk.answer(walk.open_in_frame(lin, lms), walk.WRONG)
    page = walk.new_page(browser(width=1280))
    walk.enter(page, lms, walk.ADA)
    walk.open_in_frame(page, lms)
    frame = frame_of(page)
    frame.goto(re.sub(r"(/l/[^/]+/).*", rf"\1room/learners/{tool.python(KEY)}/", frame.url))
    expect(frame.get_by_role("heading", level=1, name="Lin Tran")).to_be_visible()
    assert is_fine(page, "learner-1280")

    frame.get_by_role("spinbutton", name="More attempts").first.fill("2")
    page.keyboard.press("Tab")
    page.keyboard.type("Was ill")
    page.keyboard.press("Enter")

    expect(frame.get_by_role("status")).to_contain_text("Done.")
    expect(frame.get_by_role("row", name=re.compile("Gave more attempts.*Was ill"))).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    assert is_fine(page, "learner-360-dark")
    assert watch.unexpected == []
