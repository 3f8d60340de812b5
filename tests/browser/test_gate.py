"""How a launch is tied to a browser, and a page to its session, in a real browser's frame, with ever less to keep."""

import contextlib
import re
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.chromium import window
from tests.browser.conftest import Start
from tests.browser.proxy import CookieEater, cookie_eater
from tests.browser.watch import Watch
from tests.live import LiveTool, running_tool

pytestmark = pytest.mark.browser

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.browser.gate_settings"}
END_ALL = (
    "from lti.models import Launch; from django.utils import timezone; Launch.objects.update(ended_at=timezone.now())"
)


@pytest.fixture(scope="module")
def gate() -> Iterator[tuple[LiveTool, SandboxServer]]:
    with running_tool(**SETTINGS) as tool, SandboxServer(tool.url) as lms:
        tool.connect(lms)
        yield tool, lms


@pytest.fixture(scope="module")
def cookieless() -> Iterator[tuple[SandboxServer, CookieEater]]:
    """The tool behind a proxy that takes all cookies away, so that only the browser's own storage is left."""
    with (
        cookie_eater() as eater,
        running_tool(PUBLIC_URL=eater.url, **SETTINGS) as tool,
        SandboxServer(eater.url) as lms,
    ):
        eater.target_port = tool.port
        tool.connect(lms)
        yield lms, eater


@contextlib.contextmanager
def course(started: Start, mode: str, lms: SandboxServer, **options: object) -> Iterator[tuple[BrowserContext, Page]]:
    """Lin in her course, the activity open in its frame."""
    with window(started(mode, lms.url, in_one_process=False), **options) as context:
        page = walk.new_page(context)
        walk.enter(page, lms, walk.LIN)
        page.goto(urljoin(lms.url, walk.FRAMED))
        yield context, page


def session_frame(page: Page) -> Frame:
    expect(page.frame_locator("#contentframe").locator("#who")).to_be_visible()
    frame = page.frame(url=re.compile(r"/l/"))
    assert frame
    return frame


def use_links_and_forms(place: Page | Frame) -> None:
    place.locator("#second").click()
    expect(place.locator("#place")).to_have_text("second")
    place.locator("#note").fill("hello")
    place.get_by_role("button", name="Send").click()
    expect(place.locator("#place")).to_have_text("first hello")


def open_window(context: BrowserContext, page: Page) -> Page:
    offer = page.frame_locator("#contentframe").get_by_role("link", name="Open in a new window")
    with context.expect_page() as opened:
        offer.click()
    expect(opened.value.locator("#who")).to_have_text(walk.LIN)
    return opened.value


def test_partitioned_cookies_alone_carry_a_session_and_the_second_launch_needs_no_page_of_its_own(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    tool, lms = gate
    watch = Watch()
    with course(started, "third-party-blocked", lms) as (context, page):
        use_links_and_forms(session_frame(page))
        names = {cookie["name"].partition("launch_")[0] for cookie in context.cookies(tool.url)}
        watch.on(context)
        page.goto(urljoin(lms.url, walk.FRAMED))
        expect(page.frame_locator("#contentframe").locator("#who")).to_have_text(walk.LIN)

        assert names == {"__Host-lti_probe", "__Host-lti_"}
        assert {cookie["partitionKey"] for cookie in context.cookies(tool.url)} == {"http://localhost"}
        assert [url for url in watch.urls if url.endswith("binding.js")] == []
        assert watch.problems == []


def test_without_scripts_the_way_in_is_a_page_that_goes_on_by_itself(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    tool, lms = gate
    with window(started("third-party-blocked", lms.url), java_script_enabled=False) as context:
        page = walk.new_page(context)
        walk.enter(page, lms, walk.LIN)
        page.goto(urljoin(lms.url, walk.FRAMED))
        frame = page.frame_locator("#contentframe")
        # The pretend LMS, as real ones do, offers a button where scripts would send its forms.
        for step in (f"{tool.url}/lti/login/", "/lti/auth/", f"{tool.url}/lti/launch/"):
            expect(frame.locator("#posting")).to_have_attribute("action", step)
            frame.get_by_role("button", name="Continue").click()

        expect(frame.locator("#who")).to_have_text(walk.LIN)


def test_own_storage_and_a_bearer_token_carry_a_session_through_links_forms_reload_and_back(
    cookieless: tuple[SandboxServer, CookieEater], started: Start
):
    """CK-03a."""
    lms, eater = cookieless
    with course(started, "third-party-blocked", lms) as (context, page):
        frame = session_frame(page)
        use_links_and_forms(frame)
        with page.expect_event("framenavigated"):
            frame.evaluate("setTimeout(() => location.reload())")
        expect(frame.locator("#place")).to_have_text("first hello")
        frame.evaluate("setTimeout(() => history.back())")
        expect(frame.locator("#place")).to_have_text("second")

        assert frame.evaluate("Object.keys(localStorage)") == []
        assert context.cookies(eater.url) == []


def test_with_a_bearer_token_nothing_can_be_pressed_before_the_scripts_that_send_it_are_there(
    cookieless: tuple[SandboxServer, CookieEater], started: Start
):
    lms, _eater = cookieless
    with window(started("third-party-blocked", lms.url, in_one_process=False)) as context:
        held: list[Route] = []
        context.route("**/htmx-2.min.js", lambda route: held.append(route))
        page = walk.new_page(context)
        walk.enter(page, lms, walk.LIN)
        page.goto(urljoin(lms.url, walk.FRAMED))
        frame = session_frame(page)
        assert frame.evaluate("document.body.inert") is True

        held[0].continue_()
        use_links_and_forms(frame)


def test_in_a_browser_without_cookies_two_courses_stay_apart_and_another_person_ends_both(
    cookieless: tuple[SandboxServer, CookieEater], started: Start
):
    lms, _eater = cookieless
    with course(started, "third-party-blocked", lms) as (context, page):
        careers = session_frame(page)
        lins_address = careers.url
        other_tab = context.new_page()
        other_tab.goto(urljoin(lms.url, walk.IN_OFFICE))
        office = session_frame(other_tab)
        assert (careers.title(), office.title()) == ("Careers 101", "Office Skills 2")
        use_links_and_forms(careers)
        assert careers.title() == "Careers 101"

        walk.enter(page, lms, walk.KAI)
        page.goto(urljoin(lms.url, walk.FRAMED))
        kais = session_frame(page)
        expect(kais.locator("#who")).to_have_text(walk.KAI)
        office.locator("#second").click()
        expect(office.get_by_role("dialog", name="This session was closed")).to_be_visible()
        kais.goto(lins_address)
        expect(kais.get_by_role("heading", name="Please open the activity from your course")).to_be_visible()
        assert kais.locator("#who").count() == 0


def test_where_nothing_is_kept_a_window_lives_on_the_memory_of_the_page_in_the_course(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    """CK-04."""
    tool, lms = gate
    with course(started, "refused", lms) as (context, page):
        window = open_window(context, page)
        use_links_and_forms(window)
        window.reload()
        expect(window.locator("#place")).to_have_text("first hello")
        window.go_back()
        expect(window.locator("#place")).to_have_text("second")
        assert context.cookies(tool.url) == []

        page.goto(lms.url)
        window.reload()
        expect(window.get_by_role("heading", name="Please open the activity from your course")).to_be_visible()
        assert walk.LIN not in window.content()


def test_going_back_before_the_scripts_of_a_page_are_there_is_not_forgotten(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    _tool, lms = gate
    with course(started, "refused", lms) as (context, page):
        window = open_window(context, page)
        use_links_and_forms(window)
        held: list[Route] = []
        context.route("**/htmx-2.min.js", lambda route: held.append(route))
        window.reload()
        expect(window.locator("#place")).to_have_text("first hello")
        window.go_back()
        window.wait_for_url("**/second/")
        held[0].continue_()

        expect(window.locator("#place")).to_have_text("second")


def test_the_memory_of_the_page_answers_no_other_window(gate: tuple[LiveTool, SandboxServer], started: Start):
    tool, lms = gate
    ask_frame = """async (frame) => {
      const heard = [];
      addEventListener("message", ({ data }) => heard.push(data));
      for (const subject of ["lti.get_data", "lti.put_data"])
        frame.contentWindow.postMessage({ subject, message_id: "1", key: "lti_token_x", value: "stolen" }, "*");
      await new Promise((resolve) => setTimeout(resolve, 300));
      return heard;
    }"""
    with course(started, "refused", lms) as (context, page):
        window = open_window(context, page)
        frame = page.locator("#contentframe")

        assert frame.evaluate(ask_frame) == []
        use_links_and_forms(window)


def test_a_session_that_ends_is_told_without_losing_what_was_typed(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    tool, lms = gate
    with course(started, "third-party-blocked", lms, width=360, height=780) as (_context, page):
        frame = session_frame(page)
        frame.locator("#note").fill("three sentences that took a while")
        tool.python(END_ALL)
        frame.get_by_role("button", name="Send").click()

        dialog = frame.get_by_role("dialog", name="This session was closed")
        expect(dialog.get_by_role("link", name="Back to the course")).to_be_visible()
        dialog.get_by_role("button", name="Stay on this page").click()
        expect(dialog).to_be_hidden()
        expect(frame.locator("#note")).to_have_value("three sentences that took a while")


def test_the_gates_own_pages_fit_a_small_phone_and_axe_minds_nothing(
    gate: tuple[LiveTool, SandboxServer], started: Start
):
    tool, lms = gate
    screen = {"width": 320, "height": 640, "locale": "ar"}
    with course(started, "refused", lms, **screen) as (context, page):
        found, too_wide = [], []

        def look_at(place: Page | Frame, state: str) -> None:
            expect(place.locator(f"{state} h1")).to_be_visible()
            found.extend((state, minded) for minded in axe.by_day_and_night(place))
            too_wide.extend([state] if walk.overflow(place) else [])

        expect(page.frame_locator("#contentframe").locator("#new-window h1")).to_be_visible()
        frame = page.frame(url=re.compile("/lti/login/"))
        assert frame
        look_at(frame, "#new-window")
        frame.get_by_role("link").click()
        expect(frame.get_by_role("status")).to_be_visible()
        look_at(frame, "#new-window")
        alone = context.new_page()
        fields = lms.login_form("lin", "careers")
        alone.goto(f"{tool.url}/lti/login/?{urlencode(fields)}")
        look_at(alone, "#help")
        alone.goto(f"{tool.url}/lti/launch/")
        look_at(alone, "[data-lti-notice]")
        alone.goto(f"{tool.url}/l/{uuid.uuid4()}/")
        look_at(alone, "#help")

        assert alone.locator("html").get_attribute("dir") == "rtl"
    assert found == []
    assert too_wide == []
