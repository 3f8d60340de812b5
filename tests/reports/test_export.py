"""Files that spreadsheet programs open right, and that run nothing there."""

import csv
import io
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from itpm_byte.insight.tables import Column, Table
from itpm_byte.reports.export import BYTE_ORDER_MARK, csv_file, csv_lines, escaped

TABLE = Table("people", (Column("name", "Name", lambda row: row[0]), Column("value", "Value", lambda row: row[1])))


def read(rows):
    text = "".join(csv_lines(TABLE, rows))
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))


def test_names_arrive_as_the_lms_gave_them():
    assert read([('Zoë "Zo" Ångström, 林', None)]) == [["Name", "Value"], ['Zoë "Zo" Ångström, 林', ""]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_is_no_formula(text):
    assert read([(text, 1)])[1][0] == "'" + text
    assert escaped("Lin = Max") == "Lin = Max"


def test_numbers_times_and_truth_values_are_written_one_way():
    at = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    cells = [Decimal("0.5000"), Decimal("100.0000"), 0, at, True, False]
    assert [row[1] for row in read([("", cell) for cell in cells])[1:]] == [
        "0.5", "100", "0", "2026-11-23T09:00:00+00:00", "yes", "no",
    ]  # fmt: skip


def test_rows_are_read_while_the_file_is_sent():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield (f"row {number}", number)

    lines = csv_lines(TABLE, rows())
    next(lines)
    assert asked == []
    next(lines)
    assert asked == [0]


def test_the_answer_is_an_attachment_with_a_name():
    response = csv_file(TABLE, [("Lin", 1)], filename="completion")
    assert response.headers["Content-Disposition"] == 'attachment; filename="completion.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
