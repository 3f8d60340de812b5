"""A process full of workers: threads that run background tasks, and a tick for upkeep."""

import logging
import threading
import time
from collections.abc import Callable

import structlog
from django.db import close_old_connections, connections
from django.tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from itpm_byte.engine.taking import TakingWorker
from itpm_byte.engine.upkeep import Upkeep

POLL_SECONDS = 0.5
# Longer than any call to an LMS; what is still busy then is taken over when its lease runs out.
STOP_SECONDS = 40.0
LONGEST_REST = 30.0

log = structlog.get_logger("engine.workers")


class Workers:
    """`threads` workers until `stop()`. Each has a database connection of its own."""

    def __init__(self, *, threads: int, sweep_seconds: float, batch: bool = False) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
        self.sweep_seconds = sweep_seconds
        self.batch = batch
        self.stopping = threading.Event()
        self.workers = [self._worker() for _ in range(threads)]
        self.threads = [
            threading.Thread(target=self._work, args=(worker,), name=f"worker-{number}", daemon=True)
            for number, worker in enumerate(self.workers, 1)
        ]

    def run(self) -> bool:
        """Blocks. True when every worker finished what it was doing before the end."""
        upkeep = Upkeep()
        log.info("engine.workers_started", threads=len(self.threads))
        for thread in self.threads:
            thread.start()
        while not self.stopping.is_set() and not self._is_batch_done():
            close_old_connections()
            upkeep.tick(now=timezone.now())
            close_old_connections()
            self.stopping.wait(0.05 if self.batch else self.sweep_seconds)
        return self._finish()

    def stop(self) -> None:
        """Ask all to finish what they do and take nothing new. Safe in a signal handler."""
        self.stopping.set()
        for worker in self.workers:
            worker.running = False

    def _finish(self) -> bool:
        self.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        is_clean = not any(thread.is_alive() for thread in self.threads)
        log.info("engine.workers_stopped", is_clean=is_clean)
        return is_clean

    def _is_batch_done(self) -> bool:
        return self.batch and not any(thread.is_alive() for thread in self.threads)

    def _worker(self) -> Worker:
        return TakingWorker(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            excluded_queue_names=[],
            interval=POLL_SECONDS,
            batch=self.batch,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )

    def _work(self, worker: Worker) -> None:
        keep_at(worker.run, is_wanted=lambda: worker.running and not self.batch, rest=self.stopping.wait)
        connections.close_all()


def keep_at(job: Callable[[], None], *, is_wanted: Callable[[], bool], rest: Callable[[float], object]) -> None:
    """Run the job, and again after each time it breaks (a database that is away), with growing rests."""
    failures = 0
    while True:
        try:
            job()
        except Exception:
            failures += 1
            log.exception("engine.worker_broke", failures=failures)
            connections.close_all()
            rest(min(2.0**failures, LONGEST_REST))
        if not is_wanted():
            return
