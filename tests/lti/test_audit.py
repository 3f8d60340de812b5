"""What staff did stands beside the deed, or neither does."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from lti import audit
from lti.models import StaffAction
from tests.cast import cast

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(db):
    return cast()


def test_a_deed_says_who_what_to_whom_and_what_was_so_before_and_after(people):
    audit.record(
        "grade.overridden",
        by=people.ada,
        now=NOW,
        on=people.link,
        context=people.context,
        subject=people.lin,
        reason=" Handed in on paper.\0 ",
        before={"points": Decimal("0.5000"), "at": NOW},
        after={"points": None, "dates": [NOW], "by": people.ada},
    )
    row = StaffAction.objects.get()
    assert (row.teacher, row.account, row.subject, row.institution) == (
        people.ada,
        None,
        people.lin,
        people.institution,
    )
    assert (row.object_type, row.object_id) == ("lti.resourcelink", str(people.link.pk))
    assert row.reason == "Handed in on paper."
    assert row.before == {"points": "0.5000", "at": "2026-11-23T09:00:00Z"}
    assert row.after == {"points": None, "dates": ["2026-11-23T09:00:00Z"], "by": people.ada.pk}


def test_an_account_of_the_site_and_the_service_itself_can_be_the_actor(people):
    by_sue = audit.record("registration.approved", by=people.sue, now=NOW, institution=people.institution)
    by_itself = audit.record("retention.run", by=None, now=NOW)
    assert (by_sue.account, by_sue.teacher) == (people.sue, None)
    assert (by_itself.account, by_itself.teacher) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_the_deeds_transaction_is_refused():
    with pytest.raises(RuntimeError):
        audit.record("grade.overridden", by=None, now=NOW)
    assert StaffAction.objects.count() == 0


def record_and_fail(people):
    with transaction.atomic():
        audit.record("grade.overridden", by=people.ada, now=NOW)
        raise ZeroDivisionError


def test_a_deed_that_fails_leaves_no_record(people):
    with pytest.raises(ZeroDivisionError):
        record_and_fail(people)
    assert StaffAction.objects.count() == 0
