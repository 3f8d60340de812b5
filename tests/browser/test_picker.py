"""A teacher adds Bytes through the LMS's own picker in a real browser: in its small frame, on a phone, by keyboard."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.chromium import window
from tests.browser.conftest import OpenBrowser, Start
from tests.browser.proxy import CookieEater, cookie_eater
from tests.browser.watch import Watch
from tests.live import LiveTool, running_tool

pytestmark = pytest.mark.browser

ADD = walk.CAREERS + "add/"
SECOND = "tests/content/bytes/second"
LEFT_OPEN = "Who runs IT projects here?"


def begin(page: Page, lms: SandboxServer, name: str = walk.ADA) -> FrameLocator:
    """Up to the picker in its frame."""
    walk.enter(page, lms, name)
    page.goto(urljoin(lms.url, walk.CAREERS))
    page.get_by_role("link", name="Add an activity").click()
    page.get_by_role("link", name="Select content").click()
    return page.frame_locator("#contentframe")


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("ITPM_LOOK"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_teacher_adds_the_byte_and_a_learner_opens_it(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    context = browser(width=360, height=900)
    page = walk.new_page(context)
    picker = begin(page, lms)
    expect(picker.get_by_role("heading", level=1, name="How it works in your course")).to_be_visible()
    picker.get_by_label("Title in the course").fill(LEFT_OPEN)
    picker.get_by_label("Points").fill("20")
    picker.get_by_label("Attempts").fill("3")
    picker.get_by_label("half for each").check()
    shoot(page, "details-in-lms")
    picker.get_by_role("button", name="Add to the course").click()

    expect(page.get_by_label("Activity name")).to_have_value(LEFT_OPEN)
    expect(page.locator("#maximum")).to_have_text("A grade of 20 points at most.")
    expect(page.get_by_label("Custom parameters")).to_contain_text("byte=it-project-manager")
    page.get_by_role("button", name="Save and return to course").click()
    walk.enter(page, lms, walk.LIN)
    page.goto(urljoin(lms.url, walk.CAREERS))
    page.get_by_role("link", name=LEFT_OPEN).click()
    byte = page.frame_locator("#contentframe")
    expect(walk.question(byte)).to_contain_text("You have 3 of 3 attempts left. Half of the grade is for completing")
    assert watch.unexpected == []
    assert watch.origins == {lms.url, tool.url}
    assert lms.journal.refusals == []


def test_canvas_makes_the_activity_at_once(browser: OpenBrowser, tool: LiveTool, watch: Watch):
    with SandboxServer(tool.url, manner="canvas") as canvas:
        tool.manage(
            "register_platform", "--name", "Canvas", "--issuer", canvas.issuer, "--client-id", canvas.client_id,
            "--auth-url", canvas.auth_url, "--token-url", canvas.token_url, "--jwks-url", canvas.jwks_url,
            "--deployment-id", canvas.deployment_id, "--product", "canvas",
        )  # fmt: skip
        page = walk.new_page(browser())
        picker = begin(page, canvas)
        picker.get_by_text("More settings").click()
        picker.get_by_label("It opens").select_option("In a new window")
        picker.get_by_role("button", name="Add to the course").click()

        expect(page).to_have_url(urljoin(canvas.url, walk.CAREERS))
        made = page.locator(".activity").filter(has_text="Opens in a new window").last
        expect(made).to_contain_text("IT Project Manager")
        assert canvas.journal.refusals == []
    assert watch.unexpected == []


def test_cancel_brings_the_teacher_back_with_nothing(browser: OpenBrowser, lms: SandboxServer, watch: Watch):
    page = walk.new_page(browser())
    picker = begin(page, lms)
    picker.get_by_role("button", name="Cancel").click()

    expect(page.locator("#nothing")).to_have_text("Nothing was chosen.")
    assert watch.unexpected == []
    assert lms.journal.refusals == []


def test_without_javascript_buttons_do_it_all(browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch):
    page = walk.new_page(browser(width=360, height=780, java_script_enabled=False))
    frame = begin(page, lms)
    for step in (f"{tool.url}/lti/login/", "/lti/auth/", f"{tool.url}/lti/launch/"):
        expect(frame.locator("#posting")).to_have_attribute("action", step)
        frame.get_by_role("button", name="Continue").click()
    expect(frame.get_by_text("Times are in UTC.")).to_be_visible()
    frame.get_by_label("Due").fill("2026-12-01T09:00")
    frame.get_by_role("button", name="Add to the course").click()
    frame.get_by_role("button", name="Continue to your course").click()
    frame.get_by_role("link", name="Back to the course").click()

    expect(page.get_by_label("Activity name")).to_have_value("IT Project Manager")
    assert watch.unexpected == []
    assert lms.journal.refusals == []


def test_times_are_the_teachers_own_and_utc_for_the_lms(browser: OpenBrowser, lms: SandboxServer, watch: Watch):
    """DL-17."""
    page = walk.new_page(browser(timezone_id="America/Toronto"))
    picker = begin(page, lms)
    expect(picker.get_by_text("Times are in your own time zone (America/Toronto).")).to_be_visible()
    picker.get_by_label("Due").fill("2027-07-01T20:00")
    picker.get_by_label("Points").fill("0")
    picker.get_by_role("button", name="Add to the course").click()
    expect(picker.get_by_text("Give at least a fraction of a point.")).to_be_visible()
    expect(picker.get_by_label("Due")).to_have_value("2027-07-01T20:00")
    picker.get_by_label("Points").fill("1")
    picker.get_by_role("button", name="Add to the course").click()

    expect(page.get_by_label("Activity name")).to_be_visible()
    watch.expected = ["422"]
    assert watch.unexpected == []
    page.get_by_role("button", name="Save and return to course").click()
    link = page.locator(".activity").last.get_by_role("link").get_attribute("href")
    assert link
    walk.enter(page, lms, walk.LIN)
    page.goto(urljoin(lms.url, link))
    byte = page.frame_locator("#contentframe")
    expect(byte.locator('time[datetime^="2027-07-02T00:00"]').first).to_be_attached()


@pytest.fixture(scope="module")
def library() -> Iterator[tuple[LiveTool, SandboxServer]]:
    """A tool with two Bytes."""
    with running_tool() as tool, SandboxServer(tool.url) as lms:
        tool.manage("load_byte", SECOND)
        tool.connect(lms)
        yield tool, lms


SCREENS = [(766, 575), (360, 640), (320, 256), (1280, 1000)]
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
  .filter((target) => target.checkVisibility() && !target.closest("p:not(.byte-title)"))
  .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24).map(([html]) => html)"""
# The button that goes on must be in sight without scrolling.
FOOT = "() => document.querySelector('.foot button, .foot a').getBoundingClientRect().bottom <= innerHeight + 1"


def look(page: Page, name: str) -> None:
    """By day and by night, from the phone to the desktop, and in the frame that Moodle gives."""
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        assert walk.overflow(page) == 0, (name, width)
        assert page.evaluate(SMALL_TARGETS) == [], (name, width)
        assert height < 400 or page.evaluate(FOOT), (name, width)
        shoot(page, f"{name}-{width}")
    assert axe.by_day_and_night(page) == [], name
    shoot(page, f"{name}-dark")
    page.set_viewport_size({"width": 766, "height": 575})


def test_several_bytes_are_searched_looked_at_and_added_and_every_page_fits(
    library: tuple[LiveTool, SandboxServer], started: Start
):
    tool, lms = library
    watch = Watch()
    with window(started("third-party-blocked", lms.url, in_one_process=False), width=766, height=575) as context:
        watch.on(context)
        page = walk.new_page(context)
        walk.enter(page, lms, walk.ADA)
        page.goto(urljoin(lms.url, walk.CAREERS))
        before = page.locator(".activity").count()
        page.goto(urljoin(lms.url, ADD + "select/"))
        expect(page.get_by_role("heading", level=1, name="Choose one Byte or several")).to_be_visible()
        look(page, "list")

        page.get_by_label("IT Project Manager").check()
        page.get_by_label("Search").fill("board")
        page.get_by_label("Search").press("Enter")
        expect(page.get_by_text("1 of 2 Bytes")).to_be_visible()
        expect(page.get_by_label("IT Project Manager")).to_be_checked()
        page.get_by_role("link", name=re.compile("Preview.*IT Project Manager")).click()
        expect(page.get_by_role("heading", level=2, name="Pick the future ITPM")).to_be_visible()
        look(page, "preview")
        page.get_by_role("link", name="Back to the list").click()
        expect(page.get_by_label("IT Project Manager")).to_be_checked()
        page.get_by_role("checkbox").last.check()
        page.get_by_role("button", name="Continue").click()

        expect(page.get_by_label("Title in the course")).to_have_count(2)
        look(page, "details")
        page.get_by_label("Points").fill("0")
        page.get_by_role("button", name="Add to the course").click()
        expect(page.get_by_text("Give at least a fraction of a point.")).to_be_visible()
        look(page, "wrong")
        page.get_by_label("Points").fill("5")
        page.get_by_role("button", name="Add to the course").click()
        expect(page.locator("#items li")).to_have_count(2)
        page.get_by_role("button", name="Save and return to course").click()
        expect(page.locator(".activity")).to_have_count(before + 2)
    watch.expected = ["422"]
    assert watch.unexpected == []
    assert watch.origins == {lms.url, tool.url}
    assert lms.journal.refusals == []


def test_an_activity_by_name_alone_is_set_up_by_the_teacher_by_keyboard(
    library: tuple[LiveTool, SandboxServer], started: Start
):
    _tool, lms = library
    watch = Watch()
    watch.expected = ["404"]
    with window(started("third-party-blocked", lms.url, in_one_process=False)) as context:
        watch.on(context)
        page = walk.new_page(context)
        walk.enter(page, lms, walk.ADA)
        page.goto(urljoin(lms.url, ADD))
        page.get_by_label("Activity name").fill("By name alone")
        page.get_by_role("button", name="Save and return to course").click()
        path = page.get_by_role("link", name="By name alone").get_attribute("href")
        assert path
        walk.enter(page, lms, walk.LIN)
        page.goto(urljoin(lms.url, path + "launch/"))
        expect(page.get_by_role("heading", level=1, name="This activity is not set up yet")).to_be_visible()

        walk.enter(page, lms, walk.ADA)
        page.goto(urljoin(lms.url, path + "launch/"))
        expect(page.get_by_role("heading", level=1, name="Choose a Byte for this activity")).to_be_visible()
        look(page, "choose")
        page.get_by_role("radio", name="IT Project Manager").focus()
        page.keyboard.press("Space")
        while page.evaluate("document.activeElement.textContent.trim()") != "Use this Byte":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name=re.compile("Settings of .IT Project Manager"))).to_be_visible()
        look(page, "settings")
        page.get_by_label("Attempts").fill("2")
        page.get_by_label("Attempts").press("Enter")
        expect(page.get_by_role("status")).to_have_text("Saved.")

        walk.enter(page, lms, walk.LIN)
        page.goto(urljoin(lms.url, path + "launch/"))
        expect(walk.question(page)).to_contain_text("You have 2 of 2 attempts left.")
    assert watch.unexpected == []


@pytest.fixture(scope="module")
def cookieless() -> Iterator[tuple[LiveTool, SandboxServer, CookieEater]]:
    with cookie_eater() as eater, running_tool(PUBLIC_URL=eater.url) as tool, SandboxServer(eater.url) as lms:
        eater.target_port = tool.port
        tool.manage("load_byte", SECOND)
        tool.connect(lms)
        yield tool, lms, eater


def test_without_any_cookie_the_picker_works_in_its_frame_and_no_token_is_in_an_address(
    cookieless: tuple[LiveTool, SandboxServer, CookieEater], started: Start
):
    _tool, lms, eater = cookieless
    watch = Watch()
    watch.expected = ["401", "422"]  # a reload asks without the token first; nothing was chosen
    with window(started("third-party-blocked", lms.url, in_one_process=False)) as context:
        watch.on(context)
        page = walk.new_page(context)
        picker = begin(page, lms)
        picker.get_by_role("button", name="Continue").click()
        expect(picker.get_by_text("Choose a Byte first.")).to_be_visible()
        picker.get_by_label("Search").fill("manager")
        picker.get_by_role("button", name="Search").click()
        expect(picker.get_by_text("1 of 2 Bytes")).to_be_visible()
        frame = page.frame(url=re.compile(r"/pick/"))
        assert frame
        with page.expect_event("framenavigated"):
            frame.evaluate("setTimeout(() => location.reload())")
        picker.get_by_label("IT Project Manager").check()
        picker.get_by_role("button", name="Continue").click()
        picker.get_by_label("Title in the course").fill("Without cookies")
        picker.get_by_label("Due").fill("2026-12-01T09:00")
        picker.get_by_role("button", name="Add to the course").click()
        expect(page.get_by_label("Activity name")).to_have_value("Without cookies")
        assert context.cookies(eater.url) == []

    assert eater.tokens
    assert [url for url in watch.urls for token in eater.tokens if token in url] == []
    assert watch.unexpected == []
    assert lms.journal.refusals == []
