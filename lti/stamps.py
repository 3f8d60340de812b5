"""`updated_at` columns that the database itself keeps, so that no way of changing a row forgets them.

Programs pull what changed since they last asked. Rows change by many ways (forms, workers, launches, lists of people,
one UPDATE over thousands), and a single one that forgets the time would hide its rows for ever. For migrations:
`operations = [migrations.AddField(…, "updated_at", …), kept_by_database("learning_attempt")]`.

SQLite forgets a table's triggers when Django makes the table anew for a later change, and PostgreSQL drops no column
that a trigger names: `kept_on_the_way_back` before that change, `kept_by_database` after it, so that both ways keep the
trigger. tests/test_stamps.py fails until that is done.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations

# As Django writes times into SQLite: microseconds, or none at all.
_NOW_ON_SQLITE = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"


def kept_by_database(table: str, *columns: str) -> migrations.RunPython:
    """From now on the database stamps `updated_at` of each row of `table` that changes; it never goes back.

    `columns`: only changes of these count, for tables with columns that nobody outside sees.
    """

    def remove(apps: Any, schema_editor: Any) -> None:
        on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_stamp{on_table}", params=None)

    return migrations.RunPython(_installing(table, columns), remove)


def kept_on_the_way_back(table: str, *columns: str) -> migrations.RunPython:
    """First in a migration that ends with `kept_by_database` for a table that had it before: older versions have it."""
    return migrations.RunPython(migrations.RunPython.noop, _installing(table, columns))


def _installing(table: str, columns: tuple[str, ...]) -> Callable[[Any, Any], None]:
    def install(apps: Any, schema_editor: Any) -> None:
        connection = schema_editor.connection
        make = _on_sqlite if connection.vendor == "sqlite" else _on_postgres
        for statement in make(table, columns or _columns_of(connection, table)):
            schema_editor.execute(statement, params=None)

    return install


def _columns_of(connection: Any, table: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        return tuple(column.name for column in connection.introspection.get_table_description(cursor, table))


def _on_postgres(table: str, columns: tuple[str, ...]) -> list[str]:
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in sorted({*columns, "updated_at"}))
    return [
        "CREATE OR REPLACE FUNCTION lti_stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " NEW.updated_at := GREATEST(OLD.updated_at, clock_timestamp()); RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {table}_stamp ON {table}",
        f"CREATE TRIGGER {table}_stamp BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({changed}) EXECUTE FUNCTION lti_stamp()",
    ]


def _on_sqlite(table: str, columns: tuple[str, ...]) -> list[str]:
    """The UPDATE inside does not fire the trigger again: SQLite's triggers are not recursive unless told to be."""
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in sorted({*columns, "updated_at"}))
    stamp = f"UPDATE {table} SET updated_at = max(OLD.updated_at, {_NOW_ON_SQLITE}) WHERE id = NEW.id"  # noqa: S608  # nosec
    return [
        f"DROP TRIGGER IF EXISTS {table}_stamp",
        f"CREATE TRIGGER {table}_stamp AFTER UPDATE ON {table} FOR EACH ROW WHEN {changed} BEGIN {stamp}; END",
    ]
