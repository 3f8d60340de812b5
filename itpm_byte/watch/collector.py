"""What the database tells at the moment of asking: the same whichever process answers, so it is not added up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from itpm_byte.watch.heartbeats import beats
from lti.models import Context, Score

# States that wait for something: the rest is history, and grows for ever.
OPEN = ("due", "failed", "changed", "unavailable")
STALE = timedelta(days=1)


class DatabaseCollector(Collector):
    """Four queries, none of which grows with what is done and over."""

    def collect(self) -> Iterator[Any]:
        now = timezone.now()
        yield from _outbox(now)
        yield from _rosters(now)
        yield from _tasks(now)
        jobs = GaugeMetricFamily("itpm_job_age_seconds", "Since a job by the clock last began.", labels=["job"])
        for name, began_at in sorted(beats().items()):
            jobs.add_metric([name], _age(began_at, now))
        yield jobs


def _outbox(now: datetime) -> Iterator[GaugeMetricFamily]:
    depth = GaugeMetricFamily("itpm_outbox_scores", "Scores that are not in the LMS.", labels=["registration", "state"])
    oldest = GaugeMetricFamily(
        "itpm_outbox_oldest_seconds", "Age of the oldest of them.", labels=["registration", "state"]
    )
    found = (
        Score.objects.filter(state__in=OPEN)
        .values_list("line_item__deployment__registration__uuid", "state")
        .annotate(number=Count("pk"), first=Min("timestamp"))
        .order_by()
    )
    for registration, state, number, first in found:
        depth.add_metric([str(registration), state], number)
        oldest.add_metric([str(registration), state], _age(first, now))
    yield from (depth, oldest)


def _rosters(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Only courses where somebody asked for the list within a day: the others rest."""
    stale = GaugeMetricFamily("itpm_rosters_stale", "Courses in use whose list of people is older than a day.")
    failed = GaugeMetricFamily(
        "itpm_rosters_failed", "Courses in use whose list could not be fetched.", labels=["cause"]
    )
    oldest = GaugeMetricFamily("itpm_rosters_oldest_seconds", "Age of the oldest list of a course in use.")
    in_use = Context.objects.filter(roster_asked_at__gt=now - STALE)
    is_old = Q(roster_synced_at__isnull=True) | Q(roster_synced_at__lt=now - STALE)
    counts = {"number": Count("pk"), "old": Count("pk", filter=is_old), "first": Min("roster_synced_at")}
    rows = in_use.values_list("roster_error").annotate(**counts).order_by()
    old, ages = 0, [0.0]
    for error, number, number_old, first in rows:
        old += number_old
        ages.append(_age(first, now))
        if error:
            failed.add_metric([error], number)
    stale.add_metric([], old)
    oldest.add_metric([], max(ages))
    yield from (stale, failed, oldest)


def _tasks(now: datetime) -> Iterator[GaugeMetricFamily]:
    waiting = GaugeMetricFamily(
        "itpm_tasks_waiting", "Tasks in the database that no worker has begun and that are due."
    )
    oldest = GaugeMetricFamily("itpm_tasks_oldest_seconds", "Age of the oldest of them.")
    found = DBTaskResult.objects.ready().aggregate(number=Count("pk"), first=Min("enqueued_at"))
    waiting.add_metric([], found["number"])
    oldest.add_metric([], _age(found["first"], now))
    yield from (waiting, oldest)


def _age(then: datetime | None, now: datetime) -> float:
    return 0.0 if then is None else max(0.0, (now - then).total_seconds())
