"""What learners say, without names and only once enough have spoken; and who asks for help, by name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from itpm_byte.learning import attempts, feedback, support, unclear
from itpm_byte.learning.models import Placement, SupportRequest
from lti.models import Role, StaffAction
from tests.cast import cast, someone
from tests.learning.casting import NOW
from tests.player.seats import published, sit

QUESTION = "quiz"


@pytest.fixture
def people(db):
    return cast()


@pytest.fixture
def at(people) -> Placement:
    return Placement.objects.create(resource_link=people.link, byte=published())


def speak(at, people, number, *, rating=4, comment="", reason=None):
    learner = someone(people, f"Speaker {number}")
    attempts.answer(at, learner, attempt_number=1, question_key=QUESTION, choice_keys=["peter"], now=NOW)
    feedback.give(at, learner, at.byte, rating=rating, comment=comment, now=NOW)
    if reason is not None:
        unclear.tell(at, learner, at.byte, question_key=QUESTION, reason=reason, now=NOW)
    return learner


def page(people, who=None):
    answer = sit(who or people.ada, people.link).get("room/feedback/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_four_ratings_show_nothing_five_show_numbers_and_words_without_names(people, at):
    for number in range(4):
        speak(at, people, number, comment=f"clear {number}", reason="too short")
    told = page(people)
    assert "Too few ratings yet" in told
    assert "clear 0" not in told
    assert "too short" not in told

    speak(at, people, 4, rating=5, comment="<b>loud</b>")
    told = page(people)
    assert "Mean <strong>4.2 of 5</strong> from 5 ratings." in told
    assert "&lt;b&gt;loud&lt;/b&gt;" in told
    assert "<strong>4 of 5</strong> who answered it (version 1)." in told
    assert "Speaker" not in told


def test_a_request_for_help_is_marked_as_answered_once_and_by_whom(people, at):
    asked = support.ask(at, people.lin, message="I am <stuck>", now=NOW)
    told = page(people)
    assert ("Lin" in told, "I am &lt;stuck&gt;" in told) == (True, True)

    ada = sit(people.ada, people.link)
    for _ in range(2):
        answer = ada.post("room/feedback/settle/", {"request": asked.pk, "status": "answered"})
        assert answer.status_code == 303
    asked.refresh_from_db()
    action = StaffAction.objects.get()
    assert (asked.status, action.action, action.teacher, action.subject) == (
        "answered",
        "support.settled",
        people.ada,
        people.lin,
    )
    assert (action.before, action.after) == ({"status": "open"}, {"status": "answered"})
    ada.post("room/feedback/settle/", {"request": asked.pk, "status": "open"})
    assert SupportRequest.objects.get().status == "open"


@pytest.mark.parametrize("said", [{"request": "x"}, {"request": "9" * 40}, {"status": "lost"}, {"request": ""}])
def test_what_nobody_could_have_sent_changes_nothing(people, at, said):
    asked = support.ask(at, people.lin, message="Help", now=NOW)
    answer = sit(people.ada, people.link).post(
        "room/feedback/settle/", {"request": asked.pk, "status": "answered", **said}
    )
    assert answer.status_code == 404
    assert (SupportRequest.objects.get().status, StaffAction.objects.count()) == ("open", 0)


def test_another_courses_request_cannot_be_settled_from_here(people, at):
    elsewhere = Placement.objects.create(resource_link=people.max_link, byte=at.byte)
    asked = support.ask(elsewhere, people.max, message="Help", now=NOW)
    assert "Max" not in page(people)
    answer = sit(people.ada, people.link).post("room/feedback/settle/", {"request": asked.pk, "status": "answered"})
    assert (answer.status_code, SupportRequest.objects.get().status) == (404, "open")


def test_assistants_may_answer_and_learners_may_not_look(people, at):
    asked = support.ask(at, people.lin, message="Help", now=NOW)
    tom = someone(people, "Tom", Role.TEACHING_ASSISTANT)
    assert "Lin" in page(people, tom)
    lin = sit(people.lin, people.link)
    assert lin.get("room/feedback/").status_code == 403
    assert lin.post("room/feedback/settle/", {"request": asked.pk, "status": "answered"}).status_code == 403
    assert SupportRequest.objects.get().status == "open"


def test_the_number_of_queries_does_not_grow(people, at):
    for number in range(5):
        speak(at, people, number, reason="why")
    support.ask(at, people.lin, message="Help", now=NOW)
    ada = sit(people.ada, people.link)
    ada.get("room/feedback/")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            ada.get("room/feedback/")
        return len(captured)

    one = queries()
    for number in range(5, 8):
        support.ask(at, speak(at, people, number, reason="how"), message="Help me", now=NOW)
    assert queries() == one


def test_the_file_has_empty_cells_where_too_few_rated(people, at):
    for number in range(4):
        speak(at, people, number)
    get = sit(people.ada, people.link).get
    text = b"".join(get("room/files/feedback.csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1] == "1,en,,,,,,,"
    speak(at, people, 4)
    text = b"".join(get("room/files/feedback.csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1] == "1,en,5,4,0,0,0,5,0"
