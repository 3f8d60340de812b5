"""`make bench`: launches and submits per CPU second of the server, against the floor and a plain tool, in one run.

Many short rounds are interleaved (floor, plain, byte, floor, ...) and the medians of their ratios are printed, because
the speed of a shared machine drifts.
"""

import os
import platform as machine
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack

import requests

from tests.bench import deliveries, load, sizes, walks
from tests.bench.awake import awake, on_cores
from tests.bench.platform import Platform
from tests.bench.server import Server, running
from tests.bench.tools import byte_environment, floor_environment, plain_environment
from tests.ports import free_port
from tests.visitor import session

ROUNDS, PER_ROUND, WARM_UP = 30, 25, 50


def main() -> None:
    """Cost by cost first, then a whole class at once, then what goes to the LMS, and how large the database grows."""
    compare()
    load.main()
    deliveries.main()
    sizes.main()


def compare() -> None:
    """One client on a core of its own, the servers on the others; each server is one process with one thread."""
    first, *others = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stack.enter_context(awake())
        lms = stack.enter_context(Platform())
        with on_cores(others or [first]):
            servers = _started(stack, lms, folder)
        with on_cores([first]):
            _measure(lms, *servers)


def _started(stack: ExitStack, lms: Platform, folder: str) -> list[Server]:
    """The floor, the plain tool, the tuned one, ITPM Byte."""
    floor = running("tests.bench.floor:application", floor_environment(f"sqlite:///{folder}/floor.sqlite3", lms))
    plain, tuned = (
        running(
            "tests.bench.plain:application",
            plain_environment(f"sqlite:///{folder}/plain-{is_tuned}.sqlite3", lms, is_tuned=is_tuned),
        )
        for is_tuned in (False, True)
    )
    port = free_port()
    environment = byte_environment(f"sqlite:///{folder}/byte.sqlite3", lms, port)
    byte = running("itpm_byte.wsgi:application", environment, port)
    return [stack.enter_context(server) for server in (floor, plain, tuned, byte)]


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
        "floor, submit": (floor, lambda: walks.floor_submit(session(), floor.url, lms, sub())),
        "bare request with a commit": (floor, lambda: walks.bare_submit(session(), floor.url, sub())),
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
        (
            "submit: ITPM Byte / bare request with a commit",
            "ITPM Byte, submit",
            "bare request with a commit",
            "no goal",
        ),
    ):
        ratios = [a / b for a, b in zip(seconds[upper], seconds[lower], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(f"{label:46} {middle:6.2f}  (half of the rounds {low:.2f} to {high:.2f}; {goal})")


if __name__ == "__main__":
    main()
