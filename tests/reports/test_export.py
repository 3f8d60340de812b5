"""Files that spreadsheet programs open right, and that run nothing there."""

import csv
import io
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from itpm_byte.insight import completion_rows
from itpm_byte.insight.tables import Column, Table
from itpm_byte.reports.export import BYTE_ORDER_MARK, LINES_AT_ONCE, csv_chunks, csv_file, escaped

TABLE = Table("people", (Column("name", "Name", lambda row: row[0]), Column("value", "Value", lambda row: row[1])))


def read(rows):
    text = "".join(csv_chunks(TABLE, rows))
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


def test_a_choice_and_a_translated_word_are_texts_too():
    class Colour(TextChoices):
        RED = "=red", "=Red"

    assert [row[1] for row in read([("", Colour.RED), ("", gettext_lazy("=word"))])[1:]] == ["'=red", "'=word"]


def test_columns_that_neighbours_share_say_what_each_row_says():
    of_place = Table("places", TABLE.columns, alike=1, of=lambda row: row[0].lower())
    rows = [("=A", 1), ("=A", 2), ("B", 3), ("=A", 4)]
    text = "".join(csv_chunks(of_place, rows * LINES_AT_ONCE))
    assert (
        list(csv.reader(io.StringIO(text)))[1:]
        == [["'=A", "1"], ["'=A", "2"], ["B", "3"], ["'=A", "4"]] * LINES_AT_ONCE
    )


def test_the_completion_report_says_its_first_columns_of_placement_and_version_alone():
    """Whatever else two rows of one placement say, its file writes these once for both."""
    names = [column.key for column in completion_rows.TABLE.columns[: completion_rows.TABLE.alike]]
    assert names == ["institution", "lms", "course", "term", "activity", "byte", "version"]


def test_rows_are_read_while_the_file_is_sent():
    asked = []

    def rows():
        for number in range(LINES_AT_ONCE * 2):
            asked.append(number)
            yield (f"row {number}", number)

    chunks = csv_chunks(TABLE, rows())
    next(chunks)
    assert asked == []
    assert next(chunks).count("\r\n") == LINES_AT_ONCE
    assert len(asked) == LINES_AT_ONCE


def test_the_answer_is_an_attachment_with_a_name():
    response = csv_file(TABLE, [("Lin", 1)], filename="completion")
    assert response.headers["Content-Disposition"] == 'attachment; filename="completion.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
