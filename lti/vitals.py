"""How connections to LMSs fare, from what the database knows: a fixed number of queries for any number of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from lti.courses import roster
from lti.grades import advice
from lti.models import Context, Launch, Registration, Score, ScoreSending

# Launches are kept for a week (lti.pruning); tries are asked for as long.
LOOKED_AT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Failure:
    """Grades that could not be sent, by cause."""

    number: int
    advice: str


@dataclass(slots=True)
class Vitals:
    """Of one registration. None: not within LOOKED_AT; for rosters, never."""

    last_launch_at: datetime | None = None
    last_sent_at: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    failures: list[Failure] = field(default_factory=list)
    roster_at: datetime | None = None
    roster_failures: list[Failure] = field(default_factory=list)
    paused_until: datetime | None = None
    pause_advice: str = ""

    @property
    def failed(self) -> int:
        return sum(failure.number for failure in self.failures)


def of(registrations: Iterable[Registration], *, now: datetime) -> dict[int, Vitals]:
    """By the registration's key."""
    rows = {row.pk: row for row in registrations}
    found = {key: _pause(row, now=now) for key, row in rows.items()}
    since = now - LOOKED_AT
    for key, at in _newest(
        Launch.objects.filter(created_at__gte=since), "deployment__registration", "created_at", rows
    ):
        found[key].last_launch_at = at
    sent = ScoreSending.objects.filter(at__gte=since, outcome="sent")
    for key, at in _newest(sent, "score__line_item__deployment__registration", "at", rows):
        found[key].last_sent_at = at
    _scores(rows, found)
    _rosters(rows, found)
    return found


def _pause(row: Registration, *, now: datetime) -> Vitals:
    if row.services_paused_until is None or row.services_paused_until <= now:
        return Vitals()
    words = str(advice.for_teacher(row.services_error, product=row.product)) if row.services_error else ""
    return Vitals(paused_until=row.services_paused_until, pause_advice=words)


def _newest(rows: object, path: str, column: str, keys: Iterable[int]) -> list[tuple[int, datetime]]:
    asked = rows.filter(**{f"{path}__in": list(keys)}).order_by()  # type: ignore[attr-defined]
    return list(asked.values_list(path).annotate(Max(column)))


def _scores(rows: dict[int, Registration], found: dict[int, Vitals]) -> None:
    """Waiting and failed ones in one query: few rows of many, with an index of their own."""
    path = "line_item__deployment__registration"
    open_ones = Score.objects.filter(~Q(state="sent"), state__in=["due", "failed"], **{f"{path}__in": list(rows)})
    told = (
        open_ones.order_by()
        .values_list(path, "state", "last_error")
        .annotate(number=Count("pk"), oldest=Min("timestamp"))
    )
    for key, state, code, number, oldest in told.order_by("-number"):
        vitals = found[key]
        if state == Score.State.DUE:
            vitals.waiting += number
            vitals.waiting_since = min(filter(None, (vitals.waiting_since, oldest)))
        else:
            vitals.failures.append(Failure(number, str(advice.for_teacher(code, product=rows[key].product))))


def _rosters(rows: dict[int, Registration], found: dict[int, Vitals]) -> None:
    path = "deployment__registration"
    courses = Context.objects.filter(**{f"{path}__in": list(rows)}).order_by()
    told = courses.values_list(path, "roster_error").annotate(number=Count("pk"), newest=Max("roster_synced_at"))
    for key, code, number, newest in told.order_by("-number"):
        vitals = found[key]
        vitals.roster_at = max(filter(None, (vitals.roster_at, newest)), default=None)
        if code:
            vitals.roster_failures.append(Failure(number, _roster_words(code)))


def _roster_words(code: str) -> str:
    return roster.freshness_of(Context(roster_error=code)).advice
