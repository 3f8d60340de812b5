"""A browser that keeps its own storage but no cookie in a frame (as WebKit does): the bearer token."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from itpm_byte.sandbox.server import SandboxServer
from tests import shapes
from tests.browser import walk
from tests.browser.chromium import window
from tests.browser.conftest import Start
from tests.browser.proxy import CookieEater, cookie_eater
from tests.browser.watch import Watch
from tests.live import LiveTool, running_tool, wait_for

pytestmark = pytest.mark.browser

IS_LISTED = "from lti.models import *; print(Context.objects.filter(roster_synced_at__isnull=False).exists())"
ANSWER_KEY = """
import json
from itpm_byte.content.models import Choice, Question
told = {choice.key: choice.feedback for choice in Choice.objects.all()}
print(json.dumps([told, Question.objects.get().explanation]))
"""


@pytest.fixture(scope="module")
def cookieless() -> Iterator[tuple[LiveTool, SandboxServer, CookieEater]]:
    with (
        cookie_eater() as eater,
        running_tool(PUBLIC_URL=eater.url) as tool,
        SandboxServer(eater.url) as lms,
    ):
        eater.target_port = tool.port
        tool.connect(lms)
        tool.start_worker()
        yield tool, lms, eater


def test_without_any_cookie_the_byte_works_in_the_frame_up_to_the_grade_and_no_token_is_in_an_address(
    cookieless: tuple[LiveTool, SandboxServer, CookieEater], started: Start
):
    _tool, lms, eater = cookieless
    watch = Watch()
    watch.expected = ["401"]  # a reload asks without the token first
    with window(started("third-party-blocked", lms.url, in_one_process=False), width=360, height=780) as context:
        watch.on(context)
        page = walk.new_page(context)
        walk.enter(page, lms, walk.LIN)
        byte = walk.open_in_frame(page, lms)
        walk.answer(byte, walk.WRONG)
        byte.get_by_role("link", name="Try again").click()
        expect(walk.check_button(byte)).to_be_visible()

        frame = page.frame(url=re.compile(r"/l/"))
        assert frame
        address = frame.url
        with page.expect_event("framenavigated"):
            frame.evaluate("setTimeout(() => location.reload())")
        expect(walk.check_button(byte)).to_be_visible()
        assert frame.url.partition("?")[0] == address.partition("?")[0]
        walk.answer(byte, walk.RIGHT)
        walk.rate(byte, "Agree")
        expect(walk.grade(byte)).to_have_attribute("data-state", "sent")
        assert walk.make_receipt(byte, name=False).startswith(f"{eater.url}/r/")
        assert context.cookies(eater.url) == []
        page.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
        expect(walk.mark(page, "29-lin")).to_have_text("10")

    assert eater.tokens
    assert [url for url in watch.urls for token in eater.tokens if token in url] == []
    assert watch.unexpected == []
    assert watch.origins == {lms.url, eater.url}


def test_the_right_answer_is_nowhere_in_the_browser_before_an_answer_is_sent(
    cookieless: tuple[LiveTool, SandboxServer, CookieEater], started: Start
):
    tool, lms, eater = cookieless
    feedback, explanation = json.loads(tool.python(ANSWER_KEY))
    eater.exchanges.clear()
    with window(started("third-party-blocked", lms.url, in_one_process=False)) as context:
        page = walk.new_page(context)
        walk.enter(page, lms, walk.KAI)
        byte = walk.open_in_frame(page, lms)
        walk.choose(byte, walk.RIGHT)
        page.mouse.wheel(0, 20_000)
        expect(byte.locator("#support")).to_be_visible()
        before = eater.bodies()
        walk.answer(byte, walk.RIGHT)
        after = eater.bodies()[len(before) :]

    secrets = [_plain(text)[:60] for text in (*feedback.values(), explanation)]
    assert [text for text in secrets for body in before if text in _plain(body)] == []
    assert {text for text in secrets for body in after if text in _plain(body)} >= {_plain(feedback["samantha"])[:60]}
    page_itself = next(body for body in before if 'name="choice"' in body)
    cards = re.findall(r'<div class="option">.*?</div>\s*</div>', page_itself, flags=re.DOTALL)
    assert len(cards) == 4
    assert len({_shape(card) for card in cards}) == 1, "the cards differ in more than their words"


def _plain(text: str) -> str:
    """Words alone: no tags, no marks, no difference between kinds of white space."""
    return " ".join(re.sub(r"<[^>]*>|[*_]|&#x27;|'", "", text).split())


def _shape(card: str) -> list[str]:
    """A card's tags and attribute names, without what the attributes say."""
    return str(re.sub(r'"[^"]*"', '""', " ".join(re.findall(r"<[^>]*>", card))))


def test_without_any_cookie_ada_narrows_resends_and_takes_a_file_along(
    cookieless: tuple[LiveTool, SandboxServer, CookieEater], started: Start
):
    tool, lms, eater = cookieless
    watch = Watch()
    watch.expected = ["401"]  # the shell asks without the token first
    with window(started("third-party-blocked", lms.url, in_one_process=True), width=1280, height=900) as context:
        watch.on(context)
        page = walk.new_page(context)
        walk.enter(page, lms, "陈美玲")  # whom no other test here lets answer
        walk.answer(walk.open_in_frame(page, lms), walk.RIGHT)
        walk.enter(page, lms, walk.ADA)
        walk.open_in_frame(page, lms)  # asks for the list of people
        wait_for(lambda: tool.python(IS_LISTED) == "True", "the list of people")
        room = walk.open_in_frame(page, lms)
        room.get_by_label("Name or e-mail").fill("lin")
        room.get_by_label("Name or e-mail").press("Enter")
        expect(room.locator(".reports-table caption")).to_have_text("1 learner")
        with page.expect_download() as file:
            room.get_by_role("link", name="Excel (XLSX)").click()
        assert re.fullmatch(r"careers-101-.*-roster-[\d-]{10}\.xlsx", file.value.suggested_filename)
        room.get_by_role("button", name="Refresh").click()
        expect(room.locator(".reports-table caption")).not_to_have_text("1 learner")
        room.get_by_role("link", name="Grades").click()
        expect(room.get_by_role("heading", level=1, name="Grades of")).to_be_visible()
        room.get_by_role("button", name="Resend all").click()
        room.get_by_role("button", name=re.compile(r"Resend \d+ grades?$")).click()
        expect(room.get_by_role("status").first).to_contain_text("On its way again.")
        assert eater.tokens
        assert not [url for url in watch.urls if shapes.has_signed(url) or "token=" in url]
        assert [url for url in watch.urls for token in eater.tokens if token in url] == []
    assert watch.unexpected == []
