"""Ines pastes one address into her LMS, in real browsers whose frames keep no cookies; Sue's pages fit all screens."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.test_pictures import MOST_BYTES, folder
from tests.browser.watch import Watch
from tests.live import LiveTool

__all__ = ["folder"]

pytestmark = pytest.mark.browser

INES = "Ines Duarte"
PASSWORD = "a long word for Sue"
MAKE_SUE = (
    "from django.contrib.auth.models import User; User.objects.filter(username='sue').exists() or "
    f"User.objects.create_superuser('sue', password='{PASSWORD}')"
)


@pytest.fixture
def address(tool: LiveTool, lms: SandboxServer) -> Iterator[str]:
    """A link for an LMS that is active at once; afterwards the tool knows what it knew before."""
    known = tool.python("from lti.models import *; print([row.pk for row in Registration.objects.all()])")
    yield tool.manage("registration_link", "Example University", "--active").splitlines()[-1]
    tool.forget()
    tool.python(
        "from lti.models import *; RegistrationLink.objects.all().delete(); "
        f"Deployment.objects.exclude(registration__in={known}).delete(); "
        f"Registration.objects.exclude(pk__in={known}).delete()"
    )


def paste(page: Page, lms: SandboxServer, address: str) -> None:
    walk.enter_by_its_page(page, lms, INES)
    page.get_by_role("link", name="Tools").click()
    page.get_by_label("Registration address").fill(address)
    page.get_by_label("Register it as a new tool").check()
    page.get_by_role("button", name="Add LTI Advantage").click()


@pytest.mark.parametrize("mode", ["third-party-blocked", "refused"])
def test_one_pasted_address_connects_both_sides_and_the_byte_opens(
    mode: str, browser: OpenBrowser, lms: SandboxServer, watch: Watch, address: str, folder: Path
):
    page = walk.new_page(browser(mode=mode, height=900))
    paste(page, lms, address)
    frame = page.frame_locator("#contentframe")
    expect(frame.get_by_role("button", name="Connect")).to_be_visible()
    page.screenshot(path=folder / "registration-confirm.png")
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Registered")
    expect(frame.get_by_text("press Activate")).to_be_visible()
    page.screenshot(path=folder / "registration-done.png")
    assert max((folder / f"registration-{name}.png").stat().st_size for name in ("confirm", "done")) < MOST_BYTES
    frame.get_by_role("button", name="Close this page").click()

    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", name="ITPM Byte is active")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    if mode == "third-party-blocked":
        walk.enter_by_its_page(page, lms, walk.LIN)
        walk.open_in_frame(page, lms)
    assert watch.unexpected == []


def test_the_finished_page_closes_by_itself_unless_somebody_wants_to_read_on(
    browser: OpenBrowser, lms: SandboxServer, tool: LiveTool, address: str
):
    page = walk.new_page(browser())
    page.clock.install()
    paste(page, lms, address)
    frame = page.frame_locator("#contentframe")
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_text("It closes by itself in 60 seconds.")).to_be_visible()
    frame.get_by_role("button", name="Keep it open").click()
    page.clock.run_for(120_000)
    expect(frame.get_by_role("button", name="Close this page")).to_be_focused()

    again = tool.manage("registration_link", "Example University", "--active").splitlines()[-1]
    paste(page, lms, again)
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_text("It closes by itself in 60 seconds.")).to_be_visible()
    page.clock.run_for(60_000)
    expect(page.get_by_role("heading", name="ITPM Byte is pending")).to_be_visible()


def test_without_scripts_the_way_is_the_same_and_the_pages_say_how_to_go_on(
    browser: OpenBrowser, lms: SandboxServer, address: str
):
    page = walk.new_page(browser(java_script_enabled=False))
    paste(page, lms, address)
    frame = page.frame_locator("#contentframe")
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_text("You can close this page now.")).to_be_visible()
    expect(frame.get_by_role("button")).to_have_count(0)
    page.get_by_role("link", name="Back to the tools").click()
    expect(page.get_by_role("heading", name="ITPM Byte is pending")).to_be_visible()


def test_every_page_of_registering_fits_and_has_nothing_that_axe_minds(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, watch: Watch, address: str
):
    tool.python(MAKE_SUE)
    uuid = tool.python("from lti.models import *; print(Registration.objects.first().uuid)")
    page = walk.new_page(browser())
    found: list[tuple[str, str]] = []

    def look(name: str) -> None:
        found.extend((name, what) for what in axe.wrong(page, narrow=320))

    page.goto(urljoin(tool.url, "/staff/lms/"))
    page.get_by_label("Username").fill("sue")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    pages = ("", "link/", "by-hand/", "by-hand/?preset=blackboard&lms_url=learn.school.edu", f"{uuid}/")
    for path in pages:
        page.goto(urljoin(tool.url, f"/staff/lms/{path}"))
        look(path or "overview")
    page.goto(urljoin(tool.url, "/staff/lms/link/"))
    page.get_by_label("What you call").fill("A Moodle with a name that is longer than most of them are")
    page.get_by_label("Only for the learning platform").fill("https://wrong/")
    page.get_by_role("button", name="Make the link").click()
    look("form with an error")
    page.get_by_label("Only for the learning platform").fill("")
    page.get_by_role("button", name="Make the link").click()
    look("link")
    page.goto(page.locator("#address").inner_text())
    look("paste")
    walk.enter_by_its_page(page, lms, INES)
    page.goto(urljoin(lms.url, "/tools/"))
    look("sandbox")
    paste(page, lms, address)
    page.goto(page.locator("#contentframe").get_attribute("src") or "")
    look("confirm")
    page.get_by_role("button", name="Connect").click()
    look("finished")
    page.goto(address)
    look("refused")
    watch.expected = ["/staff/lms/link/", "/lti/register/", "/favicon.ico"]
    assert found == []
    assert watch.unexpected == []


def test_copy_buttons_copy_the_value_beside_them_and_say_so(browser: OpenBrowser, address: str):
    context = browser()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = walk.new_page(context)
    page.goto(address)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
