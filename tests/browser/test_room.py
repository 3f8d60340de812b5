"""Ada in the instructor's room, in a real browser's frame: reads, narrows, sorts, refreshes, resends, downloads."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests import shapes
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

FAIL = "from lti.models import Score; print(Score.objects.update(state='failed', last_error='not_in_course'))"
ASK = (
    "from django.utils import timezone; from itpm_byte.learning.models import *; seat = Progress.objects.get(); "
    "SupportRequest.objects.create(placement=seat.placement, learner=seat.learner, message='What is a milestone?', "
    "created_at=timezone.now())"
)
# Each width and each scheme once: what there is to see of these pages depends on the one or the other.
SIZES = ((1280, "light", ""), (360, "dark", "-phone"))
# What the pages for teachers show.
PICTURES = {"overview", "overview-phone", "grades", "questions", "settings", "whose-grades"}


def looks_well(page: Page, folder: Path, name: str) -> None:
    """Nothing that axe minds in the frame, nothing wider than it, wide and narrow, light and dark."""
    for width, scheme, ending in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tool = page.frame(url=lambda url: "/l/" in url)
        assert tool is not None
        assert (axe.minds(tool), walk.overflow(tool)) == ([], 0)
        is_shown = name + ending in PICTURES and os.environ.get("SCREENSHOTS")
        if is_shown or os.environ.get("LOOK"):
            page.screenshot(path=folder / f"{name}{ending}.png", animations="disabled")
    page.set_viewport_size({"width": 1280, "height": 900})


def names(room: FrameLocator) -> list[str]:
    return [name.strip() for name in room.locator(".reports-table tbody th bdi").all_inner_texts()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("SCREENSHOTS") or os.environ.get("LOOK") or tmp_path)


def test_ada_sees_who_did_what_and_mends_what_went_wrong(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch, folder: Path
):
    lin = walk.new_page(browser(width=1280))
    walk.enter(lin, lms, walk.LIN)
    byte = walk.open_in_frame(lin, lms)
    walk.answer(byte, walk.WRONG)
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
    assert tool.python(FAIL) == "1"
    tool.python(ASK)

    page = walk.new_page(browser(width=1280))
    walk.enter(page, lms, walk.ADA)
    room = walk.open_in_frame(page, lms)
    expect(room.get_by_text("1 grade is not in the gradebook")).to_be_visible()
    page.reload()
    expect(room.get_by_text(re.compile("People as Moodle listed them"))).to_be_visible()
    assert walk.LIN in names(room)
    looks_well(page, folder, "overview")

    room.get_by_label("Name or e-mail").fill("lin")
    room.get_by_label("Name or e-mail").press("Enter")
    expect(room.locator(".reports-table caption")).to_have_text("1 learner")
    assert names(room) == [walk.LIN]
    with page.expect_download() as started:
        room.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"careers-101-it-project-manager-roster-\d{4}-\d\d-\d\d\.csv", started.value.suggested_filename)
    rows = list(csv.reader(io.StringIO(Path(started.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["Learner", walk.LIN]

    room.get_by_role("link", name="Show all").click()
    expect(room.locator(".reports-table caption")).not_to_have_text("1 learner")
    room.get_by_role("link", name="Score", exact=True).press("Enter")
    expect(room.locator("th[aria-sort=ascending]")).to_have_text("Score")
    assert names(room)[0] == walk.LIN
    room.get_by_role("button", name="Refresh").click()
    expect(room.locator("th[aria-sort=ascending]")).to_have_text("Learner")
    expect(room.locator("#freshness")).to_contain_text(re.compile("on its way|less than a minute|listed them"))

    room.get_by_role("link", name="1 grade is not in the gradebook").click()
    expect(room.get_by_role("heading", level=1, name="Grades of")).to_be_visible()
    expect(room.locator(".is-advice")).to_contain_text("Enrol")
    looks_well(page, folder, "grades")
    room.get_by_role("button", name="Resend Lin Tran").press("Enter")
    expect(room.get_by_role("status").first).to_contain_text("On its way again.")
    expect(page.frame_locator("#contentframe").locator("body")).not_to_contain_text("Resend 1 failed grade")
    room.get_by_role("button", name="Resend all").click()
    expect(room.get_by_role("heading", level=1, name="Resend 1 grade?")).to_be_visible()
    room.get_by_role("link", name="Cancel").click()
    expect(room.get_by_role("heading", level=1, name="Grades of")).to_be_visible()

    room.get_by_role("link", name="Questions").click()
    expect(room.get_by_role("heading", level=1, name="Questions of")).to_be_visible()
    expect(room.get_by_text("Right at the first try: 0 of 1")).to_be_visible()
    looks_well(page, folder, "questions")
    room.get_by_role("link", name="Feedback").click()
    expect(room.get_by_role("heading", level=1, name="Feedback on")).to_be_visible()
    room.get_by_role("button", name=f"Mark the request of {walk.LIN} as answered").press("Enter")
    expect(room.get_by_role("status")).to_have_text("Saved.")
    looks_well(page, folder, "voices")

    room.get_by_role("link", name="Preview as learner").click()
    expect(room.locator(".preview")).to_be_visible()
    room.locator(".preview").get_by_role("link", name="Overview").click()
    expect(room.get_by_role("heading", level=1, name="Overview of")).to_be_visible()
    assert watch.unexpected == []
    kept = [cookie["value"] for cookie in page.context.cookies(tool.url) if "lti_launch" in cookie.get("name", "")]
    assert kept
    assert not [url for url in watch.urls if shapes.has_signed(url) or "token=" in url]
    assert [url for url in watch.urls for value in kept if value in url] == []
