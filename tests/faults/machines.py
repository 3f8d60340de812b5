"""What the service stands on and may lose for a while: its database, its broker, its clock, room on the disk."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import template
from tests.checks.words import ROOT
from tests.machine import Postgres, Redis, private_postgres, private_redis

# A backup does not fit into so many bytes.
LITTLE_ROOM = 64 * 1024


@dataclass
class Machines:
    """`postgres` is None on SQLite, `redis` without Celery, `clock` where it can't be set."""

    postgres: Postgres | None
    redis: Redis | None
    clock: Path | None

    def environment(self) -> dict[str, str]:
        """For all processes of the service."""
        told = {"TASKS": "celery", "CELERY_BROKER_URL": self.redis.url} if self.redis else {"TASKS": "database"}
        if self.clock:
            told |= {"PYTHONPATH": str(Path(__file__).parent / "clock"), "FAULTS_CLOCK": str(self.clock)}
        return told

    def restart_postgres(self, *, crash: bool) -> None:
        assert self.postgres
        self.postgres.stop(signal.SIGQUIT if crash else signal.SIGINT)
        time.sleep(1)
        self.postgres.start()

    def flush_redis(self) -> None:
        assert self.redis
        import redis

        redis.Redis.from_url(self.redis.url).flushall()

    def restart_redis(self) -> None:
        assert self.redis
        self.redis.stop(signal.SIGKILL)
        time.sleep(2)
        self.redis.start()

    def set_clock(self, seconds: int) -> None:
        """The service's clock goes so many seconds ahead of the true one (negative: behind); within a second."""
        assert self.clock
        beside = self.clock.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(self.clock)


@contextlib.contextmanager
def machines(*, database: str, engine: str, clock: bool) -> Iterator[Machines]:
    """Private servers; DATABASE_URL of this process names the new database."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="itpm-faults-")))
        postgres = stack.enter_context(private_postgres(is_durable=True)) if database == "postgres" else None
        redis = stack.enter_context(private_redis()) if engine == "celery" else None
        before = os.environ.pop("DATABASE_URL", None)
        if postgres:
            os.environ["DATABASE_URL"] = postgres.url
        template.begin_run()
        made = Machines(postgres, redis, folder / "clock" if clock else None)
        if made.clock:
            made.set_clock(0)
        try:
            yield made
        finally:
            template.end_run()
            os.environ.pop("DATABASE_URL", None)
            if before is not None:
                os.environ["DATABASE_URL"] = before


def cut_connections(url: str) -> None:
    """As a restart of PostgreSQL does, for one database of a cluster that others use, too. They are gone afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )


@contextlib.contextmanager
def full_disk() -> Iterator[Path]:
    """A folder with little room: a small file system of its own where we may make one. Else see `limited`."""
    with tempfile.TemporaryDirectory(prefix="itpm-full-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={LITTLE_ROOM}", "tmpfs", folder]
        is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        try:
            yield Path(folder)
        finally:
            if is_mounted:
                subprocess.run(["umount", folder], check=True)


def backup_to_full_disk(environment: dict[str, str]) -> str:
    """What is wrong with how `manage.py backup` fails without room; "" if nothing is."""
    with full_disk() as folder:
        limited = None if os.path.ismount(folder) else _limit
        ran = subprocess.run(
            [sys.executable, "manage.py", "backup", str(folder / "byte.backup")],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, preexec_fn=limited,
        )  # fmt: skip
        left = [path.name for path in folder.iterdir()]
    said = ran.stderr.strip()
    if ran.returncode == 0:
        return "a backup without room says that it was written"
    if left:
        return f"a backup without room leaves {left}"
    if "Traceback" in said or not said.startswith("CommandError: "):
        return f"a backup without room says: {said[-300:]}"
    return ""


def _limit() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LITTLE_ROOM, LITTLE_ROOM))
