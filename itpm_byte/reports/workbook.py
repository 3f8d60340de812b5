"""A table as an XLSX workbook. Only `export.xlsx_file` loads this module, when somebody asks for a workbook."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from itpm_byte.insight.tables import Cell, Table
from itpm_byte.reports.export import text_of

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What one sheet takes, and one cell.
MOST_ROWS = 1_000_000
LONGEST_CELL = 32_000
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")


def attachment[R](table: Table[R], rows: Iterable[R], *, filename: str) -> FileResponse:
    """A response written row by row to a file that is gone when it has been sent. `filename`: without an ending.

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
    text = ILLEGAL_CHARACTERS_RE.sub("", text_of(value))[:LONGEST_CELL]
    cell = WriteOnlyCell(sheet, value=text)
    # Text stays text, whatever it looks like.
    cell.data_type = "s"
    return cell
