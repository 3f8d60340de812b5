"""Django's SQLite for a class that answers at once. What differs, in transactions alone:

- Whoever finds the database locked asks again every half a millisecond. SQLite itself rests longer and longer, up to a
  tenth of a second, while others walk past and the lock lies unused.
- A commit writes its pages and gives the lock back; only then it waits for the disk, beside others that do the same and
  share the wait. It returns when what it wrote is there, as with `synchronous=FULL`. After a power failure SQLite reads
  the write-ahead log as far as its checksums go on in a row, so nothing that was confirmed is missing and nothing is
  half there (https://www.sqlite.org/fileformat2.html#walformat). Until then others may read it already.

Statements without a transaction, databases without a write-ahead log, and connections whose commits need not wait
(lti.durability) are left to SQLite.
"""

import os
import sqlite3
import time
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from itpm_byte.engine.turns import aside

# Seconds between two questions; a transaction of ours takes about two milliseconds.
NAP = 0.0005
FULL = 2
# Not every system has the cheaper one of the two.
confirm = getattr(os, "fdatasync", os.fsync)


class DatabaseWrapper(base.DatabaseWrapper):
    # The write-ahead log, open for as long as the connection after the first wait.
    _log: int | None = None
    _has_log = False
    _waits_later = False

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self._has_log = self._pragma("journal_mode") == "wal"

    @property
    def is_disk_awaited(self) -> bool:
        """Whether what is written now is on the disk when its commit returns."""
        return self._waits_later or self._pragma("synchronous") == FULL

    def _start_transaction_under_autocommit(self) -> None:
        self._waits_later = self._has_log and self.is_disk_awaited
        if self._waits_later:
            self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.execute("PRAGMA busy_timeout=0")
        try:
            self._begin()
        except BaseException:
            self._wait_as_before()
            raise
        finally:
            self.connection.execute(f"PRAGMA busy_timeout={round(self._patience * 1000)}")

    def _begin(self) -> None:
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except OperationalError as error:
            if not _is_busy(error.__cause__):
                raise
            with self.wrap_database_errors:
                self._queue()

    def _queue(self) -> None:
        """Until the lock is ours. Raises sqlite3.OperationalError after as many seconds as OPTIONS["timeout"] says."""
        deadline = time.monotonic() + self._patience
        while True:
            time.sleep(NAP)
            try:
                self.connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
            else:
                return

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # django-stubs leave these out
        if self._waits_later:
            self._wait_as_before()
            with aside(), self.wrap_database_errors:
                self._sync()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self._wait_as_before()

    def _close(self) -> None:
        self._waits_later = False
        if self._log is not None:
            os.close(self._log)
            self._log = None
        super()._close()  # type: ignore[misc]

    def _wait_as_before(self) -> None:
        if self._waits_later:
            self._waits_later = False
            self.connection.execute("PRAGMA synchronous=FULL")

    def _sync(self) -> None:
        try:
            if self._log is None:
                self._log = os.open(f"{self.settings_dict['NAME']}-wal", os.O_RDONLY | os.O_CLOEXEC)
            confirm(self._log)
        except OSError as error:
            raise sqlite3.OperationalError("The disk did not confirm a commit.") from error

    def _pragma(self, name: str) -> Any:
        return self.connection.execute(f"PRAGMA {name}").fetchone()[0]

    @property
    def _patience(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5))


def _is_busy(error: BaseException | None) -> bool:
    return bool(getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY)
