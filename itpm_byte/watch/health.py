"""Is the service fit? What a load balancer and an operator ask, from the database alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min

from itpm_byte.watch.heartbeats import last_sweep
from lti.models import Score

type Verdict = Literal["ok", "degraded", "unavailable"]

# A worker that swept so long ago is dead or stuck; so many times the pause between two sweeps, and a minute.
SWEEPS_MISSED = 4
# A score that is due for so long means that nothing is sent, or that an LMS is away.
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Check:
    """One look. `unavailable`: this process can serve nobody. `degraded`: it serves, and somebody should look."""

    name: str
    verdict: Verdict
    says: str


def look(*, now: datetime) -> list[Check]:
    """All checks. Where the database is away, only that is said."""
    try:
        return [check(now) for check in CHECKS]
    except DatabaseError:
        return [Check("database", "unavailable", "The database does not answer.")]


def worst(checks: list[Check]) -> Verdict:
    found = {check.verdict for check in checks}
    return "unavailable" if "unavailable" in found else "degraded" if "degraded" in found else "ok"


def database(now: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check("database", "ok", "The database answers.")


class _Migrations:
    """Looked for until none is missing: a process never loses a migration that it has seen applied."""

    def __init__(self) -> None:
        self.are_applied = False

    def __call__(self, now: datetime) -> Check:
        if not self.are_applied:
            executor = MigrationExecutor(connection)
            self.are_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if self.are_applied:
            return Check("migrations", "ok", "The database has the tables that this version needs.")
        return Check(
            "migrations", "unavailable", "The database lacks migrations of this version: run manage.py migrate."
        )


migrations = _Migrations()


def workers(now: datetime) -> Check:
    swept = last_sweep()
    oldest = now - timedelta(seconds=SWEEPS_MISSED * settings.SWEEP_SECONDS) - timedelta(minutes=1)
    if swept is None or swept < oldest:
        said = "never" if swept is None else f"{int((now - swept).total_seconds())} seconds ago"
        return Check("workers", "degraded", f"No worker keeps house (last: {said}). Start manage.py worker.")
    return Check("workers", "ok", "A worker keeps house.")


def outbox(now: datetime) -> Check:
    oldest = Score.objects.filter(state=Score.State.DUE).aggregate(oldest=Min("timestamp"))["oldest"]
    if oldest is not None and oldest < now - LONGEST_WAIT:
        minutes = int((now - oldest).total_seconds() // 60)
        return Check("outbox", "degraded", f"The oldest waiting score has waited for {minutes} minutes.")
    return Check("outbox", "ok", "No score waits for long.")


CHECKS: tuple[Callable[[datetime], Check], ...] = (database, migrations, workers, outbox)
