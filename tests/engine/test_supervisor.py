"""Child processes: started, restarted when they die, stopped in order, never left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from itpm_byte.engine.ports import answers, is_free
from itpm_byte.engine.supervisor import Child, Supervisor, rest_after
from tests.live import wait_for
from tests.ports import free_port

LEASHED = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def supervise(supervisor: Supervisor, watch: Callable[[], None], *, number: int = signal.SIGTERM, **options) -> None:
    """Run the supervisor; meanwhile `watch` in another thread; then the signal. Problems of `watch` come out here."""
    problems: list[BaseException] = []

    def meanwhile() -> None:
        try:
            watch()
        except BaseException as problem:
            problems.append(problem)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    supervisor.run(**options)
    thread.join()
    if problems:
        raise problems[0]


def pid_of(child: Child) -> int:
    wait_for(lambda: child.is_alive, f"{child.name} to run")
    assert child.process is not None
    return child.process.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_children(number):
    children = [Child("one", LEASHED), Child("two", LEASHED)]
    supervise(Supervisor(children), lambda: [pid_of(child) for child in children], number=number)

    assert [child.process.returncode for child in children] == [-signal.SIGTERM] * 2


@pytest.mark.parametrize(("said", "given"), [("", "2"), ("8", "8")])
def test_children_share_two_pools_of_memory_unless_an_operator_says_another_number(said, given, monkeypatch):
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if said:
        monkeypatch.setenv("MALLOC_ARENA_MAX", said)
    child, seen = Child("one", LEASHED), []
    supervise(Supervisor([child]), lambda: seen.append(Path(f"/proc/{pid_of(child)}/environ").read_bytes()))

    assert f"MALLOC_ARENA_MAX={given}" in seen[0].decode().split("\0")


def test_a_child_that_dies_is_started_again_and_its_neighbour_left_alone():
    mortal, neighbour = Child("mortal", LEASHED), Child("neighbour", LEASHED)
    pids: dict[str, list[int]] = {"mortal": [], "neighbour": []}

    def watch() -> None:
        pids["mortal"].append(pid_of(mortal))
        pids["neighbour"].append(pid_of(neighbour))
        os.kill(pids["mortal"][0], signal.SIGKILL)
        wait_for(lambda: mortal.is_alive and mortal.process.pid != pids["mortal"][0], "the child to come back")
        pids["neighbour"].append(pid_of(neighbour))

    supervise(Supervisor([mortal, neighbour]), watch)

    assert mortal.deaths == 1
    assert len(set(pids["neighbour"])) == 1


def test_a_child_that_ignores_the_signal_is_killed_when_asked_twice():
    script = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdin.read()"
    deaf = Child("deaf", [sys.executable, "-c", script])
    supervisor = Supervisor([deaf])

    def watch() -> None:
        pid_of(deaf)
        wait_for(lambda: _ignores_sigterm(deaf.process.pid), "the child to turn deaf")
        os.kill(os.getpid(), signal.SIGTERM)
        wait_for(supervisor.stopping.is_set, "the first signal")

    supervise(supervisor, watch)

    assert deaf.process.returncode == -signal.SIGKILL


def _ignores_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    ignored = next(line for line in status if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & (1 << (signal.SIGTERM - 1)))


def test_children_leave_when_their_supervisor_was_killed():
    script = (
        "import sys; from itpm_byte.engine.supervisor import *\n"
        f"child = Child('c', {LEASHED!r})\n"
        "Supervisor([child]).run(once_up=lambda: print(child.process.pid, flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert wait_for(lambda: not _is_running(pid), "the child to leave")


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_is_said_once_that_all_are_up_and_only_then():
    port = free_port()
    serving = Child("serving", [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], port=port)
    said: list[bool] = []
    supervise(
        Supervisor([Child("other", LEASHED), serving]),
        lambda: wait_for(lambda: said, "the word that all are up"),
        once_up=lambda: said.append(answers(port)),
    )

    assert said == [True]
    assert is_free(port)


def test_the_rest_before_a_new_start_grows_to_half_a_minute():
    assert [rest_after(deaths) for deaths in (0, 1, 2, 3, 6, 50)] == [1, 1, 2, 4, 30, 30]
