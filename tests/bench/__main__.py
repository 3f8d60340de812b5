"""`make bench`: launches and submits per CPU second of the server, against the floor and a plain tool, in one run.

The rounds are interleaved (floor, plain, byte, floor, ...) and the medians of their ratios are printed, because the
speed of a shared machine drifts.
"""

import json
import os
import platform as machine
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.bench import walks
from tests.bench.platform import CLIENT_ID, Platform
from tests.bench.server import Server, free_port, running
from tests.checks.words import ROOT
from tests.visitor import session

ROUNDS, PER_ROUND, WARM_UP = 5, 150, 20


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        lms = stack.enter_context(Platform())
        floor = stack.enter_context(running("tests.bench.floor:application", _floor_environment(Path(folder), lms)))
        plain, tuned = (
            stack.enter_context(
                running("tests.bench.plain:application", _plain_environment(Path(folder), lms, is_tuned=is_tuned))
            )
            for is_tuned in (False, True)
        )
        port = free_port()
        environment = _byte_environment(Path(folder), lms, port)
        byte = stack.enter_context(running("itpm_byte.wsgi:application", environment, port))
        _measure(lms, floor, plain, tuned, byte)


def _measure(lms: Platform, floor: Server, plain: Server, tuned: Server, byte: Server) -> None:
    pages: list[tuple[requests.Session, str, str]] = []
    counter = iter(range(10**9))

    def launch_byte() -> None:
        browser = session()
        pages.append((browser, *walks.byte_launch(browser, byte.url, lms, f"s{next(counter)}")))

    def submit_byte() -> None:
        walks.byte_submit(*pages.pop())

    def sub() -> str:
        return f"s{next(counter)}"

    steps: dict[str, tuple[Server, Callable[[], None]]] = {
        "floor, launch": (floor, lambda: walks.floor_launch(session(), floor.url, lms, sub())),
        "plain tool, launch": (plain, lambda: walks.plain_launch(session(), plain.url, lms, sub())),
        "plain tool, tuned, launch": (tuned, lambda: walks.plain_launch(session(), tuned.url, lms, sub())),
        "ITPM Byte, launch": (byte, launch_byte),
        "floor, submit": (floor, lambda: walks.floor_submit(session(), floor.url, sub())),
        "ITPM Byte, submit": (byte, submit_byte),
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for times, kept in ((WARM_UP, False), *((PER_ROUND, True),) * ROUNDS):
        for name, (server, step) in steps.items():
            spent = _cpu(server, step, times)
            if kept:
                seconds[name].append(spent / times)
    _report(seconds)


def _cpu(server: Server, step: Callable[[], None], times: int) -> float:
    before = server.cpu_seconds()
    for _ in range(times):
        step()
    return server.cpu_seconds() - before


def _report(seconds: dict[str, list[float]]) -> None:
    where = f"{machine.machine()}, {os.cpu_count()} cores, Python {machine.python_version()}"
    print(f"{where}; {ROUNDS} rounds of {PER_ROUND}, SQLite, CPU of the server process")
    for name, values in seconds.items():
        median, spread = statistics.median(values), f"rounds {min(values) * 1000:.2f} to {max(values) * 1000:.2f} ms"
        print(f"{name:28} {median * 1000:7.2f} ms  {1 / median:7.0f} per CPU second  ({spread})")
    for label, upper, lower, goal in (
        ("launch: ITPM Byte / floor", "ITPM Byte, launch", "floor, launch", "at most 4"),
        ("launch: plain tool / ITPM Byte", "plain tool, launch", "ITPM Byte, launch", "at least 2"),
        ("launch: plain tool, tuned / ITPM Byte", "plain tool, tuned, launch", "ITPM Byte, launch", "no goal"),
        ("submit: ITPM Byte / floor", "ITPM Byte, submit", "floor, submit", "at most 4"),
    ):
        ratios = [a / b for a, b in zip(seconds[upper], seconds[lower], strict=True)]
        print(f"{label:38} {statistics.median(ratios):6.2f}  ({min(ratios):.2f} to {max(ratios):.2f}; {goal})")


def _floor_environment(folder: Path, lms: Platform) -> dict[str, str]:
    with sqlite3.connect(folder / "floor.sqlite3") as database:
        database.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, note TEXT)")
    return {
        "BENCH_DATABASE": str(folder / "floor.sqlite3"),
        "BENCH_JWK": json.dumps(lms.jwk),
        "BENCH_CLIENT_ID": CLIENT_ID,
    }


def _plain_environment(folder: Path, lms: Platform, *, is_tuned: bool) -> dict[str, str]:
    database = folder / f"plain-{is_tuned}.sqlite3"
    environment = {"BENCH_DATABASE": str(database), "BENCH_TUNED": str(int(is_tuned))}
    prepare = "import sys; from tests.bench import plain; plain.prepare(*sys.argv[1:])"
    subprocess.run(
        [sys.executable, "-c", prepare, lms.issuer, CLIENT_ID, *lms.pem_pair()],
        check=True, env={**os.environ, **environment}, cwd=ROOT,
    )  # fmt: skip
    return environment


def _byte_environment(folder: Path, lms: Platform, port: int) -> dict[str, str]:
    environment = {
        "ITPM_ENVIRONMENT": "development",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'byte.sqlite3'}",
        "LOG_LEVEL": "WARNING",
    }
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["load_byte", "fixtures/bytes/it-project-manager"],
        ["rotate_key", "--now"],
        ["register_platform", "--name", "Bench", "--issuer", lms.issuer, "--client-id", CLIENT_ID,
         "--deployment-id", "1", "--auth-url", f"{lms.issuer}/auth", "--token-url", f"{lms.issuer}/token",
         "--jwks-url", f"{lms.issuer}/jwks"],
    ):  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=True, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return environment


if __name__ == "__main__":
    main()
