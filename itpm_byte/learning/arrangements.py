"""What teachers arrange for one learner: more attempts, other dates, an own grade, a fresh start, nothing to do at all.

Each deed is one transaction with its record (`lti.audit`); the same again changes nothing and is not recorded again.
Each locks in the order of `progress`: the placement, then the learner's row, attempts, score. What is arranged holds at
once, also for an attempt that is open: whoever answers reads it under the lock (`sheets.read_work`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.db import transaction

from itpm_byte.learning import progress
from itpm_byte.learning.arrangement_errors import (
    AttemptUnknown,
    DatesExclude,
    IsExempt,
    NotALearner,
    OverrideOutOfRange,
    ReasonMissing,
    TooMuch,
)
from itpm_byte.learning.models import Arrangement, Attempt, Placement, StandingAccommodation
from itpm_byte.learning.scoring import FOUR_PLACES
from itpm_byte.learning.sheets import read_work
from lti import audit
from lti.models import Context, Membership, PlatformUser, Role

MOST_ATTEMPTS = 100
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who does it, when and why, and under which name it is recorded."""

    action: str
    by: audit.Actor
    reason: str
    now: datetime


def is_learner(context: Context | None, learner: PlatformUser) -> bool:
    """Somebody whose attempts are recorded and graded in this course (AGS-28), also if they have left."""
    if context is None or learner.is_anonymous:
        return False
    seats = Membership.objects.filter(context=context, user=learner)
    return seats.filter(role=Role.LEARNER, is_test_user=False).exists()


def give_attempts(
    placement: Placement, learner: PlatformUser, *, extra: int, by: audit.Actor, reason: str = "", now: datetime
) -> bool:
    """So many attempts more than everybody else has; 0 takes them back. Did it change anything?

    Open attempts stay. Raises NotALearner, TooMuch.
    """
    if not 0 <= extra <= MOST_ATTEMPTS:
        raise TooMuch
    deed = Deed(action="attempts.given", by=by, reason=reason, now=now)
    return _arrange(placement, learner, deed, extra_attempts=extra)


def set_dates(
    placement: Placement,
    learner: PlatformUser,
    *,
    opens_at: datetime | None,
    due_at: datetime | None,
    closes_at: datetime | None,
    by: audit.Actor,
    reason: str = "",
    now: datetime,
) -> bool:
    """Dates of the learner's own; None: the activity's counts. Did it change anything?

    Raises NotALearner, and DatesExclude where this learner could never answer or be in time.
    """
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise DatesExclude
    deed = Deed(action="dates.set", by=by, reason=reason, now=now)
    dates: dict[str, Any] = {"opens_at": opens_at, "due_at": due_at, "closes_at": closes_at}
    return _arrange(placement, learner, deed, check=_check_dates, **dates)


def exempt(placement: Placement, learner: PlatformUser, *, by: audit.Actor, reason: str = "", now: datetime) -> bool:
    """The learner need not do this: nothing counts, and what we put into the gradebook is taken out (AGS-24).

    What a teacher put there stays (AGS-31). Attempts are kept, and so is an own grade: they count again when the
    learner is included. Raises NotALearner.
    """
    deed = Deed(action="learner.exempted", by=by, reason=reason, now=now)
    return _arrange(placement, learner, deed, counts=True, is_exempt=True)


def include(placement: Placement, learner: PlatformUser, *, by: audit.Actor, reason: str = "", now: datetime) -> bool:
    """The learner is to do this again, as everybody. Raises NotALearner."""
    deed = Deed(action="learner.included", by=by, reason=reason, now=now)
    return _arrange(placement, learner, deed, counts=True, is_exempt=False)


def override(
    placement: Placement, learner: PlatformUser, *, points: Decimal, by: audit.Actor, reason: str, now: datetime
) -> bool:
    """An own grade, of the points of the activity's Byte, instead of what the attempts make, also if there are none.

    Raises NotALearner, ReasonMissing, OverrideOutOfRange, IsExempt.
    """
    possible = placement.byte.points_possible
    if not reason.strip():
        raise ReasonMissing
    if not 0 <= points <= possible:
        raise OverrideOutOfRange
    deed = Deed(action="grade.overridden", by=by, reason=reason, now=now)
    grade = {"override_points": points.quantize(FOUR_PLACES), "override_possible": possible}
    return _arrange(placement, learner, deed, check=_check_included, counts=True, **grade)


def withdraw_override(
    placement: Placement, learner: PlatformUser, *, by: audit.Actor, reason: str = "", now: datetime
) -> bool:
    """The attempts make the grade again; without any there is none. Raises NotALearner."""
    deed = Deed(action="grade.override_withdrawn", by=by, reason=reason, now=now)
    return _arrange(placement, learner, deed, counts=True, override_points=None, override_possible=None)


def reset_attempt(
    placement: Placement,
    learner: PlatformUser,
    *,
    number: int,
    by: audit.Actor,
    reason: str = "",
    now: datetime,
) -> bool:
    """This attempt, open or submitted, counts for nothing any more and uses up none of those allowed. It is kept.

    False if it was reset before. Raises NotALearner, AttemptUnknown.
    """
    with transaction.atomic():
        _check_learner(placement, learner)
        progress.hold(placement)
        # The learner's row: an answer that is on its way to this attempt waits, or is waited for.
        progress.lock_if_there(placement, learner)
        attempt = Attempt.objects.filter(placement=placement, learner=learner, number=number).first()
        if attempt is None:
            raise AttemptUnknown
        if attempt.voided_at is not None:
            return False
        before = {"number": number, "submitted_at": attempt.submitted_at, "points": attempt.points}
        attempt.voided_at = now
        attempt.save(update_fields=["voided_at"])
        progress.recount_one(placement, learner, now=now)
        deed = Deed(action="attempt.reset", by=by, reason=reason, now=now)
        after = {"number": number, "voided_at": now}
        _record(deed, placement, placement.resource_link.context, learner, before=before, after=after)
    return True


def accommodate(
    context: Context,
    learner: PlatformUser,
    *,
    extra_attempts: int,
    extra_days: int,
    by: audit.Actor,
    reason: str = "",
    now: datetime,
) -> bool:
    """More attempts and days in all activities of the course, those that come later too; nothing of both withdraws it.

    Did it change anything? Raises NotALearner, TooMuch.
    """
    if not (0 <= extra_attempts <= MOST_ATTEMPTS and 0 <= extra_days <= MOST_DAYS):
        raise TooMuch
    if not is_learner(context, learner):
        raise NotALearner
    wanted = {"extra_attempts": extra_attempts, "extra_days": extra_days}
    with transaction.atomic():
        # Two teachers at once: the second one waits here, and then sees what the first one did.
        Context.objects.select_for_update(no_key=True).only("pk").get(pk=context.pk)
        row = StandingAccommodation.objects.filter(context=context, learner=learner).first()
        before = {name: getattr(row, name) if row else 0 for name in wanted}
        if before == wanted:
            return False
        if any(wanted.values()):
            StandingAccommodation.objects.update_or_create(
                context=context, learner=learner, defaults={**wanted, "updated_at": now}
            )
        elif row is not None:
            row.delete()
        action = "accommodation.set" if any(wanted.values()) else "accommodation.withdrawn"
        deed = Deed(action=action, by=by, reason=reason, now=now)
        _record(deed, context, context, learner, before=before, after=wanted)
    return True


def for_many(learners: Iterable[PlatformUser], arrange: Callable[[PlatformUser], bool]) -> int:
    """The same for each of them in one transaction, all or none; in the order of their keys, as every lock of many.

    `arrange` does it for one. For how many it changed anything.
    """
    with transaction.atomic():
        return sum(arrange(learner) for learner in sorted(learners, key=lambda learner: learner.pk))


# --- the one way in which an arrangement changes


def _arrange(
    placement: Placement,
    learner: PlatformUser,
    deed: Deed,
    *,
    check: Callable[[Placement, Arrangement], None] | None = None,
    counts: bool = False,
    **wanted: Any,
) -> bool:
    """Set these fields, unless they are so already. `counts`: the grade may be another one then."""
    with transaction.atomic():
        _check_learner(placement, learner)
        progress.hold(placement)
        row = Arrangement.objects.filter(placement=placement, learner=learner).first()
        row = row or Arrangement(placement=placement, learner=learner)
        before = {name: getattr(row, name) for name in wanted}
        if before == wanted:
            return False
        for name, value in wanted.items():
            setattr(row, name, value)
        row.updated_at = deed.now
        row.save()
        if check is not None:
            check(placement, row)
        if counts:
            progress.recount_one(placement, learner, now=deed.now)
        _record(deed, placement, placement.resource_link.context, learner, before=before, after=wanted)
    return True


def _check_learner(placement: Placement, learner: PlatformUser) -> None:
    if not is_learner(placement.resource_link.context, learner):
        raise NotALearner


def _check_dates(placement: Placement, row: Arrangement) -> None:
    """As the dates are for this learner now, standing days included; only what the own ones bring out of order."""
    terms = read_work(placement, row.learner).terms
    for names in combinations(("opens_at", "due_at", "closes_at"), 2):
        earlier, later = (getattr(terms, name) for name in names)
        is_own = any(getattr(row, name) is not None for name in names)
        if is_own and _is_out_of_order(earlier, later, may_be_equal="due_at" in names):
            raise DatesExclude


def _is_out_of_order(earlier: datetime | None, later: datetime | None, *, may_be_equal: bool) -> bool:
    if earlier is None or later is None:
        return False
    return later < earlier or (later == earlier and not may_be_equal)


def _check_included(_placement: Placement, row: Arrangement) -> None:
    if row.is_exempt:
        raise IsExempt


def _record(
    deed: Deed,
    on: Placement | Context,
    context: Context | None,
    learner: PlatformUser,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    audit.record(
        deed.action,
        by=deed.by,
        now=deed.now,
        on=on,
        context=context,
        subject=learner,
        reason=deed.reason,
        before=before,
        after=after,
    )
