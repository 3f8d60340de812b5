"""A table as a file, row by row: CSV and XLSX that spreadsheet programs open right and that run nothing there."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

from itpm_byte.insight.tables import Cell, Table

# A spreadsheet program takes text that begins so for a formula (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
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
    response = StreamingHttpResponse(csv_lines(table, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, str):
        return escaped(cell)
    return str(cell)


def escaped(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
