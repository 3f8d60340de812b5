"""Links are secret, for one registration, and end by themselves."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from lti.models import Institution, Registration, RegistrationLink
from lti.proofs import hash_secret
from lti.registering import links as registration_links
from lti.registering.refusals import WORDS, RegistrationRefused
from tests.lti.cast import registration
from tests.lti.registering.test_dynamic_registration import NOW, make_link

pytestmark = pytest.mark.django_db


def why_refused(call, *arguments, **named):
    with pytest.raises(RegistrationRefused) as problem:
        call(*arguments, **named)
    return problem.value.reason


def token_of(address):
    return address.rstrip("/").rpartition("/")[2]


def test_only_the_token_s_hash_is_kept_reg_01():
    link, address = make_link()
    token = token_of(address)
    assert address == f"http://127.0.0.1:8000/lti/register/{token}/"
    assert link.token_hash == hash_secret(token)
    assert len(token) == 43
    assert token not in str(RegistrationLink.objects.values().get())
    assert registration_links.find(token, now=NOW) == link


def test_no_two_links_are_alike():
    assert make_link()[1] != make_link()[1]


def test_a_link_is_found_until_it_expires():
    link, address = make_link(lifetime=timedelta(days=1))
    just_before = NOW + timedelta(days=1) - timedelta(seconds=1)
    assert registration_links.find(token_of(address), now=just_before) == link
    assert why_refused(registration_links.find, token_of(address), now=NOW + timedelta(days=1)) == "link_expired"
    assert why_refused(registration_links.find, "other", now=NOW) == "link_unknown"
    assert why_refused(registration_links.find, "", now=NOW) == "link_unknown"


def test_of_two_tries_at_the_same_time_one_goes_on():
    link, _address = make_link()
    registration_links.claim(link, now=NOW)
    assert why_refused(registration_links.claim, link, now=NOW + timedelta(minutes=2)) == "link_busy"
    registration_links.claim(link, now=NOW + registration_links.LEASE)
    registration_links.release(link)
    registration_links.claim(link, now=NOW + registration_links.LEASE)
    link.refresh_from_db()
    assert link.tries == 3


def test_a_link_is_not_tried_for_ever():
    link, address = make_link()
    for _ in range(registration_links.TRIES):
        registration_links.claim(link, now=NOW)
        registration_links.release(link)
    assert why_refused(registration_links.claim, link, now=NOW) == "link_worn_out"
    assert why_refused(registration_links.find, token_of(address), now=NOW) == "link_worn_out"


def test_a_used_link_stays_used():
    link, address = make_link()
    RegistrationLink.objects.update(used_at=NOW, registration=registration())
    registration_links.release(link)
    registration_links.withdraw(link, by=None, now=NOW)
    assert why_refused(registration_links.claim, link, now=NOW) == "link_used"
    assert why_refused(registration_links.find, token_of(address), now=NOW) == "link_used"
    assert RegistrationLink.objects.get().expires_at == NOW + timedelta(days=7)


def test_a_withdrawn_link_is_of_no_use():
    link, address = make_link()
    registration_links.withdraw(link, by=None, now=NOW)
    assert why_refused(registration_links.claim, link, now=NOW) == "link_expired"
    assert why_refused(registration_links.find, token_of(address), now=NOW) == "link_expired"


def test_every_reason_has_words_and_an_error_status():
    for words in WORDS.values():
        assert 400 <= words.status < 600
        assert str(words.happened)
        assert str(words.advice)


# --- manage.py registration_link


def command(*arguments):
    printed = StringIO()
    call_command("registration_link", *arguments, stdout=printed)
    return printed.getvalue()


def test_the_command_prints_the_link_once_reg_01():
    before, printed, after = datetime.now(UTC), command("Example Moodle"), datetime.now(UTC)
    first, address = printed.splitlines()
    link = RegistrationLink.objects.get()
    assert first == f"Works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC:"
    assert before + timedelta(days=7) <= link.expires_at <= after + timedelta(days=7)
    assert link.token_hash == hash_secret(token_of(address))
    assert (link.name, link.institution.name) == ("Example Moodle", "Example Moodle")
    assert (link.is_preapproved, link.deployment_policy, link.host, link.issuer) == (False, "pending", "", "")


def test_the_command_keeps_what_it_is_told():
    Institution.objects.create(name="School", slug="school")
    command(
        *("Canvas", "--institution=School", "--days=30", "--active", "--unknown-deployments=auto"),
        *("--host=Canvas.school.example", "--issuer=https://canvas.instructure.com"),
    )
    link = RegistrationLink.objects.get()
    assert (link.institution.slug, link.is_preapproved, link.deployment_policy) == ("school", True, "auto")
    assert (link.host, link.issuer) == ("canvas.school.example", "https://canvas.instructure.com")
    assert link.expires_at - link.created_at == timedelta(days=30)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--days=0"], "--days: from 1 to 365"),
        (["--days=366"], "--days: from 1 to 365"),
        (["--issuer=https://canvas.instructure.com"], "--issuer: say with --host"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(options, told):
    with pytest.raises(CommandError, match=told):
        command("LMS", *options)
    assert not RegistrationLink.objects.exists()


# --- what the database keeps


def test_a_link_is_used_exactly_when_it_has_a_registration():
    make_link()
    for half in ({"used_at": NOW}, {"registration": registration()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegistrationLink.objects.update(**half)


def test_a_token_is_one_link_s_and_policies_are_known():
    make_link()
    other = make_link()[0]
    for change in ({"token_hash": "same"}, {"deployment_policy": "perhaps"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegistrationLink.objects.update(**change)
    RegistrationLink.objects.filter(pk=other.pk).update(token_hash="same")


def test_who_made_a_link_may_leave():
    from django.contrib.auth.models import User

    sue = User.objects.create_user("sue", is_staff=True)
    make_link(created_by=sue)
    sue.delete()
    assert RegistrationLink.objects.get().created_by is None
    assert Registration.objects.count() == 0
