"""Errors of the database that mean: somebody else was there at the same moment."""

from django.db import IntegrityError, OperationalError

# PostgreSQL's codes: unique and foreign keys; transactions that can't go on beside each other; a deadlock.
_CODES = {"23505", "23503", "40001", "40P01"}
_SQLITE = ("UNIQUE constraint failed", "FOREIGN KEY constraint failed")


def is_conflict(problem: BaseException) -> bool:
    """A row that is there already, or that is gone. Other broken constraints are mistakes of ours."""
    if not isinstance(problem, IntegrityError | OperationalError):
        return False
    code = getattr(problem.__cause__, "sqlstate", None)
    return code in _CODES if code else str(problem).startswith(_SQLITE)
