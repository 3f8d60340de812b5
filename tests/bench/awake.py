"""Keeps the processor from falling asleep between two requests of a benchmark, and the client out of the server's way.

A virtual machine that has nothing to do gives its processor away, and gets it back with other people's data in its
caches. One client that asks and waits lets that happen before each request: the same launch then costs up to half as
much again, and a larger program suffers more than a smaller one. On a busy server nothing of it happens. Nor is one
driven from core to core, away from what it has in its caches, as by a client that runs now here, now there.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator

# Runs only where nothing else wants to, takes no cache to speak of, and ends with whoever started it.
_IDLE = """
import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


@contextlib.contextmanager
def on_cores(cores: Iterable[int]) -> Iterator[None]:
    """This thread, and what it starts meanwhile and for good, runs on these cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """One idle process for each core."""
    idle = [subprocess.Popen([sys.executable, "-S", "-c", _IDLE]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in idle:
            process.kill()
            process.wait()
