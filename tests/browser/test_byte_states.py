"""The Byte's page in each of its states: axe minds nothing, nothing overflows or jumps, targets are big enough."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, Route, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.live import LiveTool

pytestmark = pytest.mark.browser

# Width and height in CSS pixels: a desktop, a phone, a small phone, and 1280 × 1024 at 400 % zoom.
SCREENS = [(1280, 1000), (360, 780), (320, 568), (320, 256)]
PLACEMENT = "from itpm_byte.learning.models import Placement as P; from django.utils import timezone as t; P.objects"
BYTES = "from itpm_byte.content.models import Byte as B; B.objects"
LAUNCHES = "from lti.models import Launch as L; L.objects"
SCORES = "from lti.models import Score as S; from django.utils import timezone as t; S.objects"

SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), textarea")]
  .filter((target) => target.checkVisibility() && !target.closest("p, .skip"))
  .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24).map(([html]) => html)"""
HEIGHTS = "() => [...document.querySelectorAll('[data-part]')].map((part) => part.getBoundingClientRect().height)"
MOVING = """() => [...document.querySelectorAll("*")]
  .filter((one) => parseFloat(getComputedStyle(one).transitionDuration)).length"""


@pytest.fixture
def page(browser: OpenBrowser, lms: SandboxServer) -> Page:
    return walk.new_page(browser())


def look(page: Page) -> None:
    """On every screen, by day and by night."""
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        assert walk.overflow(page) == 0, width
        assert page.evaluate(SMALL_TARGETS) == [], width
    assert axe.by_day_and_night(page) == []
    page.set_viewport_size({"width": 1280, "height": 1000})


def test_from_the_first_look_to_the_last_word_axe_minds_nothing(page: Page, lms: SandboxServer):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    look(page)

    walk.check_button(byte).click()
    expect(byte.locator(".question .error")).to_be_focused()
    look(page)

    walk.answer(byte, walk.WRONG)
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
    byte.locator("#results summary").click()
    look(page)

    byte.get_by_role("link", name="Try again").click()
    walk.answer(byte, walk.RIGHT)
    walk.rate(byte, "Agree", "clear")
    byte.locator("#unclear-quiz summary").click()
    byte.locator("#reason-quiz").fill("Which role?")
    byte.get_by_role("button", name="Tell us").click()
    expect(byte.locator("#unclear-quiz .notice.is-good")).to_be_focused()
    byte.locator("#message").fill("Where do I begin?")
    byte.get_by_role("button", name="Ask for help").click()
    expect(byte.locator("#support .notice.is-good")).to_be_focused()
    look(page)

    address = walk.make_receipt(byte, name=True)
    look(page)
    page.goto(address)
    expect(page.get_by_role("heading", name="This receipt is genuine")).to_be_visible()
    look(page)


def test_from_right_to_left_with_few_attempts_and_a_due_date_and_closed(page: Page, lms: SandboxServer, tool: LiveTool):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    try:
        soon = "t.now() + t.timedelta(days=2)"
        tool.python(f"{BYTES}.update(language='ar'); {LAUNCHES}.update(locale='ar')")
        tool.python(f"{PLACEMENT}.update(attempts_allowed=3, due_at={soon})")
        byte.reload()
        expect(byte.locator("html")).to_have_attribute("dir", "rtl")
        expect(byte.locator("#quiz .help")).to_contain_text("بقيت لك 3 محاولات من 3.")
        look(page)
        tool.python(f"{PLACEMENT}.update(closes_at=t.now())")
        byte.reload()
        expect(byte.locator("#results")).to_contain_text("هذا النشاط مغلق")
        look(page)
    finally:
        tool.python(f"{BYTES}.update(language='en')")


def test_french_words_around_an_arabic_byte(page: Page, lms: SandboxServer, tool: LiveTool):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    try:
        tool.python(f"{BYTES}.update(language='ar'); {LAUNCHES}.update(locale='fr-CA')")
        byte.reload()
        expect(byte.locator("html")).to_have_attribute("lang", "fr")
        expect(byte.locator("main")).to_have_attribute("dir", "rtl")
        walk.choose(byte, walk.WRONG)
        byte.get_by_role("button", name="Vérifier ma réponse").click()
        expect(walk.result(byte)).to_contain_text("Pas tout à fait")
        look(page)
    finally:
        tool.python(f"{BYTES}.update(language='en')")


def test_a_grade_that_could_not_be_sent_and_no_attempt_left(page: Page, lms: SandboxServer, tool: LiveTool):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    tool.python(f"{PLACEMENT}.update(attempts_allowed=1)")
    walk.answer(byte, walk.WRONG)
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
    tool.python(f"{SCORES}.update(state='failed', last_error='not_in_course')")
    byte.reload()

    expect(byte.locator("#results")).to_contain_text("You have used all your attempts.")
    look(page)
    byte.get_by_role("button", name="Send again").click()
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")


def test_that_the_grade_has_arrived_is_told_to_those_who_hear_the_page(page: Page, lms: SandboxServer, tool: LiveTool):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    walk.answer(byte, walk.RIGHT)
    expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
    tool.python(f"{SCORES}.update(state='due', next_try_at=t.now() + t.timedelta(days=1))")
    byte.reload()
    expect(walk.grade(byte)).to_have_attribute("data-state", "waiting")
    expect(byte.locator("#news")).to_have_text("")

    tool.python(f"{SCORES}.update(state='sent')")

    expect(byte.locator("#news")).to_contain_text("Your score: 1 of 1. Your grade is in the gradebook.")


def test_a_teachers_preview(page: Page, lms: SandboxServer):
    walk.enter(page, lms, walk.ADA)
    byte = walk.open_alone(page, lms)
    page.get_by_role("link", name="Preview as learner").click()
    expect(byte.locator(".preview")).to_be_visible()
    walk.answer(byte, walk.WRONG)
    look(page)


@pytest.mark.parametrize("path", ["", "nothing-here/"])
def test_the_front_page_and_an_error_page(page: Page, tool: LiveTool, path: str):
    page.goto(urljoin(tool.url, path))
    look(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_jumps_when_pictures_arrive(browser: OpenBrowser, lms: SandboxServer, width: int):
    page = walk.new_page(browser(width=width))
    walk.enter(page, lms, walk.LIN)
    on_their_way: list[Route] = []
    page.route(re.compile(r"/p/[0-9a-f]{64}"), lambda picture: on_their_way.append(picture))
    page.goto(urljoin(lms.url, walk.ALONE + "launch/"), wait_until="domcontentloaded")
    expect(page.locator("#support form")).to_be_visible()
    before = page.evaluate(HEIGHTS)

    for picture in on_their_way:
        picture.continue_()
    page.unroute_all()
    for part in page.locator("[data-part]").all():
        part.scroll_into_view_if_needed()
        expect(part.locator("img").first).to_have_js_property("complete", True)

    assert on_their_way != []
    assert page.evaluate(HEIGHTS) == before


def test_in_forced_colours_the_chosen_card_still_shows(browser: OpenBrowser, lms: SandboxServer):
    page = walk.new_page(browser(forced_colors="active"))
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    walk.choose(byte, walk.RIGHT)

    outlines = {
        name: byte.locator(".option", has_text=name).first.evaluate("card => getComputedStyle(card).outlineStyle")
        for name in (walk.RIGHT, walk.WRONG)
    }
    assert outlines == {walk.RIGHT: "solid", walk.WRONG: "none"}
    look(byte)


def test_on_paper_all_parts_are_there_and_no_controls(page: Page, lms: SandboxServer):
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    page.emulate_media(media="print")

    for part in byte.locator("[data-part]").all():
        expect(part).to_be_visible()
    for control in ("button", "textarea", ".meter", ".skip"):
        assert byte.locator(control).filter(visible=True).count() == 0, control


def test_who_wants_less_motion_gets_none(browser: OpenBrowser, lms: SandboxServer):
    page = walk.new_page(browser(reduced_motion="reduce"))
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)

    assert byte.evaluate(MOVING) == 0
