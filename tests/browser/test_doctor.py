"""Sue sends the connection doctor: with scripts and without, on every screen, by day and by night."""

import os
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.browser.test_byte_states import look
from tests.live import LiveTool

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"


@pytest.fixture
def sue(tool: LiveTool) -> str:
    """Her name on the log-in page."""
    name = f"sue-{uuid.uuid4().hex[:8]}"
    tool.python(
        "from django.contrib.auth.models import User; "
        f"User.objects.create_user('{name}', password='{PASSWORD}', is_staff=True, is_superuser=True)"
    )
    yield name
    tool.python(f"from django.contrib.auth.models import User; User.objects.filter(username='{name}').delete()")


def doctor(page: Page, tool: LiveTool, sue: str) -> Page:
    """The doctor's page, after the log-in that leads there."""
    registration = tool.python("from lti.models import Registration as R; print(R.objects.get().uuid)")
    tool.python("from lti.models import Examination as E; E.objects.all().delete()")
    page.goto(f"{tool.url}/staff/lms/{registration}/doctor/")
    page.get_by_label("Username").fill(sue)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Connection doctor")).to_be_visible()
    return page


def test_sue_asks_and_reads_what_is_broken_and_axe_minds_nothing(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, sue: str, tmp_path: Path
):
    context = browser()
    learner = walk.new_page(context)
    walk.enter(learner, lms, walk.LIN)
    walk.open_alone(learner, lms)
    lms.faults.add("roster", "status", status=403)

    page = doctor(context.new_page(), tool, sue)
    look(page)
    page.get_by_role("button", name="Look now").click()
    # No reload, no press: the page follows by itself.
    expect(page.get_by_role("heading", name="Report to send to somebody")).to_be_visible()

    expect(page.locator(".doctor-row.is-broken")).to_have_count(1)
    expect(page.locator(".doctor-row.is-broken")).to_contain_text("The roster can't be read (status 403).")
    expect(page.locator(".doctor-row.is-broken")).to_contain_text("Names and Role Provisioning")
    look(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1000, "height": 900})
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    page.locator("section[aria-labelledby=found]").screenshot(path=folder / "doctor.png")


def test_without_scripts_the_report_is_one_press_away(
    browser: OpenBrowser, tool: LiveTool, lms: SandboxServer, sue: str
):
    page = doctor(browser(java_script_enabled=False).new_page(), tool, sue)
    page.get_by_role("button", name="Look now").click()
    report = page.get_by_role("heading", name="Report to send to somebody")
    further = page.get_by_role("link", name="See how far it is")
    for _ in range(200):
        if report.is_visible():
            break
        further.click()

    expect(report).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
