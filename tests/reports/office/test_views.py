"""Saved views and mails with them: who opens them, who gets them, how often, and how that ends."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_string

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from itpm_byte.insight import saved_views
from itpm_byte.insight.models import SavedView, Subscription
from itpm_byte.reports.office import mailing
from lti.models import InstitutionStaff, StaffAction
from tests.cast import cast
from tests.insight.scenes import scene
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db

VIEWS = "/staff/reports/views/"
SUNDAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 6, 0, 30, tzinfo=UTC)


@pytest.fixture
def at():
    return scene(cast("amber"))


def account(name, *institutions, email="x@staff.example"):
    user = User.objects.create_user(name, is_staff=True, email=email)
    for institution in institutions:
        InstitutionStaff.objects.create(user=user, institution=institution)
    return user


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def kept(user, institution=None, query="status=completed"):
    return saved_views.keep(user, name="Done", query=query, institution=institution, now=SUNDAY)


def due(user, view, **more):
    return saved_views.subscribe(user, view, now=SUNDAY, **{"every": "week", "form": "link", **more})


def test_a_view_is_kept_and_opened_by_its_address(at):
    client = browser(account("una", at.people.institution))
    page = client.get(f"{VIEWS}?query=status%3Dcompleted%26term%3D2026").content.decode()
    assert 'value="status=completed&amp;term=2026"' in page
    sent = {"name": "Done", "query": "status=completed&term=2026", "institution": at.people.institution.pk}
    client.post(VIEWS, sent)
    view = SavedView.objects.get()
    address = f"{VIEWS}{view.uuid}/"
    assert client.get(address)["Location"] == "/staff/reports/completion/?status=completed&term=2026"
    assert StaffAction.objects.get().action == "view.saved"
    assert "Done" in text_of(client.get(VIEWS))
    assert browser(account("ugo", at.people.institution)).get(address).status_code == 302


def test_others_do_not_find_it_and_only_the_owner_deletes_it(at):
    birch = cast("birch")
    una = account("una", at.people.institution)
    mine, shared = kept(una), kept(una, at.people.institution)
    colleague, stranger = account("ugo", at.people.institution), account("uwe", birch.institution)
    for user, view, status in ((colleague, mine, 404), (stranger, mine, 404), (stranger, shared, 404)):
        client = browser(user)
        assert client.get(f"{VIEWS}{view.uuid}/").status_code == status
        assert client.get(f"{VIEWS}{view.uuid}/settings/").status_code == status
        assert client.post(f"{VIEWS}{view.uuid}/subscribe/", {"every": "week", "form": "link"}).status_code == status
    assert browser(colleague).post(f"{VIEWS}{shared.uuid}/delete/").status_code == 404
    assert "Done" not in text_of(browser(stranger).get(VIEWS))
    sent = {"name": "x", "query": "", "institution": birch.institution.pk}
    assert browser(una).post(VIEWS, sent).status_code == 400
    browser(una).post(f"{VIEWS}{shared.uuid}/delete/")
    assert list(SavedView.objects.all()) == [mine]


def test_a_mail_goes_out_once_a_week_and_names_nobody(at):
    at.finished(at.learner("Bo Ek"))
    una = account("una", at.people.institution)
    view = kept(una)
    due(una, view)
    assert mailing.send_due(now=SUNDAY) == 0
    assert mailing.send_due(now=MONDAY) == 1
    assert mailing.send_due(now=MONDAY) == 0
    assert mailing.send_due(now=MONDAY + timedelta(days=7)) == 1
    first = mail.outbox[0]
    assert (first.to, first.subject, first.attachments) == (["x@staff.example"], "Report: Done", [])
    assert f"{VIEWS}{view.uuid}/" in first.body
    assert "Bo Ek" not in first.body
    headers = message_from_string(first.message().as_string())
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http")


def test_a_file_holds_what_its_recipient_may_see(at):
    other = scene(cast("birch"))
    other.finished(other.learner("Theirs"))
    at.finished(at.learner("Ours"))
    una = account("una", at.people.institution)
    due(una, kept(una, query=""), form="file")
    mailing.send_due(now=MONDAY)
    name, rows, _kind = mail.outbox[0].attachments[0]
    assert name == "completion-2026-03-02.csv"
    assert ("Ours" in rows, "Theirs" in rows) == (True, False)


def test_a_long_file_goes_as_a_link(at, monkeypatch):
    monkeypatch.setattr(mailing, "MOST_ROWS", 0)
    una = account("una", at.people.institution)
    due(una, kept(una, query=f"course={at.people.context.pk}"), form="file")
    mailing.send_due(now=MONDAY)
    assert mail.outbox[0].attachments == []


@pytest.mark.parametrize("change", ["is_active", "is_staff", "institution", "email"])
def test_who_may_no_longer_open_the_view_gets_no_mail(at, change):
    owner = account("una", at.people.institution)
    ugo = account("ugo", at.people.institution)
    due(ugo, kept(owner, at.people.institution))
    if change == "institution":
        InstitutionStaff.objects.filter(user=ugo).delete()
    else:
        User.objects.filter(pk=ugo.pk).update(**{change: "" if change == "email" else False})
    assert mailing.send_due(now=MONDAY) == 0
    assert (mail.outbox, Subscription.objects.count()) == ([], 0)


def test_of_two_workers_one_sends_and_a_dead_one_is_followed(at):
    una = account("una", at.people.institution)
    due(una, kept(una))
    first = saved_views.claim_due(now=MONDAY)
    assert first is not None
    assert saved_views.claim_due(now=MONDAY) is None
    # It died before it sent. Later another one takes over, and the first one, if it wakes, sends nothing.
    later = MONDAY + saved_views.LEASE
    second = saved_views.claim_due(now=later)
    assert second == first
    assert saved_views.settle(first, now=later) is False
    assert saved_views.settle(second, now=later) is True
    assert saved_views.claim_due(now=later) is None


def test_one_click_ends_it_without_a_log_in(at):
    una = account("una", at.people.institution)
    due(una, kept(una))
    mailing.send_due(now=MONDAY)
    address = re.search(r"<http://[^/]+([^>]+)>", mail.outbox[0].extra_headers["List-Unsubscribe"])[1]
    nobody = Client(enforce_csrf_checks=True)
    assert "no more mails with the report “Done”?" in text_of(nobody.get(address))
    assert Subscription.objects.count() == 1
    answer = nobody.post(address, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, Subscription.objects.count()) == (200, 0)
    assert nobody.post(address).status_code == 200
    assert nobody.get("/staff/reports/unsubscribe/made-up/").status_code == 404


def test_an_account_without_an_address_is_told(at):
    una = account("una", at.people.institution, email="")
    view = kept(una)
    answer = browser(una).post(f"{VIEWS}{view.uuid}/subscribe/", {"every": "week", "form": "link"}, follow=True)
    assert "has no e-mail address" in text_of(answer)
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("now", "every", "then"),
    [
        (SUNDAY, "week", "2026-03-02 06:00"),
        (MONDAY, "week", "2026-03-09 06:00"),
        (MONDAY.replace(hour=5), "week", "2026-03-02 06:00"),
        (SUNDAY, "month", "2026-04-01 06:00"),
        (SUNDAY.replace(hour=5), "month", "2026-03-01 06:00"),
        (SUNDAY.replace(month=12), "month", "2027-01-01 06:00"),
    ],
)
def test_periods_begin_on_mondays_and_firsts(now, every, then):
    assert f"{saved_views.following(now, every):%Y-%m-%d %H:%M}" == then
