"""A table as a file, row by row: CSV and XLSX that spreadsheet programs open right and that run nothing there."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
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
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What one sheet takes, and one cell.
MOST_ROWS = 1_000_000
LONGEST_CELL = 32_000
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
# Spreadsheet programs read UTF-8 only where a file says that it is.
BYTE_ORDER_MARK = "\ufeff"


class _Line:
    """What csv.writer writes to: answers the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines[R](table: Table[R], rows: Iterable[R]) -> Iterator[str]:
    """The heading, then a line for each row; nothing is kept, so the memory does not grow with the rows."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([str(column.label) for column in table.columns])
    for row in rows:
        yield writer.writerow([_text(cell) for cell in table.cells(row)])


def csv_file[R](table: Table[R], rows: Iterable[R], *, filename: str) -> StreamingHttpResponse:
    """An attachment. `filename`: letters, digits, hyphens; without an ending."""
    chunks = _in_chunks(csv_lines(table, rows), translation.get_language() or settings.LANGUAGE_CODE)
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def _in_chunks(lines: Iterator[str], language: str) -> Iterator[str]:
    """In the language in which the page was asked for: when these are sent, the view has ended long since."""
    while True:
        with translation.override(language):
            chunk = "".join(islice(lines, LINES_AT_ONCE))
        if not chunk:
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
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, str):
        return escaped(cell)
    return str(cell)


def escaped(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
