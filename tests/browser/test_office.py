"""A data protection officer's way through the office: request for help, person, erasing, rule, audit log, keys."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, walk
from tests.browser.conftest import OpenBrowser
from tests.browser.test_registration import MAKE_SUE, PASSWORD
from tests.browser.watch import Watch
from tests.live import LiveTool

pytestmark = pytest.mark.browser

MAKE_ZOE = (
    "from lti.models import *; from itpm_byte.learning.models import *; from django.utils import timezone; "
    "r = Registration.objects.first(); d = r.deployments.first(); now = n = timezone.now(); "
    "from itpm_byte.learning import placements; "
    "c = Context.objects.get_or_create(deployment=d, context_id='office', title='Office walk')[0]; "
    "l = ResourceLink.objects.get_or_create(deployment=d, context=c, resource_link_id='office')[0]; "
    "p = placements.for_link(l, byte_slug='it-project-manager', language='en', now=now); "
    "who = dict(sub='zoe', name='Zoe', email='zoe@school.example'); "
    "u = PlatformUser.objects.create(registration=r, **who); "
    "Membership.objects.create(context=c, user=u, role='learner', last_launch_at=now); "
    "SupportRequest.objects.create(placement=p, learner=u, message='Which certificate?', created_at=n)"
)


def test_requests_about_data_are_answered_and_every_page_fits(browser: OpenBrowser, tool: LiveTool, watch: Watch):
    tool.python(MAKE_SUE)
    tool.python(MAKE_ZOE)
    page = walk.new_page(browser())
    found: list[tuple[str, str]] = []

    def look(name: str) -> None:
        found.extend((name, what) for what in axe.wrong(page))

    def go(path: str, name: str) -> None:
        page.goto(urljoin(tool.url, path))
        look(name)

    _log_in(page, tool)
    go("/staff/inbox/", "inbox")
    page.get_by_role("button", name="Mark as answered Zoe").click()
    go("/staff/privacy/", "privacy")
    page.get_by_label("Part of the name").fill("zoe")
    page.get_by_role("button", name="Find").click()
    look("found")
    page.get_by_role("link", name="Zoe").click()
    look("person")
    page.get_by_role("button", name="Show everything").click()
    expect(page.get_by_text("Which certificate?")).to_be_visible()
    look("everything")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Erase…").click()
    page.get_by_label("Reason").fill("Asked for it.")
    look("erase")
    page.get_by_role("button", name="Erase for ever").click()
    expect(page.get_by_role("status")).to_contain_text("Erased.")
    go("/staff/privacy/retention/", "retention")
    page.locator("#content").get_by_role("link").first.click()
    page.get_by_label("Erase people after").fill("24")
    page.get_by_role("button", name="See what would go").click()
    look("rule")
    go("/staff/audit/", "audit")
    expect(page.get_by_role("cell", name="Asked for it.").first).to_be_visible()
    go("/staff/lms/keys/", "keys")
    go("/staff/lms/", "platforms")
    assert found == []
    assert watch.unexpected == []


def _log_in(page: Page, tool: LiveTool) -> None:
    page.goto(urljoin(tool.url, "/staff/"))
    page.get_by_label("Username").fill("sue")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
