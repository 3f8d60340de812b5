"""Writers on SQLite: a lock that is free is not left lying, and who waits for the disk holds up nobody else."""

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from django.db import OperationalError, connections, transaction

from itpm_byte.engine.sqlite import base

ALIAS = "beside"


@pytest.fixture
def configure(tmp_path, django_db_blocker, monkeypatch):
    """configure(timeout=20, journal="WAL"): connections under ALIAS lead to a file of the test's own."""

    def to(timeout=20, journal="WAL"):
        made = {"transaction_mode": "IMMEDIATE", "timeout": timeout}
        made["init_command"] = f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL;"
        settings = {"ENGINE": "itpm_byte.engine.sqlite", "NAME": tmp_path / "byte.sqlite3", "OPTIONS": made}
        monkeypatch.setitem(connections.databases, ALIAS, {**connections.databases["default"], **settings})
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("CREATE TABLE answer (choice TEXT)")
        return connections[ALIAS]

    with django_db_blocker.unblock():
        yield to
        forget()


@pytest.fixture
def waits(monkeypatch):
    """Whenever the disk is waited for, its `then` is done before the disk confirms."""
    confirm = base.confirm

    class Waits(list):
        def then(self):
            """Nothing more."""

    seen = Waits()

    def watched(log):
        seen.append(log)
        seen.then()
        confirm(log)

    monkeypatch.setattr(base, "confirm", watched)
    return seen


def forget():
    connections[ALIAS].close()
    del connections[ALIAS]


def write(choice):
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("INSERT INTO answer VALUES (%s)", [choice])


def write_and_forget(choice):
    """For a thread that ends."""
    try:
        write(choice)
    finally:
        forget()


def stored(file):
    with closing(sqlite3.connect(file, timeout=0)) as reader:
        return [choice for (choice,) in reader.execute("SELECT choice FROM answer ORDER BY rowid")]


def test_who_waits_for_the_disk_holds_up_nobody_and_is_answered_afterwards(configure, waits, tmp_path):
    configure()
    is_answered = []

    def others_go_on():
        waits.then = lambda: None
        assert not is_answered
        with closing(sqlite3.connect(tmp_path / "byte.sqlite3", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO answer VALUES ('max')")
            other.execute("COMMIT")

    waits.then = others_go_on
    write("lin")
    is_answered.append(True)

    assert len(waits) == 1
    assert stored(tmp_path / "byte.sqlite3") == ["lin", "max"]


def test_what_the_disk_confirms_is_all_that_a_reader_needs_after_a_power_failure(configure, waits, tmp_path):
    """Nothing else was written to the disk for sure: the log as it is when the disk is asked to confirm it."""
    configure()
    write("lin")
    after = tmp_path / "after"
    after.mkdir()
    for name in ("byte.sqlite3", "byte.sqlite3-wal"):
        shutil.copyfile(tmp_path / name, after / name)
    waits.then = lambda: shutil.copyfile(f"/proc/self/fd/{waits[-1]}", after / "byte.sqlite3-wal")

    write("kai")

    assert stored(after / "byte.sqlite3") == ["lin", "kai"]


def test_a_commit_that_the_disk_does_not_confirm_is_not_told_as_saved(configure, waits, tmp_path):
    configure()

    def broken():
        raise OSError(5, "Input/output error")

    waits.then = broken
    with pytest.raises(OperationalError, match="did not confirm"):
        write("lin")
    waits.then = lambda: None
    write("max")
    assert stored(tmp_path / "byte.sqlite3")[-1] == "max"


def test_each_wait_is_as_the_connection_was_told(configure, waits):
    """Before and after a transaction, after one that was undone, and where waiting was switched off."""
    database = configure()
    with transaction.atomic(using=ALIAS):
        assert database.is_disk_awaited
    with suppress(ZeroDivisionError), transaction.atomic(using=ALIAS):
        raise ZeroDivisionError
    assert database.connection.execute("PRAGMA synchronous").fetchone() == (base.FULL,)
    assert database.connection.execute("PRAGMA busy_timeout").fetchone() == (20_000,)
    assert len(waits) == 1

    database.connection.execute("PRAGMA synchronous=NORMAL")
    write("lin")
    assert len(waits) == 1
    assert not database.is_disk_awaited


def test_without_a_log_sqlite_waits_itself(configure, waits, tmp_path):
    database = configure(journal="DELETE")
    with transaction.atomic(using=ALIAS):
        assert database.connection.execute("PRAGMA synchronous").fetchone() == (base.FULL,)
    write("lin")

    assert waits == []
    assert stored(tmp_path / "byte.sqlite3") == ["lin"]


def test_a_class_that_writes_at_once_is_written_whole(configure, tmp_path):
    configure()
    names = [f"learner {number}" for number in range(60)]
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(write_and_forget, names))

    assert sorted(stored(tmp_path / "byte.sqlite3")) == sorted(names)


def test_who_finds_the_database_locked_writes_as_soon_as_it_is_free(configure, tmp_path, monkeypatch):
    configure()
    asked, naps = threading.Event(), []
    rest = base.time.sleep

    def nap(seconds):
        naps.append(seconds)
        asked.set()
        rest(seconds)

    monkeypatch.setattr(base.time, "sleep", nap)
    with (
        closing(sqlite3.connect(tmp_path / "byte.sqlite3", isolation_level=None)) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = threads.submit(write_and_forget, "lin")
        assert asked.wait(30)
        assert not waiting.done()
        other.execute("COMMIT")
        waiting.result(30)
    assert stored(tmp_path / "byte.sqlite3") == ["lin"]
    assert max(naps) <= 0.001


def test_who_waits_too_long_is_told_and_nothing_is_left_behind(configure, waits, tmp_path):
    database = configure(timeout=0.02)
    with closing(sqlite3.connect(tmp_path / "byte.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            write("lin")
        assert database.connection.execute("PRAGMA synchronous").fetchone() == (base.FULL,)
        other.execute("ROLLBACK")
    write("max")

    assert stored(tmp_path / "byte.sqlite3") == ["max"]
    assert len(waits) == 1
