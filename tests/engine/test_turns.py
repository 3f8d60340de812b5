"""Requests of one web process go one after the other, and past one that takes long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from itpm_byte.engine.turns import Turns, aside
from itpm_byte.wsgi import application

LONG = 30


def ask(turns, path="/"):
    return b"".join(turns({"PATH_INFO": path}, None))


def test_short_requests_go_one_after_the_other():
    inside, together = threading.Semaphore(1), []

    def short(environ, start_response):
        together.append(not inside.acquire(blocking=False))
        threading.Event().wait(0.002)
        inside.release()
        return [b"done"]

    turns = Turns(short, patience=LONG)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: ask(turns), range(40))) == [b"done"] * 40
    assert together == [False] * 40


def test_nobody_waits_for_one_that_takes_long():
    begun, free = threading.Event(), threading.Event()

    def some_hang(environ, start_response):
        if environ["PATH_INFO"] == "/hangs":
            begun.set()
            assert free.wait(LONG)
        return [environ["PATH_INFO"].encode()]

    turns = Turns(some_hang, patience=0.01)
    with ThreadPoolExecutor(1) as threads:
        hangs = threads.submit(ask, turns, "/hangs")
        assert begun.wait(LONG)
        assert [ask(turns, "/quick") for _ in range(3)] == [b"/quick"] * 3
        assert not hangs.done()
        free.set()
        assert hangs.result(LONG) == b"/hangs"
    # Whoever went beside gave back no turn that was not theirs.
    assert ask(turns, "/after") == b"/after"


def test_what_is_streamed_holds_up_nobody():
    def streams(environ, start_response):
        return iter([b"one", b"two"])

    turns = Turns(streams, patience=LONG)
    slow = turns({}, None)
    assert next(slow) == b"one"
    assert ask(turns) == b"onetwo"
    assert list(slow) == [b"two"]


def test_an_error_gives_the_turn_back():
    def fails(environ, start_response):
        raise OSError("broken")

    turns = Turns(fails, patience=LONG)
    for _ in range(2):
        with pytest.raises(OSError, match="broken"):
            ask(turns)


def test_the_service_runs_by_turns():
    assert isinstance(application, Turns)


def test_who_waits_for_the_disk_lets_the_next_begin_and_takes_a_turn_again():
    confirmed, waiting, inside = threading.Event(), threading.Event(), []

    def writes(environ, start_response):
        inside.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/answer":
            with aside():
                waiting.set()
                assert confirmed.wait(LONG)
            inside.append("/answer again")
        return [b"done"]

    turns = Turns(writes, patience=LONG)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(ask, turns, "/answer")
        assert waiting.wait(LONG)
        assert ask(turns, "/next") == b"done"
        confirmed.set()
        assert answer.result(LONG) == b"done"
    assert inside == ["/answer", "/next", "/answer again"]
    # Each turn was given back once.
    assert ask(turns) == b"done"
    with pytest.raises(RuntimeError, match="release"):
        turns._turn.release()


def test_who_has_no_turn_gives_back_nobody_elses():
    turns = Turns(lambda environ, start_response: [b"done"], patience=LONG)

    def beside():
        with aside():
            return turns._turn.locked()

    turns.take()
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(beside).result(LONG)
    turns.give_back()
    assert ask(turns) == b"done"
