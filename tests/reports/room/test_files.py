"""The room's tables as files: what they hold, what they are called, who gets them."""

import csv
import io

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from lti.models import PlatformUser
from tests.learning.casting import NOW


def body(response):
    return b"".join(response.streaming_content)


def lines(response):
    return list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"))))


@pytest.fixture
def furnished(room):
    room.at.finished(room.at.learner("=Kai", email="kai@school.example"), "0.5")
    room.at.graded(PlatformUser.objects.get(name="=Kai"), "failed", "0.5", last_error="column_gone")
    return room


def test_the_roster_comes_as_csv_as_it_is_narrowed_and_sorted(furnished):
    found = lines(furnished.ada.get("room/files/roster.csv?sort=-name"))
    assert [row[0] for row in found] == ["Learner", "Lin", "'=Kai"]
    assert found[2][4:10] == ["completed", "1", "0.5", "1", "50", "no"]
    assert found[2][13:15] == ["needs attention", found[2][14]]
    assert found[2][14].startswith("The grade column was deleted")
    assert len(lines(furnished.ada.get("room/files/roster.csv?status=completed"))) == 2


def test_the_roster_comes_as_xlsx_with_numbers_and_times(furnished):
    response = furnished.ada.get("room/files/roster.xlsx")
    sheet = load_workbook(io.BytesIO(body(response))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert (sheet.title, sheet.freeze_panes, sheet["A1"].font.bold) == ("learners", "A2", True)
    assert [row[0] for row in rows] == ["Learner", "'=Kai", "Lin"]
    assert rows[1][5:9] == (1, 0.5, 1, 50)
    assert (rows[1][12], sheet["A2"].data_type) == (NOW.replace(tzinfo=None), "s")


def test_grades_come_as_both(furnished):
    (heading, kai, lin) = lines(furnished.ada.get("room/files/grades.csv"))
    assert (heading[4], kai[4:7], kai[10], lin[10]) == (
        "Should show",
        ["0.5", "1", ""],
        "could not be sent",
        "no grade yet",
    )
    book = load_workbook(io.BytesIO(body(furnished.ada.get("room/files/grades.xlsx"))))
    assert book.active["E2"].value == 0.5


def test_a_file_is_named_after_course_activity_and_day_in_plain_letters(furnished):
    today = timezone.now().date().isoformat()
    name = furnished.ada.get("room/files/roster.csv").headers["Content-Disposition"]
    assert name == f'attachment; filename="careers-it-project-manager-roster-{today}.csv"'
    furnished.people.context.title = 'قبل"\r\nX: 1'
    furnished.people.context.save()
    response = furnished.ada.get("room/files/grades.xlsx")
    assert body(response)[:2] == b"PK"
    name = response.headers["Content-Disposition"]
    assert name == f'attachment; filename="x-1-it-project-manager-grades-{today}.xlsx"'


def test_files_are_for_staff_of_the_course_by_cookie_or_by_token(furnished):
    address = f"{furnished.tom.url}room/files/roster.csv"
    assert furnished.tom.get("room/files/roster.csv").status_code == 200
    assert Client().get(address, headers={"Authorization": f"Bearer {furnished.tom.sealed}"}).status_code == 200
    assert Client().get(address).status_code == 401
    assert furnished.lin.get("room/files/roster.csv").status_code == 403


@pytest.mark.parametrize("name", ["nothing.csv", "roster.pdf"])
def test_other_files_there_are_none(furnished, name):
    assert furnished.ada.get(f"room/files/{name}").status_code == 404
