"""What workers do between tasks: ring for the overdue, forget the outdated. Each job once, however many workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from itpm_byte.api import idempotency
from itpm_byte.engine.models import PeriodicJob
from itpm_byte.insight import tallies
from itpm_byte.privacy import retention
from itpm_byte.reports.office import forgetting, mailing
from itpm_byte.watch import alerts
from lti import pruning, references, tasks

PRUNE_EVERY = timedelta(minutes=10)
RESULTS_KEPT = timedelta(days=1)
FAILED_RESULTS_KEPT = timedelta(days=14)

log = structlog.get_logger("engine.upkeep")


@dataclass(frozen=True)
class Job:
    """`run(now)` is called once in `every`, by one worker. It must bear being cut off and being run again."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]


def prune_task_results(*, now: datetime) -> int:
    """Forget tasks that are long done, and those whose worker died: their scores were rung for again since."""
    done = Q(status="SUCCESSFUL", finished_at__lte=now - RESULTS_KEPT)
    failed = Q(status="FAILED", finished_at__lte=now - FAILED_RESULTS_KEPT)
    orphaned = Q(status="RUNNING", started_at__lte=now - RESULTS_KEPT)
    forgotten, _ = DBTaskResult.objects.filter(done | failed | orphaned).delete()
    return int(forgotten)


def forward_waiting(*, now: datetime) -> int:
    """With Celery, what waited in the database for its time goes to the broker."""
    if settings.TASK_ENGINE != "celery":
        return 0
    # Celery is installed only where it is wanted (requirements/scale.txt).
    from itpm_byte.engine.celery_backend import forward_due  # noqa: PLC0415

    return forward_due(now=now)


# Everything that happens by the clock. A room's own job is a function with `now=`; its line here says how often.
JOBS = (
    Job("forward", timedelta(seconds=1), lambda now: forward_waiting(now=now)),
    Job("sweep", timedelta(seconds=settings.SWEEP_SECONDS), lambda now: tasks.ring_overdue(now=now)),
    Job("tallies", timedelta(minutes=1), lambda now: tallies.refresh(now=now)),
    Job("mails", timedelta(minutes=1), lambda now: mailing.send_due(now=now)),
    Job("alerts", timedelta(minutes=1), lambda now: alerts.tell(now=now)),
    Job("retention", timedelta(days=1), lambda now: retention.apply_all(now=now)),
    Job("prune", PRUNE_EVERY, lambda now: pruning.prune(now=now)),
    Job("prune_log_ins", timedelta(hours=1), lambda now: forgetting.prune(now=now)),
    Job("prune_answers", PRUNE_EVERY, lambda now: idempotency.prune(now=now)),
    Job("prune_tasks", PRUNE_EVERY, lambda now: prune_task_results(now=now)),
)


class Upkeep:
    """One per worker process. A job that is due belongs to whichever comes first."""

    def __init__(self, jobs: tuple[Job, ...] = JOBS) -> None:
        self.jobs = jobs

    def tick(self, *, now: datetime) -> None:
        """Called every few seconds. A failure of one job, such as a database that is away, must not end the others."""
        for job in self.jobs:
            self._attempt(job, now)

    @staticmethod
    def _attempt(job: Job, now: datetime) -> None:
        with references.bound():
            try:
                if not is_turn(job, now=now):
                    return
                found = job.run(now)
            except Exception:
                log.exception("engine.upkeep_failed", job=job.name)
            else:
                log.debug("engine.upkeep", job=job.name, found=found)


def is_turn(job: Job, *, now: datetime) -> bool:
    """Whether the job is due and this caller is the one to run it."""
    times = {"due_at": now + job.every, "began_at": now}
    if PeriodicJob.objects.filter(name=job.name, due_at__lte=now).update(**times):
        return True
    if PeriodicJob.objects.filter(name=job.name).exists():
        return False
    try:
        with transaction.atomic():
            PeriodicJob.objects.create(name=job.name, **times)
    except IntegrityError:
        return False  # another worker was first on the first day
    return True
