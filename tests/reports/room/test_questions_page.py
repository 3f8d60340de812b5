"""The page of questions: what a teacher reads there, and from how many learners it says what."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from itpm_byte.learning import attempts
from itpm_byte.learning.models import Placement
from tests.cast import cast, someone
from tests.learning.casting import NOW
from tests.player.seats import published, sit


@pytest.fixture
def people(db):
    return cast()


@pytest.fixture
def at(people) -> Placement:
    return Placement.objects.create(resource_link=people.link, byte=published())


def learn(at, people, *stories):
    """Each story is one learner's choices, try after try."""
    for number, story in enumerate(stories):
        learner = someone(people, f"Learner {number}")
        for attempt, choice in enumerate(story.split(), 1):
            attempts.answer(
                at, learner, attempt_number=attempt, question_key=QUESTION, choice_keys=[choice], now=NOW
            )  # fmt: skip


QUESTION = "quiz"


def page(people, query=""):
    seat = sit(people.ada, people.link)
    answer = seat.get(f"room/questions/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_of_few_learners_only_numbers_are_told(people, at):
    learn(at, people, "peter samantha", "samantha")
    told = page(people)
    assert "Right at the first try: <strong>1 of 2</strong> learners." in told
    assert "95 % interval" not in told
    assert "With fewer than 10 learners a share says more about chance than about the question" in told
    assert "Of 1: 1 then right, 0 the same again" in told


def test_of_many_learners_a_share_comes_with_its_interval(people, at):
    learn(at, people, *["samantha"] * 8, *["peter"] * 4)
    told = page(people)
    assert "That is <strong>67 %</strong>, 95 % interval 39 to 86 %." in told  # Wilson for 8 of 12
    assert "this Byte has only one" in told


def test_nobody_has_answered_yet(people, at):
    told = page(people)
    assert "Nobody has answered it yet." in told
    assert "questions.csv" not in told


def test_what_makes_no_sense_in_the_address_is_taken_for_not_said(people, at):
    learn(at, people, "peter samantha")
    plain = page(people).partition("Computed")[0]
    for query in ("?basis=best&version=x", "?version=999999", "?version=" + "9" * 40):
        assert page(people, query).partition("Computed")[0].count("selected") == plain.count("selected")
    assert "What was chosen: all attempts, n = 2" in page(people, "?basis=all")


def test_the_number_of_queries_does_not_grow(people, at):
    learn(at, people, "peter")
    seat = sit(people.ada, people.link)
    seat.get("room/questions/")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            seat.get("room/questions/")
        return len(captured)

    one = queries()
    for number in range(3):
        learner = someone(people, f"more {number}")
        attempts.answer(at, learner, attempt_number=1, question_key=QUESTION, choice_keys=["rachel"], now=NOW)
    assert queries() == one


def test_the_file_has_a_row_for_each_option(people, at):
    learn(at, people, "peter samantha", "samantha")
    answer = sit(people.ada, people.link).get("room/files/questions.csv?basis=all")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["Option"]: row for row in csv.DictReader(io.StringIO(text))}
    assert set(rows) == {"peter", "samantha", "rachel", "george"}
    assert (rows["peter"]["Chosen"], rows["peter"]["Of"], rows["peter"]["Then right"]) == ("1", "3", "1")
    assert (rows["samantha"]["Is right"], rows["samantha"]["Then right"]) == ("yes", "")


def test_learners_are_told_that_it_is_for_teachers(people, at):
    answer = sit(people.lin, people.link).get("room/questions/")
    assert answer.status_code == 403
    assert "This page is for teachers" in answer.content.decode()
