"""Answering: once, twice, too late, in two tabs, without a script and with one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from itpm_byte.learning import placements
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from lti.models import Score
from tests.player.seats import PIECE, SECOND, flat, published, sit, text_of

FEEDBACK_PETER = "Peter prefers to work on his own"
FEEDBACK_SAMANTHA = "Samantha is the best fit!"
EXPLANATION = "Of the four, only"


def test_an_answer_is_recorded_and_the_browser_is_sent_back_to_the_result(lin):
    response = lin.answer("peter")

    assert response.status_code == 303
    assert response.headers["Location"] == f"{lin.url}#result-quiz"
    assert list(Response.objects.values_list("choice__key", "attempt__number")) == [("peter", 1)]
    assert Score.objects.get().score_given == Decimal(0)


def test_points_come_from_the_answer_alone_whatever_a_form_says(lin):
    """SEC-15."""
    claimed = {"points": "1", "score": "1", "score_given": "1", "is_correct": "true", "maximum": "0.1"}
    lin.post("answer/", {"question": "quiz", "attempt": 1, "version": 1, "choice": ["peter"], **claimed})

    assert Attempt.objects.get().points == Decimal(0)
    assert (Score.objects.get().score_given, Score.objects.get().score_maximum) == (Decimal(0), Decimal(1))


def test_the_page_then_tells_the_feedback_of_the_chosen_option_only(lin):
    lin.answer("peter")

    words = text_of(lin.get())

    assert "Not quite" in words
    assert FEEDBACK_PETER in words
    assert "0 of 1 point. Your answer is saved." in words
    assert FEEDBACK_SAMANTHA not in words


def test_by_default_the_explanation_and_the_right_answer_follow_each_answer(lin):
    lin.answer("peter")

    words = text_of(lin.get())

    assert EXPLANATION in words
    assert "Right answer" in words


def test_the_teacher_may_keep_the_right_answer_back_until_the_last_attempt(lin):
    lin.get()
    Placement.objects.update(reveal="after_last")

    lin.answer("peter")

    words = text_of(lin.get())
    assert EXPLANATION not in words
    assert "Right answer" not in words


def test_when_all_is_right_the_explanation_and_the_right_answer_are_told(lin):
    lin.answer("samantha")

    words = text_of(lin.get())

    assert "That’s right" in words
    assert FEEDBACK_SAMANTHA in words
    assert EXPLANATION in words
    assert words.count("Right answer") == 1
    assert "Your score: 1 of 1." in words


def test_never_means_never(lin):
    Placement.objects.update(reveal="never", attempts_allowed=1)
    lin.answer("samantha")

    words = text_of(lin.get())

    assert EXPLANATION not in words
    assert "Right answer" not in words


def test_another_attempt_begins_when_asked_for(lin):
    lin.answer("peter")
    assert "Check my answer" not in text_of(lin.get())
    assert f'href="{lin.url}?again=1#quiz"' in lin.get().content.decode()

    again = lin.get("?again=1").content.decode()
    lin.answer("samantha", attempt=2)

    assert 'name="attempt" value="2"' in again
    assert FEEDBACK_PETER not in again
    words = text_of(lin.get())
    assert "Your attempts (2)" in words
    assert "Your score: 1 of 1." in words


def test_own_attempts_are_listed_with_what_was_chosen(lin):
    lin.answer("peter")
    lin.answer("samantha", attempt=2)

    words = text_of(lin.get())

    assert "Peter 0 of 1" in words
    assert "Samantha 1 of 1" in words


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "You can try as often as you like. Your best attempt counts."),
        ({"which_counts": "last"}, "You can try as often as you like. Your last attempt counts."),
        ({"attempts_allowed": 3}, "You have 3 of 3 attempts left. Your best attempt counts."),
        (
            {"attempts_allowed": 2, "which_counts": "average"},
            "2 of 2 attempts left. The average of your attempts counts.",
        ),
        ({"attempts_allowed": 1}, "You have one attempt."),
        ({"grade_on": "completion"}, "You can try as often as you like. Any answer completes the activity."),
        (
            {"grade_on": "both"},
            "Half of the grade is for completing the activity, half for your answers. Your best attempt counts.",
        ),
        ({"grade_on": "both", "attempts_allowed": 1}, "You have one attempt. Half of the grade is for completing"),
    ],
)
def test_attempts_left_are_told_before_the_learner_starts(lin, settings, words):
    Placement.objects.update(**settings)

    assert words in text_of(lin.get())


def test_the_last_attempt_is_warned_of(lin):
    Placement.objects.update(attempts_allowed=2)
    lin.answer("peter")

    page = lin.get("?again=1")

    assert "This is your last attempt." in text_of(page)
    assert 'class="help is-warning"' in page.content.decode()


def test_without_an_attempt_left_the_page_says_so_and_offers_no_form(lin):
    Placement.objects.update(attempts_allowed=1)
    lin.answer("peter")

    words = text_of(lin.get("?again=1"))

    assert "You have used all your attempts." in words
    assert "Check my answer" not in words
    assert "Try again" not in words
    assert "Right answer" in words


def test_nothing_chosen_brings_the_page_back_with_words_at_the_field(lin):
    response = lin.answer()

    assert response.status_code == 422
    assert '<p class="error" tabindex="-1" role="alert" data-focus>Choose an answer first.</p>' in flat(response)
    assert Attempt.objects.count() == 0


def test_nothing_chosen_in_a_further_attempt_brings_back_its_form(lin):
    lin.answer("peter")

    response = lin.answer(attempt=2)

    assert response.status_code == 422
    assert 'name="attempt" value="2"' in response.content.decode()


def test_the_same_answer_twice_is_one_attempt(lin):
    first, second = lin.answer("peter"), lin.answer("peter")

    assert (first.status_code, second.status_code) == (303, 303)
    assert Attempt.objects.count() == 1


def test_a_second_tab_with_another_choice_is_told_what_counts(lin):
    lin.answer("peter")

    response = lin.answer("samantha")

    assert response.status_code == 409
    words = text_of(response)
    assert "This attempt was answered already, perhaps in another window." in words
    assert FEEDBACK_PETER in words
    assert list(Response.objects.values_list("choice__key", flat=True)) == ["peter"]


def test_a_number_that_is_not_next_is_refused_with_words(lin):
    response = lin.answer("peter", attempt=5)

    assert response.status_code == 409
    assert "This page is out of date." in text_of(response)
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize("attempt", ["", "x", "-1", "1.5", "9" * 12])
def test_a_number_that_no_page_sends_is_a_bad_request(lin, attempt):
    lin.client.raise_request_exception = False

    response = lin.answer("peter", attempt=attempt)

    assert response.status_code == 400
    assert "Reference for support:" in text_of(response)
    assert Attempt.objects.count() == 0


def test_options_and_questions_that_do_not_exist_are_refused(lin):
    assert lin.answer("nobody").status_code == 409
    assert lin.answer("peter", question="nothing").status_code == 409
    assert lin.answer("peter", "samantha").status_code == 422
    assert Attempt.objects.count() == 0


def test_before_opening_the_byte_can_be_read_and_not_answered(lin):
    opens_at = timezone.now() + timedelta(days=3)
    Placement.objects.update(opens_at=opens_at)

    page, response = lin.get(), lin.answer("peter")

    assert "Answers are taken from:" in text_of(page)
    assert f'datetime="{opens_at.isoformat()}"' in page.content.decode()
    assert "Check my answer" not in text_of(page)
    assert (response.status_code, Attempt.objects.count()) == (409, 0)


def test_after_closing_the_byte_can_be_read_and_not_answered(lin):
    Placement.objects.update(closes_at=timezone.now() - timedelta(minutes=1))

    page, response = lin.get(), lin.answer("peter")

    assert "This activity is closed: no more answers are taken. You can read on." in text_of(page)
    assert (response.status_code, Attempt.objects.count()) == (409, 0)


def test_a_due_date_is_told_while_there_is_time(lin):
    Placement.objects.update(due_at=timezone.now() + timedelta(days=1))
    assert "Please answer before:" in text_of(lin.get())

    Placement.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert "Please answer before:" not in text_of(lin.get())


def test_our_script_gets_the_pieces_that_changed(lin):
    response = lin.answer("peter", headers=PIECE)

    piece = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in piece
    assert 'id="question-quiz"' in piece
    assert 'id="results"' in piece
    assert piece.count("data-focus") == 1
    assert FEEDBACK_PETER in text_of(response)


def test_our_script_gets_errors_as_pieces_too(lin):
    response = lin.answer(headers=PIECE)

    assert response.status_code == 422
    assert "<html" not in response.content.decode()
    assert response.content.decode().count("data-focus") == 1


def test_a_teachers_answer_is_judged_and_forgotten(ada):
    response = ada.answer("peter")

    assert response.status_code == 200
    words = text_of(response)
    assert FEEDBACK_PETER in words
    assert EXPLANATION in words
    assert "This was a preview: nothing was recorded." in words
    assert (Attempt.objects.count(), Progress.objects.count(), Score.objects.count()) == (0, 0, 0)
    assert "Check my answer" in text_of(ada.get())


def test_a_form_from_another_site_is_refused(people, placement):
    seat = sit(people.lin, people.link, client=Client(enforce_csrf_checks=True))

    response = seat.answer("peter")

    assert response.status_code == 403
    assert "We could not check that this came from you" in text_of(response)
    assert Attempt.objects.count() == 0


def test_the_pages_own_form_passes_the_check(people, placement):
    seat = sit(people.lin, people.link, client=Client(enforce_csrf_checks=True))
    page = seat.get().content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    fields = {"csrfmiddlewaretoken": token, "question": "quiz", "attempt": 1, "version": 1, "choice": "peter"}
    response = seat.post("answer/", fields, headers={"Origin": "http://testserver"})

    assert response.status_code == 303
    assert Attempt.objects.count() == 1


def test_several_questions_make_one_attempt_that_ends_with_the_last(people):
    published(SECOND)
    placements.for_link(people.link, byte_slug="sticky-note-board", language="en", now=timezone.now())
    seat = sit(people.lin, people.link)

    first = seat.answer("doing", question="one-place", headers=PIECE)
    seat.answer("move-at-once", "hide-trouble", question="good-habits", headers=PIECE)
    assert Attempt.objects.get().submitted_at is None
    last = seat.answer("wall", question="history", headers=PIECE)

    assert text_of(first).count("Check my answer") == 2
    assert Attempt.objects.get().submitted_at is not None
    assert "Check my answer" not in text_of(last)
    assert 'id="result-history" role="status" tabindex="-1" data-focus' in flat(last)
    assert last.content.decode().count("data-focus") == 1
    assert "Your attempts (1)" in text_of(last)


def test_a_new_version_while_reading_is_told(lin):
    response = lin.post("answer/", {"question": "quiz", "attempt": 1, "version": 7, "choice": "peter"})

    assert response.status_code == 409
    assert "This Byte was updated while you were reading." in text_of(response)
