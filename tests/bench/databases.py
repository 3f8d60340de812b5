"""Empty databases to measure on: files, or a private PostgreSQL cluster whose commits reach the disk."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.bench.server import cpu_seconds_of
from tests.machine import private_postgres


@dataclass
class Cluster:
    """`url_of` makes an empty database; `postmaster` is 0 on SQLite."""

    where: str
    postmaster: int = 0

    def url_of(self, name: str) -> str:
        if not self.postmaster:
            return f"sqlite:///{self.where}/{name}.sqlite3"
        with psycopg.connect(self.where, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"{self.where.rpartition('/')[0]}/{name}"

    def cpu_seconds(self) -> float:
        """Of the database's own processes so far; SQLite's work is the server's."""
        return cpu_seconds_of(self.postmaster) if self.postmaster else 0.0


def _opened(url: str) -> psycopg.Connection:
    """A new cluster takes a moment: its port opens before it lets anybody in."""
    for _ in range(100):
        with suppress(psycopg.OperationalError):
            return psycopg.connect(url)
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not let us in within 10 seconds.")


@contextmanager
def cluster(kind: str, folder: Path) -> Iterator[Cluster]:
    if kind == "sqlite":
        yield Cluster(str(folder))
        return
    with private_postgres(is_durable=True) as postgres:
        with _opened(postgres.url) as connection:
            (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
            parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
        yield Cluster(postgres.url, parent)
