"""How an LMS's services fare: one failure slows down everybody who wants something from it, one answer frees them."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from lti.models import Registration, Score
from lti.outcomes import LONGEST_DELAY, Outcome, Verdict

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
# So long overdue that the next sweep takes it.
OVERDUE = timedelta(minutes=1)
# Wrong client ids and keys don't heal by asking; somebody must look (AGS-05).
LONGEST_PAUSE_REFUSED = timedelta(hours=1)


def note(registration: Registration, outcome: Outcome, *, now: datetime) -> None:
    """Remember what a call told about the LMS. Costs a write only when something changed."""
    if outcome.is_strike:
        pause = outcome.delay or pause_after(registration.services_failures + 1, outcome.code)
        _row(registration).update(
            services_failures=F("services_failures") + 1,
            services_paused_until=now + min(pause, LONGEST_DELAY),
            services_error=outcome.code,
            services_error_at=now,
        )
    elif registration.services_failures and outcome.verdict is not Verdict.BUSY and outcome.status:
        _row(registration).update(services_failures=0, services_paused_until=None)


def _row(registration: Registration) -> QuerySet[Registration]:
    return Registration.objects.filter(pk=registration.pk)


def lift(registration: Registration, *, now: datetime) -> None:
    """Somebody mended something: nothing waits for the end of a pause. One score probes, the others follow it.

    The sweep rings for them: nobody who mends something waits for hundreds of rings.
    """
    Registration.objects.filter(pk=registration.pk).update(services_paused_until=None)
    waiting = Score.objects.filter(line_item__deployment__registration=registration, state=Score.State.DUE)
    waiting.filter(lease_until=None, timestamp__lte=now, next_try_at__gt=now).update(
        next_try_at=now - OVERDUE, rung_at=None
    )


def pause_after(failures: int, code: str = "") -> timedelta:
    """5 s after the first failure in a row, doubled with each, up to five minutes; an hour where we are refused."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(failures, 1) - 1, 10)
    return min(doubled, LONGEST_PAUSE_REFUSED if code == "token_refused" else LONGEST_PAUSE)
