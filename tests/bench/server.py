"""One web server process under measurement: started, driven, its CPU seconds read, stopped."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checks.words import ROOT
from tests.ports import free_port

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(
        self,
        application: str,
        environment: dict[str, str],
        port: int,
        *,
        kind: str = "granian",
        workers: int = 1,
        root: Path = ROOT,
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", *_command(kind, port, workers), application]
        self.process = subprocess.Popen(command, cwd=root, env={**os.environ, **environment})
        _wait_until_open(port, self.process)

    def cpu_seconds(self) -> float:
        return cpu_seconds_of(self.process.pid)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@contextlib.contextmanager
def running(application: str, environment: dict[str, str], port: int | None = None, **options: Any) -> Iterator[Server]:
    """`options` as of Server: `root` is the folder of the version that serves."""
    server = Server(application, environment, port or free_port(), **options)
    try:
        yield server
    finally:
        server.stop()


def _command(kind: str, port: int, workers: int) -> list[str]:
    if kind == "granian":
        # One worker alone is asked one thing at a time, by the comparison of costs; else as `manage.py serve`.
        threads = "1" if workers == 1 else "4"
        return [
            "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
            "--blocking-threads", threads, "--no-access-log", "--log-level", "error",
        ]  # fmt: skip
    of_kind = ["--worker-class", "gthread", "--threads", "4"] if kind == "gunicorn gthread" else []
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    return ["gunicorn", *bind, *of_kind, "--log-level", "error"]


def cpu_seconds_of(pid: int) -> float:
    """User and system seconds of a process and its children so far (Linux's /proc)."""
    return sum(_cpu_of(one) for one in _tree(pid))


@dataclass(frozen=True)
class Memory:
    """MB of a process and its children. `pss` counts a page that several share by its share of it."""

    rss: int
    pss: int
    processes: int


def memory_of(pid: int) -> Memory:
    sizes = [_rollup(one) for one in _tree(pid)]
    return Memory(sum(one["Rss"] for one in sizes) // 1024, sum(one["Pss"] for one in sizes) // 1024, len(sizes))


def _rollup(pid: int) -> dict[str, int]:
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {words[0].rstrip(":"): int(words[1]) for words in lines}


def _tree(pid: int) -> list[int]:
    """The process and its children; those that have just ended are counted by their parent."""
    children: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text().split()]
    return [pid, *(descendant for child in children for descendant in _tree(child))]


def _cpu_of(pid: int) -> float:
    """Its own by its clock, to the nanosecond, and that of children that have ended, to the tick."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = time.clock_gettime(~pid << 3 | 2)  # as clock_getcpuclockid(3) numbers clocks on Linux
    except OSError:
        return 0.0
    return own + sum(int(fields[number]) for number in (13, 14)) / TICKS


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode} before it answered.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The server did not open its port within 30 seconds.")
