"""What has to be on the disk before somebody is answered, and what has not.

Settings have both databases wait for the disk at each commit: who reads "saved" has saved it, also when the power fails
or the database crashes a moment later. A login and a launch say no such thing: whoever loses one so opens the activity
again, and all that a launch writes down comes with it anew.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_now = threading.local()


def begun_anew_otherwise[**P, R](view: Callable[P, R]) -> Callable[P, R]:
    """For views whose doing is simply begun anew after a crash: their commits don't wait for the disk.

    They are still whole or not there at all, and come to the disk in order: at the latest with the next that waits.
    """

    @functools.wraps(view)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        _now.is_awaited = False
        try:
            with _not_awaited_by_sqlite():
                return view(*args, **kwargs)
        finally:
            _now.is_awaited = True

    return inside


def is_awaited() -> bool:
    """Whether commits of this thread wait for the disk now. On PostgreSQL each INSERT says it, if need be."""
    return getattr(_now, "is_awaited", True)


def not_awaited(insert: str) -> str:
    """For PostgreSQL: the INSERT by which its transaction becomes one that waits for nothing. Costs no round trip."""
    joint = ", " if " RETURNING " in insert else " RETURNING "
    return f"{insert}{joint}set_config('synchronous_commit', 'off', true)"


@contextmanager
def _not_awaited_by_sqlite() -> Iterator[None]:
    """Waiting is half of what a commit takes there. SQLite knows it by connection, outside of transactions."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    kept: Any = connection.connection
    kept.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        # One that was closed meanwhile comes back as settings have it.
        if kept is connection.connection:
            kept.execute("PRAGMA synchronous=FULL")
