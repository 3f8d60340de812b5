"""Taking a score: a lease on its row, within what its LMS gets at once.

Whoever dies between claim and answer is followed by somebody else when the lease runs out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lti.grades import overrides
from lti.models import Registration, Score
from lti.outcomes import ServiceProblem
from lti.prepared import Prepared

# The part of a lease that must be left when the score is posted.
MARGIN = 0.3


@dataclass(frozen=True)
class Report:
    """What became of a try: a word, and when a worker should come back (None: not needed)."""

    word: str
    ring_at: datetime | None = None


@dataclass(frozen=True)
class Claim:
    """A score as it was before this worker took it, and the lease that proves it."""

    score: Score
    lease_until: datetime
    taken: float  # monotonic seconds
    # None: not asked yet.
    has_left: bool | None = None

    def check_time(self) -> None:
        """Raises ServiceProblem when the lease is about to run out: somebody else may post the same score soon."""
        if monotonic() - self.taken > settings.LTI_LEASE_SECONDS * (1 - MARGIN):
            raise ServiceProblem.retry("unreachable")


def claim(score_id: int, *, now: datetime, least_room: int = 1) -> Claim | Report:
    """Take the score for this worker, unless it is not due, taken, or its LMS wants a pause or is busy.

    `least_room`: with less room than that at its LMS the score is left to those that are at it.
    """
    score = _due.first(score=score_id, now=now)
    if score is None:
        return Report("nothing to send")
    # Whoever set these times or holds the lease rings again.
    if score.timestamp > now or (score.next_try_at and score.next_try_at > now):
        return Report("not yet")
    if score.lease_until and score.lease_until > now:
        return Report("taken")
    if _is_served(score, least_room=least_room):
        return Report("later")
    lease_until = now + timedelta(seconds=settings.LTI_LEASE_SECONDS)
    with transaction.atomic():
        registration = locked(score.line_item.deployment.registration_id, now=now)
        if room(registration, now=now) < (1 if registration.services_failures else least_room):
            wait_until = _wait_until(registration, now=now)
            if wait_until is None:
                # Those that are at it take along what is due when they have sent theirs (rounds).
                return Report("later")
            _free(score, now=now).update(next_try_at=wait_until)
            return Report("later", wait_until)
        # The ring was heard: should this worker die, the sweep may ring as soon as the lease has run out.
        ours = overrides.remembered(score)
        if not _free(score, now=now).update(lease_until=lease_until, rung_at=None, ours=ours):
            return Report("taken")
    score.line_item.deployment.registration = registration
    return Claim(score, lease_until, monotonic())


def _is_served(score: Score, *, least_room: int) -> bool:
    """Whether those who are at this LMS take the score along. Seen without a lock, or a class's rings queue for it."""
    registration = score.line_item.deployment.registration
    is_well = not registration.services_failures and not registration.services_paused_until
    return is_well and settings.LTI_SCORES_AT_ONCE - int(vars(score)["on_their_way"]) < least_room


def _free(score: Score, *, now: datetime) -> Any:
    no_lease = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    return Score.objects.filter(no_lease, pk=score.pk, state=Score.State.DUE, version=score.version)


def room(registration: Registration, *, now: datetime) -> int:
    """How many more scores may go to this LMS now; none in its pause. `registration` is `locked`."""
    if registration.services_paused_until and registration.services_paused_until > now:
        return 0
    # After a failure one probes whether it answers again (AGS §4.4).
    at_once = 1 if registration.services_failures > 0 else settings.LTI_SCORES_AT_ONCE
    return max(0, at_once - int(vars(registration)["on_their_way"]))


def locked(registration_id: int, *, now: datetime) -> Registration:
    """The registration, locked, with the number of scores that are `on_their_way` to it."""
    return _registrations.rows(registration=registration_id, now=now)[0]


def _on_their_way(registration: str, now: Any) -> Coalesce:
    """How many scores somebody holds a lease for, of the registration at this path."""
    leased = Score.objects.filter(line_item__deployment__registration=OuterRef(registration), lease_until__gt=now)
    counted = leased.order_by().values("line_item__deployment__registration").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def _with_on_their_way(registration: Any, now: Any) -> QuerySet[Registration]:
    found = Registration.objects.select_for_update(of=("self",), no_key=True).filter(pk=registration)
    return found.annotate(on_their_way=_on_their_way("pk", now))


def _due_with_on_their_way(score: Any, now: Any) -> QuerySet[Score]:
    found = Score.objects.select_related("user", "line_item__resource_link", "line_item__deployment__registration")
    due = found.filter(pk=score, state=Score.State.DUE)
    return due.annotate(on_their_way=_on_their_way("line_item__deployment__registration", now))


_registrations = Prepared(
    _with_on_their_way, registration=Registration._meta.pk, now=Score._meta.get_field("lease_until")
)
_due = Prepared(_due_with_on_their_way, score=Score._meta.pk, now=Score._meta.get_field("lease_until"))


def _wait_until(registration: Registration, *, now: datetime) -> datetime | None:
    """The end of the LMS's own pause, or some time while another score probes; None where the LMS is only busy."""
    if registration.services_paused_until and registration.services_paused_until > now:
        return registration.services_paused_until + timedelta(seconds=uniform(0, 5))  # noqa: S311 # nosec B311
    if registration.services_failures > 0:
        return now + timedelta(seconds=uniform(5, 20))  # noqa: S311 # nosec B311
    return None
