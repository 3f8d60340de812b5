"""Whoever is no learner of the course tries everything on the page: nothing is kept, nothing graded, nobody counted."""

import pytest
from django.apps import apps
from django.utils import timezone

from itpm_byte.insight import answers, roster
from itpm_byte.learning.models import Attempt, Placement
from lti.models import Role, Score
from tests.cast import someone
from tests.player.seats import sit, text_of

EXPLANATION = "Of the four, only"


def kept():
    """All rows of what learners do, and of grades."""
    models = [*apps.get_app_config("learning").get_models(), Score]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def everything(seat):
    """As a learner would: read, answer, rate, find unclear, ask for help, make a receipt, resend."""
    return [
        seat.get(),
        seat.post("seen/", {"section": ["opening", "quiz"]}),
        seat.answer("samantha"),
        seat.answer("peter", attempt=2),
        seat.post("feedback/", {"rating": "4", "comment": "Nice"}),
        seat.post("unclear/", {"question": "quiz", "reason": "Why?"}),
        seat.post("support/", {"message": "Help me please"}),
        seat.post("receipt/", {"name": "1"}),
        seat.post("resend/"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.LEARNER])
def test_whatever_staff_and_observers_do_is_forgotten(people, placement, role):
    seat, before = sit(someone(people, "Vi", role), people.link), kept()
    told = [text_of(response) for response in everything(seat)]
    assert kept() == before
    assert "Preview: nothing is recorded, nothing is graded." in told[0]
    assert [words.count("This was a preview: nothing was recorded.") for words in told[2:7]] == [1, 1, 1, 1, 1]


def test_a_test_user_and_a_teacher_are_in_no_figure(people, placement, ada):
    seats = [ada, sit(someone(people, "Tess"), people.link, is_test_user=True)]
    before = kept()
    for seat in seats:
        everything(seat)
    assert kept() == before
    assert answers.read(placement) == []
    assert people.ada.pk not in {row.pk for row in roster.learners(placement)}


# --- as learners have it


@pytest.mark.parametrize(
    ("reveal", "attempts", "is_shown"),
    [("after_answer", None, True), ("after_last", None, False), ("after_last", 1, True), ("never", 1, False)],
)
def test_a_rehearsal_reveals_what_the_activity_reveals(ada, placement, reveal, attempts, is_shown):
    Placement.objects.update(reveal=reveal, attempts_allowed=attempts)
    before = kept()
    page = ada.get("?as=learner")
    assert 'action="' + ada.url + "answer/?as=learner#" in page.content.decode()
    assert ("You have one attempt." in text_of(page)) == (attempts == 1)

    told = ada.post("answer/?as=learner", {"question": "quiz", "choice": "peter", "attempt": 1, "version": 1})

    assert (EXPLANATION in text_of(told), "nothing was recorded" in text_of(told)) == (is_shown, True)
    assert (f"{ada.url}?as=learner#" in told.content.decode()) == (attempts is None)
    assert kept() == before


def test_a_rehearsal_keeps_the_dates_and_the_usual_preview_does_not(ada, placement):
    Placement.objects.update(closes_at=timezone.now())
    assert "This activity is closed" in text_of(ada.get("?as=learner"))
    refused = ada.post("answer/?as=learner", {"question": "quiz", "choice": "peter", "attempt": 1, "version": 1})
    assert refused.status_code == 409
    assert "This activity is closed" not in text_of(ada.get())
    assert ada.answer("peter").status_code == 200


def test_learners_rehearse_nothing(lin):
    assert "Preview" not in text_of(lin.get("?as=learner"))
    answer = lin.post("answer/?as=learner", {"question": "quiz", "choice": "peter", "attempt": 1, "version": 1})
    assert (answer.status_code, Attempt.objects.count()) == (303, 1)
