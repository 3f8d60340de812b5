"""The service's processes under a name each, to be killed, paused and started again, as a service manager would."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.checks.words import ROOT
from tests.live import LiveTool, _answers, wait_for

# A console's connection may have died with its server.
AFRESH = "from django.db import connection; connection.close()\n"


class Service:
    """Web server and two workers as processes of their own; with `is_whole` all under `manage.py serve`."""

    def __init__(self, tool: LiveTool, *, is_whole: bool) -> None:
        self.tool, self.is_whole = tool, is_whole
        self.kills: dict[str, int] = {}
        self._workers: list[subprocess.Popen[bytes]] = []
        self._serve: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.is_whole:
            self.tool.stop_web()
            self._start_serve()
            return
        self._workers = [self._new_worker() for _ in range(2)]

    def stop(self) -> None:
        for process in [*self._workers, *([self._serve] if self._serve else [])]:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in [*self._workers, *([self._serve] if self._serve else [])]:
            try:
                process.wait(timeout=50)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill_worker(self, kind: str, rest: float, *, both: bool = False) -> None:
        """`kill -9`; started again after `rest` seconds (by its parent where it has one)."""
        if self.is_whole:
            self._kill_child("worker", kind)
            return
        places = range(len(self._workers)) if both else [0]
        for place in places:
            self._kill(self._workers[place], kind)
        time.sleep(rest)
        for place in places:
            self._workers[place] = self._new_worker()
        self._workers.reverse()

    def kill_web(self, rest: float) -> None:
        if self.is_whole:
            self._kill_child("itpm_byte.engine.web", "web")
            return
        assert self.tool.web
        self._kill(self.tool.web, "web")
        time.sleep(rest)
        self.tool.start_web()

    def kill_all(self, rest: float) -> None:
        """All at once, as when the machine loses power."""
        if self.is_whole:
            assert self._serve
            self._count("everything")
            self._serve.kill()
            self._serve.wait()
            time.sleep(rest)
            self._start_serve()
            return
        assert self.tool.web
        for process in [self.tool.web, *self._workers]:
            self._kill(process, "everything")
        time.sleep(rest)
        self._workers = [self._new_worker() for _ in range(2)]
        self.tool.start_web()

    def pause_worker(self, seconds: float) -> None:
        """As if its machine froze: it goes on where it was, when others have taken over."""
        pids = self._pids_of_worker()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def ask(self, source: str) -> Any:
        """JSON that a few lines in the tool's Django print."""
        return json.loads(wait_for(lambda: self._asked(source), "an answer of the database"))

    def _asked(self, source: str) -> str:
        with contextlib.suppress(AssertionError):
            return self.tool.python(AFRESH + source)
        return ""

    def _pids_of_worker(self) -> list[int]:
        return self._pids("worker")[:1] if self.is_whole else [self._workers[0].pid]

    def _new_worker(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "worker"]
        return subprocess.Popen(command, cwd=ROOT, env=self.tool.environment, start_new_session=True)

    def _start_serve(self) -> None:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.tool.port)]
        free = wait_for(lambda: not _answers(self.tool.url), "the old server's children to leave", 60)
        assert free
        self._serve = subprocess.Popen(
            command, cwd=ROOT, env=self.tool.environment, start_new_session=True, stdout=subprocess.DEVNULL
        )
        wait_for(lambda: _answers(f"{self.tool.url}/livez"), "the service", 60)

    def _kill(self, process: subprocess.Popen[bytes], kind: str) -> None:
        self._count(kind)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _kill_child(self, word: str, kind: str) -> None:
        pids = self._pids(word)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if pids:
            self._count(kind)
            # The supervisor looks several times meanwhile; killed before it saw, it leaves the dead one's children.
            time.sleep(1)

    def _pids(self, word: str) -> list[int]:
        """Children of `manage.py serve` with this word on their command line; until the supervisor has them again."""
        assert self._serve
        serve = self._serve.pid

        def found() -> list[int]:
            return [pid for pid in _children(serve) if word in _command(pid)]

        return list(wait_for(found, f"{word} to be started again", 60))

    def _count(self, kind: str) -> None:
        self.kills[kind] = self.kills.get(kind, 0) + 1


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _words(task / "children")]
    return []


def _words(path: Path) -> list[str]:
    return path.read_text().split()


def _command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def quietly(deed: Callable[[], object]) -> None:
    """Whatever it is: what it does to others is what counts."""
    with contextlib.suppress(ValueError, OSError):
        deed()
