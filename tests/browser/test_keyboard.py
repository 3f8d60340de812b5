"""Lin uses no mouse: everything is reached by Tab, chosen by arrows, sent by Enter, and always to be seen."""

import pytest
from playwright.sync_api import Frame, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

# The element with the focus, and whether a ring is drawn around it or around the card or label that it is part of.
FOCUSED = """() => {
  const element = document.activeElement;
  const ringed = [element, element.closest(".option"), element.closest("label")].filter(Boolean);
  const isRinged = ringed.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const box = element.getBoundingClientRect();
  return {
    name: element.id || element.name || element.textContent.trim(),
    isRinged,
    isInWindow: box.bottom > 0 && box.top < innerHeight,
  };
}"""


def test_the_byte_is_answered_and_rated_by_keyboard_alone_inside_the_course_page(
    browser: OpenBrowser, lms: SandboxServer, watch: Watch
):
    page = walk.new_page(browser(width=1280, height=800))
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_in_frame(page, lms)
    frame = next(frame for frame in page.frames if "/l/" in frame.url)

    tab_to(page, frame, "Skip to the Byte")
    expect(byte.get_by_role("link", name="Skip to the Byte")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(byte.locator("#main")).to_be_focused()

    tab_to(page, frame, "quiz-peter")
    page.keyboard.press("ArrowDown")
    expect(walk.card(byte, "Samantha")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(walk.card(byte, "Peter")).to_be_checked()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(walk.result(byte)).to_be_focused()
    expect(walk.result(byte)).to_contain_text("Yes, Samantha is the best fit!")

    tab_to(page, frame, "rating")
    for _step in range(4):
        page.keyboard.press("ArrowDown")
    expect(byte.get_by_role("radio", name="Strongly agree")).to_be_checked()
    tab_to(page, frame, "comment")
    page.keyboard.type("Clear words.")
    tab_to(page, frame, "Send my answer")
    page.keyboard.press("Enter")
    expect(byte.locator("#rating .notice.is-good")).to_be_focused()
    assert watch.unexpected == []


def test_a_forgotten_choice_is_said_and_focused(browser: OpenBrowser, lms: SandboxServer):
    page = walk.new_page(browser())
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)

    walk.check_button(byte).focus()
    page.keyboard.press("Enter")

    expect(walk.question(byte).locator(".error")).to_be_focused()
    walk.answer(byte, walk.RIGHT)


def tab_to(page: Page, frame: Frame, name: str) -> None:
    """Press Tab until the focus is there; on the way each stop in the Byte shows a ring and is inside the window."""
    for _press in range(40):
        page.keyboard.press("Tab")
        if not frame.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            continue
        focused = frame.evaluate(FOCUSED)
        assert (focused["isRinged"], focused["isInWindow"]) == (True, True), focused
        if focused["name"] == name:
            return
    raise AssertionError(f"Forty times Tab did not lead to {name}.")
