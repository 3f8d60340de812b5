"""What the learner is told about the grade, and sending it again."""

import pytest
from django.utils import timezone

from lti.models import Score
from tests.player.seats import PIECE, text_of


def put(**fields):
    Score.objects.update(**fields)


def test_before_an_answer_there_is_no_grade(lin):
    assert 'id="grade"' not in lin.get().content.decode()
    assert lin.get("grade/", headers=PIECE).content.strip() == b""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Your grade is on its way to the gradebook."),
        ({"state": "sent", "sent_at": timezone.now()}, "Your grade is in the gradebook."),
        ({"state": "unavailable"}, "This activity has no place in the gradebook. Your result is kept here."),
        ({"state": "failed", "last_error": "not_in_course"}, "Please ask your teacher to enrol you."),
        ({"state": "changed", "last_error": "changed_in_lms"}, "The gradebook shows a grade that was changed there."),
    ],
)
def test_the_state_is_told_in_words(lin, fields, words):
    lin.answer("samantha")
    put(**fields)

    told = text_of(lin.get())

    assert "Your score: 1 of 1." in told
    assert words in told


def test_only_a_grade_that_could_not_be_sent_offers_to_send_it_again(lin):
    lin.answer("samantha")
    assert "Send again" not in text_of(lin.get())

    put(state="failed", last_error="forbidden")
    assert "Send again" in text_of(lin.get())


def test_a_learner_cannot_send_a_grade_over_a_teachers(lin):
    """AGS-31"""
    lin.answer("samantha")
    put(state="changed", last_error="changed_in_lms")
    assert "Send again" not in text_of(lin.get())

    lin.post("resend/")
    assert (Score.objects.get().state, Score.objects.get().overwrites) == ("changed", False)


def test_sending_again_makes_it_due(lin):
    lin.answer("samantha")
    put(state="failed", last_error="forbidden")

    response = lin.post("resend/")

    assert response.status_code == 303
    assert response.headers["Location"] == f"{lin.url}#grade"
    assert Score.objects.get().state == "due"


def test_sending_again_twice_sends_once(lin):
    lin.answer("samantha")
    put(state="failed", last_error="forbidden")

    lin.post("resend/")
    version = Score.objects.get().version
    lin.post("resend/")

    assert Score.objects.get().version == version


def test_a_grade_that_arrived_is_not_sent_again(lin):
    lin.answer("samantha")
    put(state="sent", sent_at=timezone.now())

    lin.post("resend/")

    assert Score.objects.get().state == "sent"


def test_our_script_gets_the_grade_alone(lin):
    lin.answer("samantha")

    piece = lin.get("grade/", headers=PIECE).content.decode()

    assert 'data-state="waiting"' in piece
    assert f'data-status-url="/api/v1/launches/{lin.launch.pk}/progress/"' in piece
    assert "<html" not in piece


def test_a_teacher_has_no_grade(ada):
    ada.answer("samantha")

    assert 'id="grade"' not in ada.get().content.decode()
    assert Score.objects.count() == 0
