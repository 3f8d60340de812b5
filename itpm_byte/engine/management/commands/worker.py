"""`manage.py worker`: sends scores and keeps house, without a web server."""

import os
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.tasks import task_backends
from django_tasks_db.backend import DatabaseBackend

from itpm_byte.engine.leash import when_parent_leaves
from itpm_byte.engine.workers import Workers


class Command(BaseCommand):
    help = "Run background work: send grades, retry, clean up. Stop it with Ctrl-C or SIGTERM; nothing is lost."
    # Whether addresses and their pages fit together is the web server's matter: a worker need not load them.
    requires_system_checks = (Tags.security,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threads", type=int, default=settings.WORKER_THREADS, help="scores sent at a time (default: %(default)s)"
        )
        parser.add_argument("--once", action="store_true", help="do what is due, then leave")
        parser.add_argument("--leashed", action="store_true", help="leave when standard input closes")

    def handle(self, *, threads: int, once: bool, leashed: bool, **options: Any) -> None:
        if threads < 1:
            raise CommandError("--threads must be at least 1.")
        if settings.TASK_ENGINE == "celery":
            _run_celery(threads=threads, once=once, leashed=leashed)
            return
        if not isinstance(task_backends["default"], DatabaseBackend):
            raise CommandError("TASKS names an engine that has no workers here.")
        workers = Workers(threads=threads, sweep_seconds=settings.SWEEP_SECONDS, batch=once)

        def on_signal(number: int, frame: FrameType | None) -> None:
            if workers.stopping.is_set():
                os._exit(1)  # asked twice: leases cover what is cut off here
            workers.stop()

        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
        if leashed:
            when_parent_leaves(workers.stop)
        if not workers.run():
            os._exit(1)


def _run_celery(*, threads: int, once: bool, leashed: bool) -> None:
    if once:
        raise CommandError("--once looks into the database for work; with TASKS=celery work comes from the broker.")
    # Celery is installed only where it is wanted (requirements/scale.txt).
    from itpm_byte.engine.celery_workers import CeleryWorkers  # noqa: PLC0415

    if leashed:
        when_parent_leaves(lambda: os.kill(os.getpid(), signal.SIGTERM))
    if not CeleryWorkers(threads=threads).run():
        os._exit(1)
