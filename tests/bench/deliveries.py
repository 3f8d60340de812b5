"""Scores to an LMS: how many in a second, at what cost. `python -m tests.bench.deliveries`, also part of `make bench`.

Real workers (`manage.py worker`) on both task engines; an LMS that answers in 10 ms, and one that takes a second and
answers 429 beyond its limit. Every score must arrive once, in order, for one token.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import databases, figures
from tests.bench.lms import PretendLms, pretend_lms
from tests.bench.server import cpu_seconds_of, memory_of
from tests.checks.words import ROOT
from tests.machine import private_redis

PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Case:
    """`at_once`: LTI_SCORES_AT_ONCE, within `limit`, what the LMS takes at a time."""

    name: str
    delay_ms: int
    scores: int
    at_once: int
    limit: int
    workers: int
    goal: int


CASES = (
    Case("10 ms", delay_ms=10, scores=3000, at_once=32, limit=32, workers=2, goal=300),
    Case("1 s", delay_ms=1000, scores=1000, at_once=64, limit=64, workers=1, goal=50),
)


def main() -> None:
    databases = ("postgres", "sqlite") if len(sys.argv) < 2 else (sys.argv[1],)
    for database in databases:
        for engine in ("database", "celery"):
            for case in CASES:
                measure(case, database=database, engine=engine)


def measure(case: Case, *, database: str, engine: str) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(databases.cluster(database, folder))
        url = cluster.url_of("bench")
        lms = stack.enter_context(pretend_lms(delay_ms=case.delay_ms, limit=case.limit))
        environment = {
            **os.environ, "DATABASE_URL": url, "ITPM_ENVIRONMENT": "development", "LOG_LEVEL": "WARNING",
            "TASKS": engine, "LTI_SCORES_AT_ONCE": str(case.at_once), "DJANGO_SETTINGS_MODULE": "itpm_byte.settings",
        }  # fmt: skip
        if engine == "celery":
            environment["CELERY_BROKER_URL"] = stack.enter_context(private_redis()).url
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        _run(environment, "manage.py", "rotate_key", "--now")
        _run(environment, "-m", "tests.bench.queueing", lms.issuer, str(case.scores))
        workers = [stack.enter_context(_process(environment, "manage.py", "worker")) for _ in range(case.workers)]
        _wait(lms, 1)
        before = _cpu(workers), cluster.cpu_seconds(), lms.told()["scores"]
        _wait(lms, case.scores)
        spent = [(now - then) * 1000 for now, then in zip((_cpu(workers), cluster.cpu_seconds()), before, strict=False)]
        cpu, of_database = (value / (case.scores - before[2]) for value in spent)
        _report(case, f"{database}, {engine}", lms, workers, cpu, of_database)


def _cpu(workers: "list[subprocess.Popen[bytes]]") -> float:
    return sum(cpu_seconds_of(worker.pid) for worker in workers)


def _report(
    case: Case, where: str, lms: PretendLms, workers: "list[subprocess.Popen[bytes]]", cpu: float, of_database: float
) -> None:
    told = lms.told()
    rate = told["scores"] / (told["last"] - told["first"])
    memory = max(memory_of(worker.pid).pss for worker in workers)
    print(
        f"scores, LMS of {case.name}, {where}: {rate:5.0f}/s (goal {case.goal}), {cpu:.2f} ms CPU each and "
        f"{of_database:.2f} of the database's, "
        f"{case.workers} workers of at most {memory} MB; {told['learners']} of {case.scores} arrived, "
        f"{told['scores'] - told['learners']} twice, {told['out_of_order']} out of order, {told['refused']} refused, "
        f"{told['most_at_once']} at once, tokens asked for: {told['tokens']}",
        flush=True,
    )
    figures.keep(
        f"deliveries/{where}/{case.name}", per_second=rate, cpu_ms=cpu, database_ms=of_database, tokens=told["tokens"]
    )


@contextmanager
def _process(environment: dict[str, str], *command: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _run(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _wait(lms: PretendLms, scores: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lms.told()["learners"] < scores and time.monotonic() < deadline:
        time.sleep(0.25)


if __name__ == "__main__":
    main()
