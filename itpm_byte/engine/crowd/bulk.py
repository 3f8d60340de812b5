"""Very many rows at once: COPY on PostgreSQL, bulk inserts elsewhere."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

BATCH = 5_000


def fill(model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows that give these attributes, primary key among them; all others get the model's defaults.

    Nothing is checked but what the database checks itself, and sequences stay behind: see `advance`.
    """
    if connection.vendor == "postgresql":
        _copy(model, names, rows)
        return
    made = (model(**dict(zip(names, row, strict=True))) for row in rows)
    model._default_manager.bulk_create(made, batch_size=BATCH)


def without_reference_checks() -> None:
    """For this transaction, where the database's user may say so: each row's references are known to be there."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            cursor.execute("SET LOCAL session_replication_role = replica")


def advance(*tables: type[models.Model]) -> None:
    """Let the next row that is added in the ordinary way get a key of its own."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


def next_key(model: type[models.Model]) -> int:
    highest = model._default_manager.aggregate(highest=models.Max("pk"))["highest"]
    return int(highest or 0) + 1


def _copy(model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    by_name = {field.attname: field for field in model._meta.local_concrete_fields}
    given = [by_name[name] for name in names]
    others = [field for field in model._meta.local_concrete_fields if field not in given and not field.primary_key]
    constants = tuple(field.get_db_prep_save(field.get_default(), connection) for field in others)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in (*given, *others))
    # Names of our own models only; values are never part of it.
    with connection.cursor() as cursor, cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as to:
        for row in rows:
            to.write_row(row + constants)
