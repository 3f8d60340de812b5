"""`manage.py serve`: web server and worker under one command."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.conf import settings

from itpm_byte.engine.ports import is_free
from tests.live import fresh_database, wait_for
from tests.ports import free_port


def manage(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "LOG_LEVEL": "ERROR", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def running(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    process = manage(*arguments, **environment)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def children_of(process: "subprocess.Popen[str]") -> dict[str, int]:
    """Process ids of the children by what they run."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 1) for line in found.splitlines()]
    kinds = {"web": "itpm_byte.engine.web", "worker": "manage.py worker", "sandbox": "itpm_byte.sandbox"}
    return {name: int(pid) for pid, args in rows for name, part in kinds.items() if part in args}


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return 0


@pytest.fixture
def database(tmp_path):
    with fresh_database(tmp_path) as url:
        yield url


def test_web_server_and_worker_run_come_back_and_stop_together(database):
    port = free_port()
    keys = f"http://127.0.0.1:{port}/.well-known/jwks.json"
    with running("serve", PORT=str(port), DATABASE_URL=database) as served:
        assert wait_for(lambda: status_of(keys), "the web server", seconds=60) == 200
        before = children_of(served)
        assert set(before) == {"web", "worker"}
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        after = wait_for(lambda: _other_children(served, before), "both to come back", seconds=60)
        assert wait_for(lambda: status_of(keys), "the web server again", seconds=60) == 200
        served.terminate()
        assert served.wait(timeout=60) == 0

    assert is_free(port)
    assert [pid for pid in after.values() if _exists(pid)] == []


def _other_children(served, before: dict[str, int]) -> dict[str, int] | None:
    now = children_of(served)
    return now if set(now) == set(before) and not set(now.values()) & set(before.values()) else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_port_that_is_taken_is_said_in_words(database):
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        served = manage("serve", PORT=str(port), DATABASE_URL=database)
        _, said = served.communicate(timeout=60)

    assert served.returncode == 1
    assert f"Port {port} is taken" in said


def test_a_killed_web_server_leaves_nobody_on_its_port(database):
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "itpm_byte.engine.web", "127.0.0.1", str(port), "1", "4"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "LOG_LEVEL": "ERROR", "DATABASE_URL": database},
        stdin=subprocess.PIPE,
    )
    wait_for(lambda: status_of(f"http://127.0.0.1:{port}/livez"), "the web server", seconds=60)
    server.kill()
    server.communicate(timeout=30)

    assert wait_for(lambda: is_free(port), "the port to be free")
