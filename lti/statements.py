"""One SQL statement with named places, as `lti.prepared` runs it again and again.

Django puts two cursors, a check of its parameters and a rewriting of the SQL around each statement, which on SQLite
takes longer than most statements themselves; and it has PostgreSQL plan each anew, which for a join of ten tables takes
many times what answering takes. So these go to the database's own cursors, on PostgreSQL as prepared statements, with
Django's connection, transactions and errors. Whoever watches statements (debug log, tests that count, wrappers) sees
them all the same.
"""

import itertools
import re
from typing import Any


class Statement:
    """`sql` as Django compiles it, with %s for each place; the places then have the names p0, p1, …"""

    __slots__ = ("_for_sqlite", "sql")

    def __init__(self, sql: str) -> None:
        place = itertools.count()
        # Django itself rewrites these ten times as fast as %s.
        self.sql = re.sub("(?<!%)%s", lambda _: f"%(p{next(place)})s", sql)
        self._for_sqlite = self.sql % {f"p{number}": f":p{number}" for number in range(next(place))}

    def run(self, connection: Any, values: dict[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
        """All rows that it answers, and how many it wrote. Raises what Django raises (django.db.Error)."""
        if connection.queries_logged or connection.execute_wrappers:
            with connection.cursor() as cursor:
                cursor.execute(self.sql, values)
                return _read(cursor)
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        connection.validate_no_broken_transaction()
        with connection.wrap_database_errors:
            if connection.vendor == "sqlite":
                return _read(connection.connection.execute(self._for_sqlite, values))
            with connection.Database.Cursor(connection.connection) as cursor:
                cursor.execute(self.sql, values, prepare=True)
                return _read(cursor)


def _read(cursor: Any) -> tuple[list[tuple[Any, ...]], int]:
    return cursor.fetchall() if cursor.description else [], cursor.rowcount
