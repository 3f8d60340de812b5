"""A bus in a tunnel, an impatient finger, a session that ends: what was chosen is not lost, and counts once."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.live import LiveTool, wait_for

pytestmark = pytest.mark.browser

WAITING = "Waiting for the connection – keep this page open."
ANSWERS = re.compile(r"/l/[^/]+/answer/$")
RECORDED = """
import json
from itpm_byte.learning.models import Response
of = Response.objects.filter(attempt__learner__name__contains="NAME").order_by("pk")
print(json.dumps(list(of.values_list("attempt__number", "choice__key"))))
"""
END_ALL = (
    "from lti.models import Launch; from django.utils import timezone; Launch.objects.update(ended_at=timezone.now())"
)


@pytest.fixture
def byte(browser: OpenBrowser, lms: SandboxServer) -> Page:
    page = walk.new_page(browser())
    walk.enter(page, lms, walk.LIN)
    return walk.open_alone(page, lms)


def recorded(tool: LiveTool, name: str = "") -> list[list[object]]:
    """[[attempt, option], …] in the tool's database: everybody's, or one learner's."""
    return list(json.loads(tool.python(RECORDED.replace("NAME", name))))


def saving(byte: Page):
    return walk.question(byte).locator(".saving")


def test_an_answer_without_a_connection_waits_and_says_so_and_is_sent_when_it_is_back(byte: Page, tool: LiveTool):
    byte.context.set_offline(True)
    walk.choose(byte, walk.RIGHT)
    walk.check_button(byte).click()

    expect(saving(byte)).to_have_text(WAITING)
    expect(walk.check_button(byte)).to_have_attribute("aria-disabled", "true")
    assert recorded(tool) == []

    byte.context.set_offline(False)

    expect(walk.result(byte)).to_be_focused()
    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    assert recorded(tool) == [[1, "samantha"]]


def test_an_impatient_double_click_is_one_attempt(byte: Page, tool: LiveTool):
    walk.choose(byte, walk.WRONG)
    walk.check_button(byte).dblclick()

    expect(walk.result(byte)).to_be_focused()
    assert recorded(tool) == [[1, "peter"]]


def test_an_answer_whose_reply_got_lost_is_sent_again_and_counts_once(byte: Page, tool: LiveTool):
    tries = []

    def lose_first_reply(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.fetch(max_redirects=0)  # the tool has recorded it, the browser never hears of that
            route.abort()
        else:
            route.continue_()

    byte.route(ANSWERS, lose_first_reply)
    walk.choose(byte, walk.WRONG)
    walk.check_button(byte).click()

    expect(walk.result(byte)).to_be_focused()
    assert len(tries) == 2
    assert recorded(tool) == [[1, "peter"]]


def test_an_overloaded_service_is_asked_again(byte: Page, tool: LiveTool):
    refusals = [500, 503, 429]
    byte.route(ANSWERS, lambda route: route.fulfill(status=refusals.pop()) if refusals else route.continue_())
    walk.choose(byte, walk.WRONG)
    walk.check_button(byte).click()

    expect(walk.result(byte)).to_be_focused()
    assert refusals == []
    assert recorded(tool) == [[1, "peter"]]


def test_what_waited_is_sent_by_the_reloaded_page(byte: Page, tool: LiveTool):
    byte.route(ANSWERS, lambda route: route.abort())
    walk.choose(byte, walk.RIGHT)
    walk.check_button(byte).click()
    expect(saving(byte)).to_have_text(WAITING)

    byte.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    byte.unroute(ANSWERS)
    byte.reload()

    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    assert recorded(tool) == [[1, "samantha"]]


def test_a_session_that_ended_keeps_the_answer_until_the_byte_is_opened_again(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer
):
    page = walk.new_page(browser())
    walk.keep_reading_secret(page)
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_alone(page, lms)
    tool.python(END_ALL)
    walk.choose(byte, walk.RIGHT)
    walk.check_button(byte).click()
    expect(saving(byte)).to_contain_text("Not saved: your session has ended.")
    expect(byte.get_by_role("dialog")).to_be_visible()
    assert recorded(tool) == []

    walk.open_alone(byte, lms)

    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    assert recorded(tool) == [[1, "samantha"]]


def test_what_was_chosen_but_not_sent_when_the_session_ended_is_chosen_again_and_still_not_sent(
    byte: Page, tool: LiveTool, lms: SandboxServer
):
    walk.choose(byte, walk.RIGHT)
    byte.locator("#message").fill("I don't know whom to ask.")
    tool.python(END_ALL)
    byte.locator("#day").evaluate("part => part.scrollIntoView()")
    expect(byte.get_by_role("dialog", name="This session was closed")).to_be_visible()

    walk.open_alone(byte, lms)

    expect(walk.card(byte, walk.RIGHT)).to_be_checked()
    expect(byte.locator("#message")).to_have_value("I don't know whom to ask.")
    assert recorded(tool) == []
    walk.check_button(byte).click()
    expect(walk.result(byte)).to_contain_text("Your answer is saved.")
    assert recorded(tool) == [[1, "samantha"]]
    assert byte.evaluate("Object.values(sessionStorage).filter((kept) => kept.includes('samantha'))") == []


def test_what_lin_left_behind_is_never_sent_for_kai(byte: Page, tool: LiveTool, lms: SandboxServer):
    byte.route(ANSWERS, lambda route: route.abort())
    walk.choose(byte, walk.RIGHT)
    walk.check_button(byte).click()
    expect(saving(byte)).to_have_text(WAITING)
    byte.on("dialog", lambda dialog: dialog.accept())

    byte.unroute(ANSWERS)
    walk.enter(byte, lms, walk.KAI)
    walk.open_alone(byte, lms)

    expect(byte.locator(".who")).to_contain_text("Kai Jensen")
    expect(walk.check_button(byte)).to_be_visible()
    expect(walk.card(byte, walk.RIGHT)).not_to_be_checked()
    # Her own page may just have been trying once more when she left: that was hers, and may count.
    assert recorded(tool, walk.KAI) == []
    assert byte.evaluate("Object.values(sessionStorage).filter((kept) => kept.includes('samantha'))") == []


def test_parts_read_without_a_connection_are_told_later(byte: Page, tool: LiveTool):
    byte.context.set_offline(True)
    byte.locator("#skills").scroll_into_view_if_needed()
    expect(byte.locator('.bits [data-for="skills"]')).to_have_class("is-seen")
    expect(byte.locator(".meter .saving")).to_have_text("Waiting for the connection")

    byte.context.set_offline(False)

    expect(byte.locator(".meter .saving")).to_have_text("")
    seen = "from itpm_byte.learning.models import Progress; print('skills' in Progress.objects.get().seen_sections)"
    # The words go when the sending begins; the row is there when it has ended.
    assert wait_for(lambda: tool.python(seen) == "True", "the parts")
