"""A course was copied: the teacher is asked once, learners begin where that is certain (OTH-08)."""

import re

import pytest
from django.utils import timezone

from itpm_byte.learning import attempts, placements
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import Context, PlatformUser
from tests.authoring.teacher import LTI, Teacher, path_of, text_of
from tests.lti.platform import LEFT_OUT, MEMBERSHIP
from tests.player.seats import SECOND, published

COURSE, LINK, CUSTOM = LTI + "context", LTI + "resource_link", LTI + "custom"
NEW = {COURSE: {"id": "new", "title": "Careers 102"}, LINK: {"id": "new link", "title": "IT Project Manager"}}
CERTAIN = {**NEW, CUSTOM: {"link_history": "old%20link", "byte": "it-project-manager"}}
LIKELY = {**NEW, CUSTOM: {"context_history": "older,old", "byte": "it-project-manager"}}
NO_BYTE = {**NEW, CUSTOM: {"context_history": "old"}}


@pytest.fixture
def lin(platform, registration):
    return Teacher(platform, sub="lin", roles=[MEMBERSHIP + "Learner"])


@pytest.fixture
def old(ada):
    """Last year's activity, three attempts allowed, the first counts."""
    published()
    ada.launch(
        **{
            COURSE: {"id": "old", "title": "Careers 101"},
            LINK: {"id": "old link", "title": "IT Project Manager"},
            CUSTOM: {"byte": "it-project-manager"},
        }
    )
    Placement.objects.update(attempts_allowed=3, which_counts="first")
    return Placement.objects.get()


def copy():
    return Placement.objects.get(resource_link__resource_link_id="new link")


def send(teacher, **fields):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', teacher.get("copied/").content.decode())
    sent = {"csrfmiddlewaretoken": token[1], **fields}
    return teacher.client.post(teacher.base + "copied/", sent, headers={"Origin": "http://testserver"})


def test_a_learner_who_comes_first_finds_a_certain_copy_ready(lin, ada, old):
    assert path_of(lin.launch(**CERTAIN)) == ""

    assert (copy().attempts_allowed, copy().which_counts, copy().copied_from) == (3, "first", old)
    assert "IT Project Manager" in text_of(lin.get(""))
    assert path_of(ada.launch(**CERTAIN)) == "copied/"


def test_the_teacher_is_told_where_it_was_copied_from_and_keeps_the_settings(ada, old):
    assert path_of(ada.launch(**CERTAIN)) == "copied/"

    words = text_of(ada.get("copied/"))
    for told in ("It was copied from IT Project Manager in Careers 101", "3 attempts", "What counts: first attempt"):
        assert told in words
    assert path_of(send(ada, answer="keep")) == "settings/"

    assert (copy().copy_state, copy().attempts_allowed) == ("kept", 3)
    assert path_of(ada.launch(**CERTAIN)) == "room/"


def test_the_teacher_begins_with_the_usual_settings(ada, old):
    ada.launch(**CERTAIN)

    send(ada, answer="afresh")

    assert (copy().copy_state, copy().attempts_allowed, copy().which_counts) == ("fresh", None, "best")
    assert placements.find(old.resource_link).attempts_allowed == 3
    assert path_of(ada.launch(**CERTAIN)) == "room/"


def test_a_likely_copy_is_the_teachers_to_confirm(ada, lin, old):
    assert path_of(lin.launch(**LIKELY)) == ""
    assert (copy().copy_state, copy().attempts_allowed) == ("suggested", None)

    assert path_of(ada.launch(**LIKELY)) == "copied/"
    assert "Careers 101" in text_of(ada.get("copied/"))
    assert path_of(send(ada, answer="take", origin=str(old.uuid))) == "settings/"

    assert (copy().copy_state, copy().attempts_allowed, copy().copied_from) == ("kept", 3, old)


@pytest.mark.parametrize(("launch", "fields"), [(LIKELY, {"answer": "take"}), (CERTAIN, {"answer": "afresh"})])
def test_an_answer_that_changes_grades_is_taken_once_the_teacher_saw_whose(ada, lin, old, launch, fields):
    lin.launch(**launch)
    for number, choice in enumerate(("peter", "samantha"), 1):
        attempts.answer(
            copy(), PlatformUser.objects.get(sub="lin"), attempt_number=number, question_key="quiz",
            choice_keys=[choice], now=timezone.now(),
        )  # fmt: skip
    before = copy().which_counts, Progress.objects.get().counted_points
    ada.launch(**launch)
    fields = {"origin": str(old.uuid), **fields}
    asked = send(ada, **fields)

    assert (asked.status_code, "1 grade would change" in text_of(asked)) == (200, True)
    assert (copy().which_counts, Progress.objects.get().counted_points) == before
    shown = re.search(r'name="shown" value="([^"]+)"', asked.content.decode())[1]
    assert path_of(send(ada, shown=shown, **fields)) == "settings/"
    assert (copy().which_counts, Progress.objects.get().counted_points) != before


def test_a_namesake_that_is_no_copy_stays_as_it_is(ada, old):
    ada.launch(**LIKELY)
    send(ada, answer="afresh")
    assert (copy().copy_state, copy().attempts_allowed) == ("fresh", None)


def test_without_a_byte_the_teacher_is_asked_first_and_learners_wait(ada, lin, old):
    published(SECOND)  # with one Byte only, there is nothing to ask
    assert path_of(lin.launch(**NO_BYTE)) == ""
    assert "not set up yet" in text_of(lin.get(""))

    assert path_of(ada.launch(**NO_BYTE)) == "copied/"
    send(ada, answer="take", origin=str(old.uuid))

    assert (copy().byte, copy().attempts_allowed) == (old.byte, 3)
    lin.launch(**NO_BYTE)
    assert "IT Project Manager" in text_of(lin.get(""))


def test_without_a_byte_whoever_begins_afresh_chooses_one(ada, old):
    published(SECOND)
    ada.launch(**NO_BYTE)
    assert path_of(send(ada, answer="afresh")) == "choose/"


@pytest.mark.parametrize("fields", [{}, {"answer": "take"}, {"answer": "take", "origin": "x"}, {"answer": "keep"}])
def test_an_answer_that_says_nothing_is_asked_for_again(ada, old, fields):
    ada.launch(**LIKELY)
    again = send(ada, **fields)
    assert again.status_code == 422
    assert "Choose the activity" in text_of(again)
    assert copy().copy_state == "suggested"


def test_learners_and_assistants_are_not_asked(platform, lin, ada, old):
    tom = Teacher(platform, sub="tom", roles=[MEMBERSHIP.replace("#", "/") + "Instructor#TeachingAssistant"])
    assert [path_of(someone.launch(**CERTAIN)) for someone in (lin, tom)] == ["", "room/"]
    for someone in (lin, tom):
        assert someone.get("copied/").status_code == 403
    assert copy().copy_state == "cloned"


def test_attempts_stay_where_they_were_given(lin, ada, old):
    lin.launch(
        **{COURSE: {"id": "old"}, LINK: {"id": "old link"}, CUSTOM: LEFT_OUT},
    )
    page = lin.get("").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    sent = {"csrfmiddlewaretoken": token, "question": "quiz", "attempt": 1, "version": 1, "choice": "peter"}
    lin.client.post(lin.base + "answer/", sent, headers={"Origin": "http://testserver"})
    assert Attempt.objects.count() == 1

    lin.launch(**CERTAIN)

    assert "Your answer is saved" not in text_of(lin.get(""))
    assert not copy().attempts.exists()


def test_the_history_is_remembered_with_the_course(ada, old):
    ada.launch(**LIKELY)
    assert Context.objects.get(context_id="new").origin_ids == ["older", "old"]


def test_there_is_no_question_at_an_original(ada, old):
    ada.launch(**{COURSE: {"id": "old"}, LINK: {"id": "old link"}, CUSTOM: LEFT_OUT})
    assert path_of(ada.get("copied/")) == ""
