"""A table as a file, row by row: CSV and XLSX that spreadsheet programs open right and that run nothing there."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import batched
from tempfile import TemporaryFile
from types import NoneType
from typing import Any

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils import translation
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from itpm_byte.insight.tables import Cell, Table

# A spreadsheet program takes text that begins so for a formula (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LINES_AT_ONCE = 500
# Texts and numbers that come again and again: names of courses, points.
KEPT = 4096
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What one sheet takes, and one cell.
MOST_ROWS = 1_000_000
LONGEST_CELL = 32_000
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
# Spreadsheet programs read UTF-8 only where a file says that it is.
BYTE_ORDER_MARK = "\ufeff"


def csv_chunks[R](table: Table[R], rows: Iterable[R]) -> Iterator[str]:
    """The heading, then LINES_AT_ONCE lines at a time; nothing is kept, so the memory does not grow with the rows."""
    buffer = io.StringIO(newline="")
    writer, write = csv.writer(buffer), _WRITERS.get
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([str(column.label) for column in table.columns])
    yield buffer.getvalue()
    for some in batched(rows, LINES_AT_ONCE):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows([[(write(type(cell)) or _of_other_type)(cell) for cell in table.cells(row)] for row in some])
        yield buffer.getvalue()


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
    """An attachment, written row by row to a file that is gone when it has been sent. `filename` as above.

    Numbers are numbers, times are times in UTC; the heading stays in sight. More rows than a sheet takes go on in the
    next one.
    """
    # Closed by the response.
    file = TemporaryFile()  # noqa: SIM115
    book = Workbook(write_only=True)
    rows = iter(rows)
    sheet = _new_sheet(book, table, 1)
    for number, row in enumerate(rows):
        if number and number % MOST_ROWS == 0:
            sheet = _new_sheet(book, table, number // MOST_ROWS + 1)
        sheet.append([_cell(sheet, cell) for cell in table.cells(row)])
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{filename}.xlsx", content_type=XLSX_TYPE)


def _new_sheet[R](book: Any, table: Table[R], number: int) -> Any:
    # Sheets' names take 31 characters and none of these.
    name = NOT_IN_SHEET_NAMES.sub(" ", table.name)[:28].strip() or "Table"
    sheet = book.create_sheet(name if number == 1 else f"{name} {number}")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(14, min(len(str(column.label)) + 4, 40))
    heading = []
    for column in table.columns:
        cell = WriteOnlyCell(sheet, value=str(column.label))
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    return sheet


def _cell(sheet: Any, value: Cell) -> Any:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value=value.astimezone(UTC).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    if value is None or (isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", _text(value))[:LONGEST_CELL]
    cell = WriteOnlyCell(sheet, value=text)
    # Text stays text, whatever it looks like.
    cell.data_type = "s"
    return cell


def _text(cell: Cell) -> str:
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
