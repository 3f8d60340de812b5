"""Keeps the processor from falling asleep between two requests of a benchmark.

A virtual machine that has nothing to do gives its processor away, and gets it back with other people's data in its
caches. One client that asks and waits lets that happen before each request: the same launch then costs up to half as
much again, and a larger program suffers more than a smaller one. On a busy server nothing of it happens.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

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
def awake() -> Iterator[None]:
    """One idle process for each core."""
    idle = [subprocess.Popen([sys.executable, "-S", "-c", _IDLE]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in idle:
            process.kill()
            process.wait()
