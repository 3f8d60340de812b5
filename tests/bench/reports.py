"""What reports cost as the tables grow: `make bench`, or `make bench-reports LEARNERS=100000` for a million rows.

For each database and each size: a made-up crowd (`manage.py demo_data`, seeded), then all pages, in a process of their
own (tests.bench.report_walks). Each learner has ten rows of progress and thirty attempts.
"""

import contextlib
import json
import os
import platform as machine
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import figures
from tests.checks.words import ROOT
from tests.machine import private_postgres

LEARNERS = int(os.environ.get("LEARNERS") or 2_000)
DATABASES = (os.environ.get("DATABASES") or "sqlite postgresql").split()
STEPS = (100, 10, 1)  # the largest size divided by these
# Milliseconds; of the web process and the database together, on the processor.
CSV = "CSV, rows a second of the processor"
GOALS = {"overview": 60, "report": 400, "learners": 400, "API": 40}


def main() -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {machine.machine()}, {os.cpu_count()} cores, "
        f"Python {machine.python_version()}; "
        "milliseconds of processor time, web process and database; in brackets by the clock"
    )
    for name in DATABASES:
        found = {}
        with _server(name) as url:
            for step in STEPS:
                learners = max(LEARNERS // step, 10)
                found[learners * 10] = _measured(name, url, learners)
        _print(name, found)
        rows = max(found)
        figures.keep(f"reports/{name}/{rows}", rows=rows, **_dearest(found[rows]))


@contextlib.contextmanager
def _server(name: str) -> Iterator[str]:
    if name == "postgresql":
        with private_postgres() as postgres:
            yield postgres.url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'reports'}"


def _measured(name: str, url: str, learners: int) -> dict[str, dict[str, float]]:
    """What was measured, by name; `ms` on the processor, `wall` by the clock, or `value` and `unit`."""
    environment = {**os.environ, "ITPM_ENVIRONMENT": "development", "LOG_LEVEL": "ERROR"}
    environment["DATABASE_URL"] = f"{url}{learners}.sqlite3" if name == "sqlite" else _new_database(url, learners)
    courses = max(learners // 100, 1)
    sizes = {"courses": courses, "learners": learners, "progress": learners * 10, "attempts": learners * 30}
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["load_byte", "fixtures/bytes/it-project-manager", "--verbosity", "0"],
        ["demo_data", *(f"--{size}={number}" for size, number in sizes.items())],
        # One activity of 300 learners for the overview.
        ["demo_data", "--seed=2", "--courses=1", "--learners=300", "--progress=280", "--attempts=600"],
    ):
        _run(["manage.py", *arguments], environment)
    return dict(json.loads(_run(["-m", "tests.bench.report_walks"], environment).splitlines()[-1]))


def _new_database(url: str, learners: int) -> str:
    server, _slash, _name = url.rpartition("/")
    code = (
        "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute('CREATE DATABASE ' + sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, url, f"reports{learners}"], check=True)
    return f"{server}/reports{learners}"


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        env=environment, cwd=ROOT, check=False, text=True, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def _dearest(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Milliseconds of the dearest page of each kind, web process and database together; `report_ms`: without filter."""
    kinds = {
        "overview_ms": "overview of", "report_ms": "report, no filter", "filtered_ms": "report,", "api_ms": "API,",
    }  # fmt: skip
    dearest = {
        kind: max(told["ms"] for label, told in found.items() if label.startswith(beginning))
        for kind, beginning in kinds.items()
    }
    return {**dearest, "csv_rows_per_second": found[CSV]["value"]}


def _print(name: str, found: dict[int, dict[str, dict[str, float]]]) -> None:
    sizes = list(found)
    print(f"\n{name:46}" + "".join(f"{size:>20,}" for size in sizes) + "   rows of progress")
    for label in found[sizes[-1]]:
        cells = "".join(f"{_cell(found[size].get(label)):>20}" for size in sizes)
        goal = next((ms for beginning, ms in GOALS.items() if label.startswith(beginning)), None)
        print(f"{label:46}{cells}" + (f"   (at most {goal})" if goal else ""))


def _cell(told: dict[str, float] | None) -> str:
    if told is None:
        return "–"
    if "value" in told:
        return f"{told['value']:,.0f}"
    return f"{told['ms']:.0f} ({told['wall']:.0f})"


if __name__ == "__main__":
    main()
