"""Erasing a person: identifiers and free texts go everywhere, the numbers stay as nobody's.

The row of the person stays, emptied, under a random ID: work, ratings and records keep pointing at somebody whom nobody
can name. A later launch of the same person finds no row and makes a new one. Grades that an LMS has got stay there.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from itpm_byte.learning.models import (
    Arrangement,
    Feedback,
    Pick,
    Progress,
    Receipt,
    StandingAccommodation,
    SupportRequest,
    UnclearQuestion,
)
from itpm_byte.privacy import people, traces
from lti import audit
from lti.models import GroupMember, Launch, Membership, PlatformUser, Score, StaffAction

# So long a page that was open, or a list of people that was under way, may still have written something.
LOOKED_AT_AGAIN = timedelta(days=2)

log = structlog.get_logger("privacy.erasing")


class ReasonMissing(ValueError):
    """Who erases says why."""


def erase(person: PlatformUser, *, by: Any, reason: str, now: datetime) -> bool:
    """Erase for ever, and write down that, who and why, without naming the person. False: was erased before.

    Raises ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    names = traces.names_of(person)
    owner = people.institution_of(person)
    with transaction.atomic():
        gone = forget(person, now=now)
        if gone is None:
            return False
        audit.record(
            "person.erased",
            by=by,
            now=now,
            on=person,
            institution=owner,
            subject=person,
            reason=traces.without(reason, names),
            after={name: number for name, number in gone.items() if number},
        )
    return True


def forget(person: PlatformUser, *, now: datetime) -> dict[str, int] | None:
    """The deed alone, in one transaction: how many rows of what went; None when the person is gone already."""
    with transaction.atomic():
        # Nobody writes a row that refers to the person until this is done.
        locked = PlatformUser.objects.select_for_update().filter(pk=person.pk, erased_at=None).first()
        if locked is None:
            return None
        names = traces.names_of(locked)
        gone = _forget_rows(locked)
        locked.sub, locked.name, locked.email, locked.locale = f"erased-{uuid4().hex}", "", "", ""
        locked.erased_at = now
        locked.save(update_fields=["sub", "name", "email", "locale", "erased_at"])
        gone["texts"] = traces.wipe(names)
    log.info("privacy.erased", person=person.pk)
    return gone


def look_again(*, now: datetime) -> int:
    """What was written while somebody was being erased goes, too. How many people that concerned."""
    found = 0
    for person in PlatformUser.objects.filter(erased_at__gte=now - LOOKED_AT_AGAIN):
        with transaction.atomic():
            locked = PlatformUser.objects.select_for_update().get(pk=person.pk)
            names = traces.names_of(PlatformUser(name=locked.name, email=locked.email))
            gone = _forget_rows(locked)
            if names or locked.locale:
                locked.name = locked.email = locked.locale = ""
                locked.save(update_fields=["name", "email", "locale"])
                gone["names"] = len(names)
                gone["texts"] = traces.wipe(names)
        found += any(gone.values())
    return found


def _forget_rows(person: PlatformUser) -> dict[str, int]:
    mine, theirs = {"user": person}, {"learner": person}
    begun = Progress.objects.filter(learner=person, placement__resource_link__context=OuterRef("context"))
    comments = Feedback.objects.filter(**theirs).exclude(comment="").update(comment="")
    comments += UnclearQuestion.objects.filter(**theirs).exclude(reason="").update(reason="")
    Pick.objects.filter(made_by=person).update(made_by=None)
    StaffAction.objects.filter(subject=person).exclude(action="person.erased").exclude(reason="").update(reason="")
    no_grade = Q(override_points=None, is_exempt=False)
    arranged = Arrangement.objects.filter(**theirs)
    arranged.exclude(no_grade).update(extra_attempts=0, opens_at=None, due_at=None, closes_at=None)
    rows = {
        "receipts": Receipt.objects.filter(progress__learner=person),
        "support_requests": SupportRequest.objects.filter(**theirs),
        "accommodations": StandingAccommodation.objects.filter(**theirs),
        "arrangements": arranged.filter(no_grade),
        # A worker that holds one just now finds its lease lost, and sends no other.
        "scores": Score.objects.filter(**mine),
        "launches": Launch.objects.filter(Q(user=person) | Q(membership__user=person)),
        "group_members": GroupMember.objects.filter(**mine),
        # Where work stays, the seat says whether it was a learner's or a test user's.
        "memberships": Membership.objects.filter(~Exists(begun), **mine),
    }
    gone: dict[str, int] = {"comments": comments}
    for name, found in rows.items():
        deleted, by_model = found.delete()
        gone[name] = by_model.get(found.model._meta.label, 0) if deleted else 0
    return gone
