"""What the worker does between scores: ring for the overdue, forget the outdated."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from lti import pruning, tasks

PRUNE_EVERY = timedelta(minutes=10)
RESULTS_KEPT = timedelta(days=1)
FAILED_RESULTS_KEPT = timedelta(days=14)

log = structlog.get_logger("engine.upkeep")


class Upkeep:
    """One per worker process; several at the same time do no harm."""

    def __init__(self) -> None:
        self.pruned_at: datetime | None = None

    def tick(self, *, now: datetime) -> None:
        """Called every few seconds. A failure of one job, such as a database that is away, must not end the others."""
        self._attempt("sweep", lambda: tasks.ring_overdue(now=now))
        if self.pruned_at is None or now - self.pruned_at >= PRUNE_EVERY:
            self.pruned_at = now
            self._attempt("prune", lambda: pruning.prune(now=now))
            self._attempt("prune_tasks", lambda: prune_task_results(now=now))

    @staticmethod
    def _attempt(name: str, job: Callable[[], object]) -> None:
        try:
            found = job()
        except Exception:
            log.exception("engine.upkeep_failed", job=name)
        else:
            log.debug("engine.upkeep", job=name, found=found)


def prune_task_results(*, now: datetime) -> int:
    """Forget tasks that are long done, and those whose worker died: their scores were rung for again since."""
    done = Q(status="SUCCESSFUL", finished_at__lte=now - RESULTS_KEPT)
    failed = Q(status="FAILED", finished_at__lte=now - FAILED_RESULTS_KEPT)
    orphaned = Q(status="RUNNING", started_at__lte=now - RESULTS_KEPT)
    forgotten, _ = DBTaskResult.objects.filter(done | failed | orphaned).delete()
    return int(forgotten)
