"""No session ends by surprise: it goes on while the page is used, and a page left alone warns in time (CK-26)."""

import json

import pytest
from playwright.sync_api import Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.test_byte_states import look
from tests.live import LiveTool

pytestmark = pytest.mark.browser

LAUNCHES = "from lti.models import Launch as L; from django.utils import timezone as t; L.objects"
MINUTES_LEFT = (
    f"{LAUNCHES}; import json; print(json.dumps([(l.expires_at - t.now()).seconds // 60 for l in L.objects.all()]))"
)


@pytest.fixture
def byte(browser: OpenBrowser, lms: SandboxServer) -> Page:
    """Lin's page, with a clock that a test can put forward. What she reads is not reported: that would be a use."""
    page = walk.new_page(browser())
    page.clock.install()
    walk.keep_reading_secret(page)
    walk.enter(page, lms, walk.LIN)
    return walk.open_alone(page, lms)


def ends_in(tool: LiveTool, minutes: int, *, begun_hours_ago: int = 8) -> None:
    """The session's last minutes, as after hours."""
    left = f"t.timedelta(minutes={minutes})"
    begun = f"t.now() + {left} - t.timedelta(hours={begun_hours_ago})"
    tool.python(f"{LAUNCHES}.update(created_at={begun}, expires_at=t.now() + {left})")


def minutes_left(tool: LiveTool) -> list[int]:
    return list(json.loads(tool.python(MINUTES_LEFT)))


def to_the_last_ten_minutes(byte: Page) -> None:
    with byte.expect_response(lambda response: "/lti/session/" in response.url):
        byte.clock.fast_forward("07:51:00")


def test_a_page_in_use_keeps_its_session_and_says_nothing(byte: Page, tool: LiveTool):
    ends_in(tool, 9)
    byte.clock.fast_forward("07:45:00")
    byte.keyboard.press("PageDown")

    with byte.expect_response(lambda response: "/lti/session/" in response.url) as asked:
        byte.clock.fast_forward("00:06:00")

    assert asked.value.request.method == "POST"
    assert minutes_left(tool) == [479]
    expect(byte.get_by_role("alert")).to_have_count(0)


def test_a_page_left_alone_warns_in_time_and_its_button_keeps_the_session(byte: Page, tool: LiveTool):
    ends_in(tool, 9)
    to_the_last_ten_minutes(byte)

    warning = byte.get_by_role("alert")
    expect(warning).to_contain_text("Your session ends in 9 minutes.")
    look(byte)
    warning.get_by_role("button", name="Yes, go on").focus()
    byte.keyboard.press("Enter")
    expect(warning).to_have_count(0)
    expect(byte.locator("#main")).to_be_focused()
    assert minutes_left(tool) == [479]


def test_after_the_longest_time_there_is_a_way_back_and_then_an_end(byte: Page, tool: LiveTool, lms: SandboxServer):
    ends_in(tool, 9, begun_hours_ago=24)
    to_the_last_ten_minutes(byte)

    warning = byte.get_by_role("alert")
    expect(warning).to_contain_text("Please send what you have typed.")
    expect(warning.get_by_role("link", name="Back to the course")).to_be_visible()
    expect(warning.get_by_role("button")).to_have_count(0)
    look(byte)

    tool.python(f"{LAUNCHES}.update(expires_at=t.now())")
    byte.clock.fast_forward("00:10:00")
    expect(byte.get_by_role("dialog", name="Your session has ended")).to_be_visible()
    expect(warning).to_have_count(0)
