"""Keeps child processes running: starts them, restarts those that die, stops them all."""

import contextlib
import os
import signal
import subprocess  # nosec B404
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

import structlog

from itpm_byte.engine.ports import answers

POLL_SECONDS = 0.2
STOP_SECONDS = 45.0
LONGEST_REST = 30.0
# Who lived that long before dying gets a fresh start.
STEADY_SECONDS = 60.0
# The C library keeps a pool of memory for each thread, which only grows; operators may say another number.
FEW_POOLS = {"MALLOC_ARENA_MAX": "2"}

log = structlog.get_logger("engine.supervisor")


@dataclass
class Child:
    """`command` is run with `environment` added to ours; its standard input is the leash (see leash.py)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    # Where it answers once it is up; None for those that serve nobody.
    port: int | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_up(self) -> bool:
        return self.is_alive and (self.port is None or answers(self.port))

    def sweep_up(self) -> None:
        """After its death: a web server that was killed leaves its own children behind, on our port."""
        if self.process is None:
            return
        if self.process.stdin:
            self.process.stdin.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def start(self) -> None:
        self.started_at = time.monotonic()
        # Our own commands.
        self.process = subprocess.Popen(  # noqa: S603 # nosec B603
            self.command,
            env={**FEW_POOLS, **os.environ, **self.environment},
            stdin=subprocess.PIPE,
            # Ctrl-C in a terminal goes to us alone; we stop the children in order.
            start_new_session=True,
        )


class Supervisor:
    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = threading.Event()

    def run(self, *, once_up: Callable[[], object] = lambda: None) -> None:
        """Blocks until SIGTERM, SIGINT or SIGHUP; then stops the children and returns.

        `once_up` is called the first time that all children answer.
        """
        is_said = False
        before = {number: signal.signal(number, self._on_signal) for number in _signals()}
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    self._look_after(child)
                if not is_said and all(child.is_up for child in self.children):
                    is_said = True
                    once_up()
                self.stopping.wait(POLL_SECONDS)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            for child in self.children:
                if child.process and child.is_alive:
                    child.process.kill()
        self.stopping.set()

    @staticmethod
    def _look_after(child: Child) -> None:
        now = time.monotonic()
        if child.is_alive:
            return
        if child.process is not None and child.start_at <= child.started_at:
            steady = now - child.started_at >= STEADY_SECONDS
            child.deaths = 1 if steady else child.deaths + 1
            rest = rest_after(child.deaths)
            child.start_at = now + rest
            log.error("engine.child_died", child=child.name, code=child.process.returncode, restart_in=rest)
            child.sweep_up()
        if now >= child.start_at:
            child.start()
            child.start_at = child.started_at

    def _stop_all(self) -> None:
        """The last started goes first: nobody is told of work that nobody will do."""
        for child in reversed(self.children):
            if child.process and child.is_alive:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("engine.child_killed", child=child.name)
                child.process.kill()
                child.process.wait()
            child.sweep_up()


def rest_after(deaths: int) -> float:
    """Seconds before the next start: one after the first death in a row, doubled with each, up to half a minute."""
    return float(min(2.0 ** (max(deaths, 1) - 1), LONGEST_REST))


def _signals() -> list[signal.Signals]:
    return [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
