"""Every value of every table, as text: also tables of no model, encrypted and encoded ones as they lie there."""

from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.db import connections


def texts() -> Iterator[tuple[str, str]]:
    """(table.column, text) of everything in all databases."""
    for alias in connections:
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                names = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    for name, value in zip(names, row, strict=True):
                        yield f"{table}.{name}", _text(value)
    for session in Session.objects.all():
        yield "session", str(session.get_decoded())


def places_of(*words: str) -> set[str]:
    """Where one of these words stands, in capitals or not."""
    wanted = [word.casefold() for word in words]
    return {place for place, text in texts() if any(word in text.casefold() for word in wanted)}


def _text(value: object) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode(errors="replace")
    return str(value).encode().decode("unicode_escape", errors="replace") if "\\u" in str(value) else str(value)
