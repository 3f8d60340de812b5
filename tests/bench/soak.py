"""`python -m tests.bench.soak`: the service at half of its load for MINUTES (30); does anything grow that should not?

Web server and worker as processes on PostgreSQL (or SQLite, if said), learners who launch and submit, an LMS that takes
their grades. Prints the memory on the way with the slope of a straight line through it, and which tables grew.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from tests.bench import databases, figures
from tests.bench.lms import pretend_lms
from tests.bench.load import Class
from tests.bench.platform import Platform
from tests.bench.server import Server, memory_of, running
from tests.bench.tools import byte_environment
from tests.checks.words import ROOT
from tests.ports import free_port

MINUTES = float(os.environ.get("MINUTES", "30"))
# Learners who come together; half of the time the server then has nothing to do.
TOGETHER = 20
# The first minutes fill caches and connections.
WARM_UP_SHARE = 0.2


@dataclass
class Watch:
    """Seconds since the beginning, and MB of web server and worker."""

    at: list[float] = field(default_factory=list)
    web: list[int] = field(default_factory=list)
    worker: list[int] = field(default_factory=list)

    def look(self, second: float, web: int, worker: int) -> None:
        self.at.append(second)
        self.web.append(memory_of(web).pss)
        self.worker.append(memory_of(worker).pss)

    def slope(self, values: list[int]) -> float:
        """MB in an hour, by linear regression, without the first part."""
        first = int(len(values) * WARM_UP_SHARE)
        return float(numpy.polyfit(self.at[first:], values[first:], 1)[0]) * 3600

    def course(self, values: list[int]) -> str:
        """MB at eleven moments, the first and last among them: a slope alone does not tell whether it levels off."""
        moments = numpy.linspace(0, self.at[-1], 11)
        return " ".join(f"{value:.0f}" for value in numpy.interp(moments, self.at, values))


def main() -> None:
    kind = "sqlite" if "sqlite" in sys.argv[1:] else "postgres"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cluster = stack.enter_context(databases.cluster(kind, Path(folder)))
        services = stack.enter_context(pretend_lms(delay_ms=10))
        lms = stack.enter_context(Platform(services.issuer))
        port = free_port()
        environment = byte_environment(cluster.url_of("soak"), lms, port)
        server = stack.enter_context(running("itpm_byte.wsgi:application", environment, port, workers=2))
        worker = stack.enter_context(_worker(environment))
        watch = Watch()
        launched = _soak(Class(server, lms, cluster), watch, server, worker)
        _report(kind, watch, launched, services.told()["learners"])
        sys.stdout.write(_tables(environment))


def _soak(course: Class, watch: Watch, server: Server, worker: "subprocess.Popen[bytes]") -> int:
    began, learners = time.monotonic(), 0
    while (second := time.monotonic() - began) < MINUTES * 60:
        watch.look(second, server.process.pid, worker.pid)
        busy = time.monotonic()
        names = [f"soak{learners + number}" for number in range(TOGETHER)]
        _, pages = course.walk_byte(names)
        course.submit_byte(pages)
        learners += TOGETHER
        time.sleep(time.monotonic() - busy)
    return learners


def _report(kind: str, watch: Watch, launched: int, graded: int) -> None:
    web, worker = watch.slope(watch.web), watch.slope(watch.worker)
    print(
        f"{figures.where()}; {kind}, {MINUTES:.0f} minutes, {launched} launches and submits, {graded} grades arrived\n"
        f"web server: {watch.web[0]} MB at first, {watch.web[-1]} MB at last, {web:+.1f} MB in an hour by regression\n"
        f"            {watch.course(watch.web)}\n"
        f"worker:     {watch.worker[0]} MB at first, {watch.worker[-1]} MB at last, {worker:+.1f} MB in an hour\n"
        f"            {watch.course(watch.worker)}"
    )
    found = {"minutes": MINUTES, "launches": launched, "grades": graded, "web_mb": watch.web[-1]}
    figures.keep(f"soak/{kind}", **found, web_mb_per_hour=web, worker_mb=watch.worker[-1], worker_mb_per_hour=worker)


def _tables(environment: dict[str, str]) -> str:
    """Rows of each table that has any, after the upkeep of a far later day: what is still there is kept on purpose."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.rows"], cwd=ROOT, env={**os.environ, **environment},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


@contextmanager
def _worker(environment: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


if __name__ == "__main__":
    main()
