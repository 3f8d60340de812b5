"""Two courses in two tabs, two learners after one another, and a long lunch: nothing mixes, everything is said."""

import json
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

ANSWERS = """
import json
from itpm_byte.learning.models import Response
rows = Response.objects.order_by("pk")
print(json.dumps(list(rows.values_list("attempt__learner__name", "attempt__placement__resource_link__context__title",
                                       "choice__key"))))
"""
LATER = """
from datetime import timedelta
from django.utils import timezone
from lti.models import Launch
Launch.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
"""


def test_two_courses_in_two_tabs_keep_their_answers_and_grades_apart(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    context = browser()
    first = walk.new_page(context)
    walk.enter(first, lms, walk.LIN)
    careers = walk.open_in_frame(first, lms)
    second = context.new_page()
    office = walk.open_in_frame(second, lms, walk.IN_OFFICE)
    expect(office.locator(".who")).to_contain_text("Office Skills 2")

    first.bring_to_front()
    walk.answer(careers, walk.WRONG)
    expect(careers.locator(".who")).to_contain_text("Careers 101")
    second.bring_to_front()
    walk.answer(office, walk.RIGHT)

    second.goto(urljoin(lms.url, walk.OFFICE + "grades/"))
    expect(walk.mark(second, "31-lin")).to_have_text("1")
    second.goto(urljoin(lms.url, walk.CAREERS + "grades/"))
    expect(walk.mark(second, "29-lin")).to_have_text("0")
    assert json.loads(tool.python(ANSWERS)) == [
        ["Lin Tran", "Careers 101", "peter"],
        ["Lin Tran", "Office Skills 2", "samantha"],
    ]
    assert watch.unexpected == []


def test_when_kai_sits_down_after_lin_her_open_tab_is_closed_politely_and_nothing_is_his(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    watch.expected = ["401"]
    context = browser(width=360, height=780)
    lins = walk.new_page(context)
    walk.keep_reading_secret(lins)
    walk.enter(lins, lms, walk.LIN)
    lins_byte = walk.open_in_frame(lins, lms)
    kais = context.new_page()
    walk.enter(kais, lms, walk.KAI)
    kais_byte = walk.open_in_frame(kais, lms)
    expect(kais_byte.locator(".who")).to_contain_text("You are Kai Jensen, in Careers 101")

    lins.bring_to_front()
    walk.choose(lins_byte, walk.WRONG)
    walk.check_button(lins_byte).click()
    dialog = lins_byte.get_by_role("dialog", name="This session was closed")
    expect(dialog).to_contain_text("Go back to your course and open the activity again.")
    kais.bring_to_front()
    walk.answer(kais_byte, walk.RIGHT)

    assert json.loads(tool.python(ANSWERS)) == [["Kai Jensen", "Careers 101", "samantha"]]
    assert watch.unexpected == []


def test_after_a_long_lunch_the_page_says_so_and_leads_back_to_the_course(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, watch: Watch
):
    watch.expected = ["401"]
    page = walk.new_page(browser(width=360, height=780))
    walk.enter(page, lms, walk.LIN)
    byte = walk.open_in_frame(page, lms)
    byte.locator("#message").fill("I don't know whom to ask.")
    tool.python(LATER)

    byte.locator("#day").evaluate("part => part.scrollIntoView()")
    dialog = byte.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_role("button", name="Stay on this page").click()
    expect(dialog).to_be_hidden()
    expect(byte.locator("#message")).to_have_value("I don't know whom to ask.")
    byte.get_by_role("button", name="Ask for help").click()
    dialog.get_by_role("link", name="Back to the course").click()

    expect(page.get_by_role("heading", level=1, name="Careers 101")).to_be_visible()
    assert page.url == urljoin(lms.url, walk.CAREERS)
    assert watch.unexpected == []
