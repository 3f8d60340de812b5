"""A table as a file, row by row: CSV and XLSX that spreadsheet programs open right and that run nothing there."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import batched
from types import NoneType
from typing import Any

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils import translation

from itpm_byte.insight.tables import Cell, Table

# A spreadsheet program takes text that begins so for a formula (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LINES_AT_ONCE = 500
# Texts and numbers that come again and again: names of courses, points.
KEPT = 4096
# Spreadsheet programs read UTF-8 only where a file says that it is.
BYTE_ORDER_MARK = "\ufeff"
_NOTHING = object()


def csv_chunks[R](table: Table[R], rows: Iterable[R]) -> Iterator[str]:
    """The heading, then LINES_AT_ONCE lines at a time; nothing is kept, so the memory does not grow with the rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([str(column.label) for column in table.columns])
    yield buffer.getvalue()
    for some in batched(rows, LINES_AT_ONCE):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(_lines(table, some))
        yield buffer.getvalue()


def _lines[R](table: Table[R], rows: Iterable[R]) -> Iterator[list[str]]:
    write, of = _WRITERS.get, table.of
    first, others = table.values[: table.alike], table.values[table.alike :]
    known: object = _NOTHING
    begin: list[str] = []
    for row in rows:
        if (place := of(row)) != known:
            known, begin = place, [text_of(value(row)) for value in first]
        yield begin + [(write(type(cell := value(row))) or _of_other_type)(cell) for value in others]


def csv_file[R](table: Table[R], rows: Iterable[R], *, filename: str) -> StreamingHttpResponse:
    """An attachment. `filename`: letters, digits, hyphens; without an ending."""
    chunks = _spoken(csv_chunks(table, rows), translation.get_language() or settings.LANGUAGE_CODE)
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def _spoken(chunks: Iterator[str], language: str) -> Iterator[str]:
    """In the language in which the page was asked for: when these are sent, the view has ended long since."""
    while True:
        with translation.override(language):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def xlsx_file[R](table: Table[R], rows: Iterable[R], *, filename: str) -> FileResponse:
    """An attachment. `filename` as above."""
    # Loading its library takes as long as the rest of the service, and few processes ever write a workbook.
    from itpm_byte.reports import workbook  # noqa: PLC0415

    return workbook.attachment(table, rows, filename=filename)


def text_of(cell: Cell) -> str:
    return (_WRITERS.get(type(cell)) or _of_other_type)(cell)


def _of_other_type(cell: Cell) -> str:
    """Of texts and numbers that are more than that: names of choices, words that are translated when they are read."""
    kind = next((kind for kind in _WRITERS if isinstance(cell, kind)), str)
    return _WRITERS[kind](cell if kind is not str else str(cell))


def _time(moment: datetime) -> str:
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat(timespec="seconds")


@lru_cache(maxsize=KEPT)
def _decimal(number: Decimal) -> str:
    return f"{number.normalize():f}"


@lru_cache(maxsize=KEPT)
def escaped(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


# In this order where a value is of several kinds: True is a number, too.
_WRITERS: dict[type, Callable[[Any], str]] = {
    str: escaped,
    NoneType: lambda _nothing: "",
    bool: lambda is_so: "yes" if is_so else "no",
    int: str,
    Decimal: _decimal,
    datetime: _time,
    float: lambda number: f"{number:.15g}",
}
