"""Ada changes what counts, in a real browser's frame: looks first, applies, and the grade goes to the gradebook."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.test_room import looks_well
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("SCREENSHOTS") or os.environ.get("LOOK") or tmp_path)


def test_ada_sees_whose_grade_a_setting_changes_before_it_does(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch, folder: Path
):
    lin = walk.new_page(browser(width=1280))
    walk.enter(lin, lms, walk.LIN)
    byte = walk.open_in_frame(lin, lms)
    walk.answer(byte, walk.WRONG)
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")

    page = walk.new_page(browser(width=1280))
    walk.enter(page, lms, walk.ADA)
    room = walk.open_in_frame(page, lms)
    room.get_by_role("link", name="Settings").first.click()
    expect(room.get_by_role("heading", level=1, name="Settings of")).to_be_visible()
    looks_well(page, folder, "settings")
    room.get_by_label("completing it").check()
    room.get_by_role("button", name="Save").press("Enter")
    expect(room.get_by_role("heading", level=1, name="1 grade would change")).to_be_visible()
    expect(room.get_by_role("row", name=walk.LIN)).to_contain_text("0 of 1")
    looks_well(page, folder, "whose-grades")
    room.get_by_role("button", name="Change something else").press("Enter")
    expect(room.get_by_label("completing it")).to_be_checked()
    room.get_by_role("button", name="Save").press("Enter")
    room.get_by_role("button", name="Apply").press("Enter")
    expect(room.get_by_role("status").first).to_contain_text("on their way to the gradebook")

    room.get_by_role("link", name="Overview", exact=True).click()
    expect(room.get_by_role("heading", level=1, name="Overview of")).to_be_visible()
    assert watch.unexpected == []
