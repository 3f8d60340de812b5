"""What workers do: send one score; ring for those that nobody sent."""

from datetime import datetime, timedelta

from django.db.models import Max, Min, Q
from django.tasks import task
from django.utils import timezone

from lti.doctor import visits as doctor_visits
from lti.grades import column_delivery, rounds
from lti.models import Score

# How long a due score may lie before the sweep rings for it, and between two rings for the same one.
GRACE = timedelta(seconds=30)
RING_AGAIN = timedelta(minutes=5)
_REGISTRATION = "line_item__deployment__registration"


@task
def deliver(score_id: int) -> str:
    """Send one score to its LMS if it is due, and what else is due there. Answers a word for the task's record."""
    report = rounds.deliver(score_id, ring=ring)
    if report.ring_at:
        ring(score_id, at=report.ring_at)
    return report.word


@task
def tell_column(line_item_id: int) -> str:
    """Tell the LMS what a grade column should say, if there is something to tell."""
    return column_delivery.tell(line_item_id, now=timezone.now())


@task
def examine(examination_id: int) -> str:
    """Send the connection doctor to a registration."""
    return doctor_visits.make(examination_id, now=timezone.now())


@task
def sweep() -> int:
    """Ring for everything that should have been sent by now."""
    return ring_overdue(now=timezone.now())


def ring(score_id: int, *, at: datetime | None = None) -> None:
    """Ask a worker for a score; not before `at`. Engines that can't wait leave later times to the sweep."""
    if at is None or at <= timezone.now():
        deliver.enqueue(score_id)
    elif deliver.get_backend().supports_defer:
        deliver.using(run_after=at).enqueue(score_id)


def ring_overdue(*, now: datetime, limit: int = 500) -> int:
    """Ring for what lies overdue: lost rings, dead workers. How many rings.

    A lease that has run out belongs to a worker that died between claim and answer.
    """
    overdue = (
        Score.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), state=Score.State.DUE)
        .filter(Q(rung_at__isnull=True) | Q(rung_at__lte=now - RING_AGAIN))
        .filter(Q(next_try_at__lte=now - GRACE) | Q(lease_until__lte=now))
        .order_by("next_try_at")
    )
    found = list(overdue.values_list("pk", flat=True)[:limit])
    Score.objects.filter(pk__in=found).update(rung_at=now)
    forsaken = _forsaken(now=now)
    Score.objects.filter(pk__in=forsaken).update(rung_at=now)
    for score_id in (*found, *forsaken):
        ring(score_id)
    for line_item_id in column_delivery.overdue(now=now):
        tell_column.enqueue(line_item_id)
    return len(found) + len(forsaken)


def _forsaken(*, now: datetime) -> list[int]:
    """One score for each LMS where scores were rung for some time ago and nobody is at any: a round takes all along.

    Such rings were left to whoever was at that LMS (rounds), and that worker died before it came to them.
    """
    at_it = Score.objects.filter(lease_until__gt=now).order_by().values_list(_REGISTRATION, flat=True).distinct()
    waiting = Score.objects.filter(state=Score.State.DUE, next_try_at__lte=now - GRACE)
    waiting = waiting.exclude(**{f"{_REGISTRATION}__in": list(at_it)})
    by_lms = waiting.order_by().values(_REGISTRATION).annotate(one=Min("pk"), last_ring=Max("rung_at"))
    return list(by_lms.filter(last_ring__lte=now - GRACE).values_list("one", flat=True))
