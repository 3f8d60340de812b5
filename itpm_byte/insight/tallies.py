"""Counting learners by placement, version, status and day, and keeping these counts for reports over many courses.

`refresh` is a job by the clock: what changed is counted within a minute or two. What leaves no trace (rows that were
deleted) is counted within RECOUNT_AFTER.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import GreaterThanOrEqual

from itpm_byte.insight import completion_querysets
from itpm_byte.insight.models import DayTally, PlacementTally
from itpm_byte.insight.roster import Status
from itpm_byte.learning.models import Arrangement, Placement, Progress
from lti.models import Membership

RECOUNT_AFTER = timedelta(hours=6)
# A transaction that was under way while others were counted shows its rows later than its times say.
OVERLAP = timedelta(minutes=2)
AT_A_TIME = 40
SECONDS = 20.0


class Group(NamedTuple):
    """So many learners (`number`) of a placement who are alike. Days are None for those who never were there."""

    placement: int
    byte: int
    status: str
    completed_on: date | None
    active_on: date | None
    has_passed: bool
    number: int


def groups(started: QuerySet[Progress], waiting: QuerySet[Placement]) -> Iterator[Group]:
    """Of `completion_querysets.begun` and `others`. Two queries."""
    keys = ("placement_id", "byte_key", "status", "completed_on", "active_on", "is_past_mark")
    counted = started.annotate(
        completed_on=TruncDate("completed_at"), active_on=TruncDate("last_activity_at"), is_past_mark=_is_past_mark()
    )
    for row in counted.order_by().values_list(*keys).annotate(number=Count("pk")):
        yield Group(*row)
    others: Any = waiting.order_by()
    for placement, byte, status, number in others.values_list("pk", "byte_id", "status").annotate(
        number=Count("seat_user")
    ):
        yield Group(placement, byte, status, None, None, False, number)


def _is_past_mark() -> Case:
    """As `completion_rows.Row.has_passed`."""
    points = Coalesce(F("own__override_points"), F("counted_points"))
    possible = Coalesce(F("own__override_possible"), F("counted_possible"))
    mark = Coalesce(F("placement__pass_mark"), F("placement__byte__pass_mark"))
    exact = DecimalField(max_digits=16, decimal_places=4)
    passed = GreaterThanOrEqual(
        ExpressionWrapper(points * 100, output_field=exact), ExpressionWrapper(possible * mark, output_field=exact)
    )
    return Case(
        When(own__is_exempt=True, then=Value(False)),
        When(passed, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def refresh(*, now: datetime, seconds: float = SECONDS) -> int:
    """Count anew what may have changed, then what was counted longest ago, for so long at most. How many placements."""
    ends, done = time.monotonic() + seconds, 0
    for keys in batched(_due(now), AT_A_TIME):
        recount(keys, now=now)
        done += len(keys)
        if time.monotonic() > ends:
            break
    return done


def _due(now: datetime) -> list[int]:
    """Keys of placements: those never counted, those where something changed since, those counted long ago."""
    never = Placement.objects.filter(tallies__isnull=True).order_by("pk").values_list("pk", flat=True)
    since = ExpressionWrapper(OuterRef("counted_at") - Value(OVERLAP), output_field=DateTimeField())
    of_placement = {"placement": OuterRef("placement"), "updated_at__gte": since}
    seats = Membership.objects.filter(
        context=OuterRef("placement__resource_link__context"), updated_at__gte=since
    )  # fmt: skip
    is_changed = (
        Exists(Progress.objects.filter(**of_placement))
        | Exists(Arrangement.objects.filter(**of_placement))
        | Exists(seats)
        | Q(placement__updated_at__gte=F("counted_at"))
    )
    counted = PlacementTally.objects.filter(is_changed | Q(counted_at__lte=now - RECOUNT_AFTER))
    return list(dict.fromkeys([*never, *counted.order_by("counted_at").values_list("placement_id", flat=True)]))


def recount(keys: Sequence[int], *, now: datetime) -> None:
    """What stands there about these placements is replaced, in one transaction."""
    with transaction.atomic():
        here = Placement.objects.filter(pk__in=keys)
        tallies = {
            (key, byte): PlacementTally(placement_id=key, byte_id=byte, counted_at=now)
            for key, byte in here.values_list("pk", "byte_id")
        }
        days: dict[tuple[int, int, date], DayTally] = {}
        started = completion_querysets.all_begun().filter(placement__in=keys)
        for group in groups(started, completion_querysets.others_of(here)):
            _count(group, tallies, days, now)
        PlacementTally.objects.filter(placement__in=keys).delete()
        DayTally.objects.filter(placement__in=keys).delete()
        PlacementTally.objects.bulk_create(tallies.values(), batch_size=1000)
        DayTally.objects.bulk_create(days.values(), batch_size=1000)


def _count(
    group: Group,
    tallies: dict[tuple[int, int], PlacementTally],
    days: dict[tuple[int, int, date], DayTally],
    now: datetime,
) -> None:
    place = {"placement_id": group.placement, "byte_id": group.byte}
    tally = tallies.setdefault((group.placement, group.byte), PlacementTally(**place, counted_at=now))
    _add(tally, group.status, group.number)
    has_passed = group.has_passed and group.status == Status.COMPLETED
    if has_passed:
        tally.passed += group.number
    for day in filter(None, {group.completed_on, group.active_on}):
        days.setdefault((group.placement, group.byte, day), DayTally(**place, day=day))
    if group.completed_on is not None:
        on_day = days[group.placement, group.byte, group.completed_on]
        on_day.completed += group.number
        on_day.passed += group.number * has_passed
    if group.active_on is not None and group.status != Status.NOT_STARTED:
        on_day = days[group.placement, group.byte, group.active_on]
        _add(on_day, f"active_{group.status}", group.number)
        on_day.active_passed += group.number * has_passed


def _add(row: Any, name: str, number: int) -> None:
    setattr(row, name, getattr(row, name) + number)
