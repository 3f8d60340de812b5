"""The pages and the file of the completion report."""

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from itpm_byte.insight import completion, completion_querysets, tallies
from itpm_byte.learning.models import Progress
from itpm_byte.reports.office import completion as office
from lti.models import Group, InstitutionStaff
from tests.cast import cast
from tests.insight.scenes import scene
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db

REPORT = "/staff/reports/completion/"


@pytest.fixture
def at():
    return scene(cast("amber"))


@pytest.fixture
def sue(at):
    client = Client()
    client.force_login(at.people.sue)
    return client


def clerk(*institutions):
    user = User.objects.create_user("clerk", is_staff=True)
    for institution in institutions:
        InstitutionStaff.objects.create(user=user, institution=institution)
    client = Client()
    client.force_login(user)
    return client


def count():
    tallies.refresh(now=timezone.now())


def file_of(client, query=""):
    answer = client.get(f"{REPORT}rows.csv?{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(text)))


def test_totals_courses_and_chart_are_there_and_lead_on_to_the_learners(at, sue):
    at.finished(at.learner("Bo"))
    at.began(at.learner("Cy"))
    count()
    page = sue.get(REPORT)
    text = text_of(page)
    assert "Completed 1 of these passed 1 In progress 1 Not started 1 Left without completing 0" in text
    assert "Completion rate 33.3 %" in text
    assert "<rect" in page.content.decode()
    assert f"?course={at.people.context.pk}" in page.content.decode()
    course = text_of(sue.get(f"{REPORT}?course={at.people.context.pk}"))
    assert "Counted just now." in course
    assert all(name in course for name in ("Bo", "Cy", "Lin"))


def test_learners_come_page_by_page_with_the_filters_kept(at, sue, monkeypatch):
    for number in range(3):
        at.began(at.learner(f"Person {number}"))
    monkeypatch.setattr(completion.page, "__kwdefaults__", {"after": None, "limit": 2})
    first = sue.get(f"{REPORT}learners/?status=in_progress")
    assert ("Person 0" in text_of(first), "Person 2" in text_of(first)) == (True, False)
    last = Progress.objects.get(learner__name="Person 1")
    following = f"status=in_progress&amp;after={at.placement.pk}-{last.learner_id}"
    assert following in first.content.decode()
    second = text_of(sue.get(f"{REPORT}learners/?{following.replace('&amp;', '&')}"))
    assert ("Person 0" in second, "Person 2" in second) == (False, True)


def test_one_learner_s_attempts_can_be_read_and_nothing_changed(at, sue):
    at.finished(at.people.lin)
    page = sue.get(f"{REPORT}{at.placement.pk}/{at.people.lin.pk}/")
    assert "Lin" in text_of(page)
    assert "No attempt yet." in text_of(page)
    assert sue.get(f"{REPORT}{at.placement.pk}/999999/").status_code == 404
    assert sue.post(f"{REPORT}{at.placement.pk}/{at.people.lin.pk}/").status_code == 405


def test_the_file_has_what_the_page_has(at, sue):
    at.graded(at.finished(at.learner("=Bo", email="bo@one.example"), "1", 2))
    rows = file_of(sue, "status=completed")
    assert len(rows) == 1
    row = rows[0]
    assert (row["Learner"], row["E-mail"], row["Status"], row["Per cent"]) == (
        "'=Bo",
        "bo@one.example",
        "completed",
        "50",
    )
    assert (row["Institution"], row["Course"], row["Grade in the platform"]) == ("amber school", "Careers", "sent")
    assert {row["Learner"] for row in file_of(sue)} == {"'=Bo", "Lin"}


def test_the_workbook_has_the_same_rows(at, sue):
    at.finished(at.learner("Bo"))
    answer = sue.get(f"{REPORT}rows.xlsx?status=completed")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    head, *rows = sheet.iter_rows(values_only=True)
    assert [dict(zip(head, row, strict=True))["Learner"] for row in rows] == ["Bo"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-03-02&until=2026-03-01", "before the first one"),
        ("since=yesterday", "valid date"),
        ("course=999999", "valid choice"),
        ("status=perhaps", "valid choice"),
        ("version=-1", "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(at, sue, query, words):
    for page in (REPORT, f"{REPORT}learners/", f"{REPORT}rows.csv"):
        answer = sue.get(f"{page}?{query}")
        assert answer.status_code == 400
        assert "errorlist" in answer.content.decode() or "course=" in query
        assert words in text_of(answer) or "course=" in query


def test_a_search_that_finds_too_many_says_so(at, sue, monkeypatch):
    monkeypatch.setattr(completion_querysets, "MOST_FOUND", 1)
    at.learner("Linda")
    for page in (REPORT, f"{REPORT}learners/", f"{REPORT}rows.csv"):
        answer = sue.get(f"{page}?search=lin")
        assert answer.status_code == 400
        assert "More than 1 people match." in text_of(answer)


def test_staff_see_their_institutions_alone_whatever_they_ask_for(at):
    other = scene(cast("birch"))
    bo = other.finished(other.learner("Bo of Birch"))
    red = Group.objects.create(context=other.people.context, group_id="red", name="Red of Birch")
    at.finished(at.learner("Ours"))
    count()
    client = clerk(at.people.institution)
    queries = ("", f"course={other.people.context.pk}", f"institution={other.people.institution.pk}", "search=Birch")
    more = (f"lms={other.people.registration.pk}", f"course={other.people.context.pk}&group={red.pk}", "after=0-0")
    for page in (REPORT, f"{REPORT}learners/", f"{REPORT}rows.csv"):
        for query in (*queries, *more):
            answer = client.get(f"{page}?{query}")
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = re.sub(r"search(=|%3D)Birch", "", body.decode()).replace('value="Birch"', "")
            assert "irch" not in text.lower().replace("lti/birch", ""), (page, query)
    assert client.get(f"{REPORT}{other.placement.pk}/{bo.pk}/").status_code == 404
    assert {row["Learner"] for row in file_of(client)} == {"Ours", "Lin"}
    assert "No institution yet." in text_of(_nobody().get("/staff/"))


def _nobody():
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    return client


def test_pages_cost_the_same_queries_with_1_and_3_rows(at, sue, django_assert_num_queries):
    at.finished(at.learner("Bo"))
    count()
    pages = (REPORT, f"{REPORT}learners/", f"{REPORT}?course={at.people.context.pk}")
    spent = []
    for page in pages:
        with CaptureQueriesContext(connection) as seen:
            sue.get(page)
        spent.append(len(seen))
    at.finished(at.learner("Cy"), at=timezone.now() - timedelta(days=3))
    at.finished(at.learner("Di"), at=timezone.now() - timedelta(days=5))
    count()
    for page, number in zip(pages, spent, strict=True):
        with django_assert_num_queries(number):
            sue.get(page)


def test_a_workbook_of_too_many_rows_is_refused_in_words(at, sue, monkeypatch):
    at.began(at.learner("Bo"))
    tallies.refresh(now=timezone.now())
    monkeypatch.setattr(office, "MOST_IN_WORKBOOK", 1)
    refused = sue.get(f"{REPORT}rows.xlsx")
    assert refused.status_code == 400
    assert "An Excel file of more than 1 rows takes too long." in text_of(refused)
    allowed = sue.get(f"{REPORT}rows.xlsx?status=in_progress")
    assert allowed.status_code == 200
    allowed.close()
