"""What has to be on the disk before somebody is answered, and what has not.

Settings have both databases wait for the disk at each commit: who reads "saved" has saved it, also when the power fails
a moment later. A login and a launch say no such thing: whoever loses one to the power opens the activity again, and all
that a launch writes down comes with it anew.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.db import connection


def begun_anew_otherwise[**P, R](view: Callable[P, R]) -> Callable[P, R]:
    """For views whose doing is simply begun anew after a power failure: on SQLite commits don't wait for the disk.

    That is half of what a commit takes there. They are still whole or not there at all, and come to the disk in order
    with the next one that waits. PostgreSQL lets everybody wait together, so there they wait like all others.
    """

    @functools.wraps(view)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return view(*args, **kwargs)
        connection.ensure_connection()
        kept: Any = connection.connection
        kept.execute("PRAGMA synchronous=NORMAL")
        try:
            return view(*args, **kwargs)
        finally:
            # One that was closed meanwhile comes back as settings have it.
            if kept is connection.connection:
                kept.execute("PRAGMA synchronous=FULL")

    return inside
