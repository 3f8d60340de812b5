"""The audit log: what is in it, for whom, in which order."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from itpm_byte.insight import deeds
from itpm_byte.insight.deed_words import WORDS
from itpm_byte.insight.deeds import Wish
from lti import audit
from lti.models import InstitutionStaff
from tests.cast import cast

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
DEED = re.compile(r'(?:audit\.record\(|Deed\(action=|audit_of\([\w.]+,|_change\(registration,)\s*"([\w.]+)"')


def test_every_deed_of_the_code_has_words():
    files = [path for room in ("lti", "itpm_byte") for path in (ROOT / room).rglob("*.py")]
    done = {code for path in files for code in DEED.findall(path.read_text())}
    assert len(done) > 20
    assert done - set(WORDS) == set()


@pytest.fixture
def people(db):
    return cast("amber")


def clerk(*institutions):
    account = User.objects.create_user("clerk", is_staff=True)
    for institution in institutions:
        InstitutionStaff.objects.create(user=account, institution=institution)
    return account


def test_newest_come_first_page_by_page_and_no_deed_twice(people):
    for number in range(5):
        # Two at the same moment: the key decides.
        audit.record("grade.resent", by=people.ada, now=NOW + timedelta(hours=number // 2), context=people.context)
    seen, after = [], None
    while True:
        page = deeds.page(people.sue, Wish(), after=after, limit=2)
        seen += [deed.key for deed in page.deeds]
        after = page.next
        if after is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 5
    assert [deed.key for deed in deeds.stream(people.sue, Wish())] == seen


def test_a_deed_says_who_what_to_whom_why_and_what_changed(people):
    audit.record(
        "grade.overridden",
        by=people.ada,
        now=NOW,
        on=people.link,
        context=people.context,
        subject=people.lin,
        reason="On paper.",
        before={"points": None, "is_exempt": False},
        after={"points": 1, "is_exempt": True},
    )
    (deed,) = deeds.page(people.sue, Wish()).deeds
    assert (deed.who, deed.what, deed.whom, deed.reason) == ("Ada", "gave a grade of their own", "Lin", "On paper.")
    assert (deed.institution, deed.course) == ("amber school", "Careers")
    assert deed.thing == f"resource link {people.link.pk}"
    assert deed.change_words == "points: – → 1; is exempt: no → yes"


def test_staff_see_deeds_of_their_institutions_and_those_of_none_only_operators(people):
    other = cast("birch")
    audit.record("grade.resent", by=people.ada, now=NOW, context=people.context)
    audit.record("grade.resent", by=other.ada, now=NOW, context=other.context)
    audit.record("key.rotated", by=None, now=NOW)
    whose = [deed.institution for deed in deeds.page(clerk(people.institution), Wish()).deeds]
    assert whose == ["amber school"]
    assert len(deeds.page(people.sue, Wish()).deeds) == 3
    foreign = deeds.page(people.sue, Wish(institution=other.institution.pk)).deeds[0].key
    assert deeds.page(User.objects.get(username="clerk"), Wish(), after=foreign).deeds == []


@pytest.mark.parametrize(
    ("wish", "number"),
    [
        (Wish(action="grade.resent"), 1),
        (Wish(who="ada"), 1),
        (Wish(who="sue-amber"), 1),
        (Wish(subject="lin"), 1),
        (Wish(subject="sub-lin"), 1),
        (Wish(text="paper"), 1),
        (Wish(since=date(2026, 11, 24)), 1),
        (Wish(until=date(2026, 11, 23)), 1),
        (Wish(since=date(2026, 11, 23), until=date(2026, 11, 24)), 2),
        (Wish(text="nothing like it"), 0),
    ],
)
def test_filters(people, wish, number):
    audit.record("grade.resent", by=people.ada, now=NOW, context=people.context, subject=people.lin, reason="On Paper")
    owner = people.institution
    audit.record("registration.approved", by=people.sue, now=NOW + timedelta(days=1), institution=owner)
    assert len(deeds.page(people.sue, wish).deeds) == number


def test_the_number_of_queries_does_not_grow(people, django_assert_num_queries):
    for number in range(3):
        with transaction.atomic():
            audit.record("grade.resent", by=people.ada, now=NOW, context=people.context, subject=people.lin)
        with django_assert_num_queries(1):
            assert len(deeds.page(people.sue, Wish()).deeds) == number + 1
