"""A Celery worker with our upkeep beside it: what `manage.py worker` runs under TASKS=celery."""

import threading

import structlog
from django.db import close_old_connections, connections
from django.utils import timezone

from itpm_byte.engine.celery_app import app
from itpm_byte.engine.upkeep import Upkeep

# What waited for its time is forwarded at most so late.
TICK_SECONDS = 1.0

log = structlog.get_logger("engine.celery")


class CeleryWorkers:
    """`threads` tasks at a time until SIGTERM or SIGINT; Celery handles the signals and finishes what it began."""

    def __init__(self, *, threads: int) -> None:
        self.stopping = threading.Event()
        self.worker = app.Worker(
            pool="threads",
            concurrency=threads,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        )

    def run(self) -> bool:
        """Blocks. True when the worker ended in order."""
        upkeep = threading.Thread(target=self._keep_house, name="upkeep", daemon=True)
        log.info("engine.workers_started", threads=self.worker.concurrency)
        upkeep.start()
        try:
            self.worker.start()
        finally:
            self.stopping.set()
            upkeep.join(timeout=5)
        return not self.worker.exitcode

    def _keep_house(self) -> None:
        upkeep = Upkeep()
        while not self.stopping.is_set():
            close_old_connections()
            upkeep.tick(now=timezone.now())
            close_old_connections()
            self.stopping.wait(TICK_SECONDS)
        connections.close_all()
