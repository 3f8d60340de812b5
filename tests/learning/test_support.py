"""Learners ask for a person's help, and staff find it."""

import pytest

from itpm_byte.learning import errors, support
from itpm_byte.learning.models import SupportRequest
from tests.learning.casting import DAY, NOW, placement


def ask(at, learner, message="How do I begin?", now=NOW):
    return support.ask(at, learner, message=message, now=now)


def test_a_request_is_kept_for_staff(people):
    at = placement(people.link)
    made = ask(at, people.lin, "  How do I\nbegin?\0 ")
    assert made == SupportRequest.objects.get()
    assert (made.message, made.status, made.created_at) == ("How do I\nbegin?", "open", NOW)
    assert (made.placement, made.learner) == (at, people.lin)


def test_the_same_words_again_are_the_same_request_until_it_is_answered(people):
    at = placement(people.link)
    first = ask(at, people.lin)
    assert ask(at, people.lin, now=NOW + DAY) == first
    SupportRequest.objects.update(status="answered")
    assert ask(at, people.lin) != first
    assert SupportRequest.objects.count() == 2


def test_two_learners_may_ask_the_same(people):
    at, there = placement(people.link), placement(people.max_link)
    assert ask(at, people.lin) != ask(there, people.max)


@pytest.mark.parametrize("message", ["", "   \n\t ", "\0"])
def test_an_empty_request_is_none(people, message):
    with pytest.raises(errors.MessageEmpty):
        ask(placement(people.link), people.lin, message)
    assert SupportRequest.objects.count() == 0


def test_a_request_has_an_end(people):
    at = placement(people.link)
    ask(at, people.lin, "x" * support.LONGEST_MESSAGE)
    with pytest.raises(errors.TextTooLong):
        ask(at, people.lin, "x" * (support.LONGEST_MESSAGE + 1))
    assert SupportRequest.objects.count() == 1


def test_staff_are_not_flooded(people):
    at = placement(people.link)
    for number in range(support.MOST_OPEN):
        ask(at, people.lin, f"Question {number}")
    with pytest.raises(errors.TooManyRequests):
        ask(at, people.lin, "One more")
    assert ask(at, people.lin, "Question 0").message == "Question 0"
    SupportRequest.objects.filter(message="Question 0").update(status="answered")
    assert ask(at, people.lin, "One more").status == "open"


def test_nobody_anonymous_asks(people):
    people.lin.is_anonymous = True
    with pytest.raises(errors.AnonymousLearner):
        ask(placement(people.link), people.lin)
    assert SupportRequest.objects.count() == 0
