"""The pictures of the documentation, made anew on each run; `make screenshots` keeps them in docs/images."""

import os
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser

pytestmark = pytest.mark.browser

PICTURES = ("byte-phone", "byte-desktop", "byte-dark", "lms-frame", "picker", "gradebook")
MOST_BYTES = 250_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """SCREENSHOTS from the environment, else a folder that is thrown away."""
    chosen = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def test_the_byte_on_a_phone_and_a_desktop_in_the_frame_and_its_grade_can_be_shown(
    browser: OpenBrowser, lms: SandboxServer, folder: Path
):
    def keep(page: Page, name: str) -> None:
        page.wait_for_function("[...document.images].every((image) => image.loading === 'lazy' || image.complete)")
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    phone = walk.new_page(browser(width=360, height=780, device_scale_factor=2))
    walk.enter(phone, lms, walk.LIN)
    walk.open_alone(phone, lms)
    expect(phone.locator(".meter-words")).to_have_text("1 of 11 parts read")
    keep(phone, "byte-phone")

    page = walk.new_page(browser(width=1280, height=960))
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_in_frame(page, lms)
    expect(byte.locator(".opening img")).to_have_js_property("complete", True)
    keep(page, "lms-frame")
    read_to_the_quiz(walk.open_alone(page, lms, walk.FRAMED))
    show_answer(page)
    keep(page, "byte-desktop")
    page.emulate_media(color_scheme="dark")
    keep(page, "byte-dark")
    expect(walk.grade(page)).to_have_attribute("data-state", "sent")

    page.emulate_media(color_scheme="light")
    walk.enter(page, lms, walk.ADA)
    page.goto(urljoin(lms.url, walk.CAREERS + "add/?select=1"))
    picker = page.frame_locator("#contentframe")
    picker.get_by_label("half for each").check()
    expect(picker.get_by_text("Times are in your own time zone")).to_be_visible()
    keep(page, "picker")

    page.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
    expect(walk.mark(page, "29-lin")).to_have_text("10")
    keep(page, "gradebook")

    sizes = {name: (folder / f"{name}.png").stat().st_size for name in PICTURES}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}


def read_to_the_quiz(byte: Page) -> None:
    """As in a window so tall that one sees all parts before the quiz."""
    size = byte.viewport_size
    assert size
    top_of_quiz = byte.evaluate("document.getElementById('quiz').getBoundingClientRect().top")
    byte.set_viewport_size({"width": size["width"], "height": int(top_of_quiz)})
    expect(byte.locator(".meter-words")).to_have_text("6 of 11 parts read")
    byte.set_viewport_size(size)


def show_answer(byte: Page) -> None:
    """The right answer with its feedback, the four cards above it."""
    walk.answer(byte, walk.RIGHT)
    for picture in walk.question(byte).locator("img").all():
        expect(picture).to_have_js_property("complete", True)
    walk.question(byte).evaluate("panel => { panel.scrollIntoView(); scrollBy(0, 20); }")
