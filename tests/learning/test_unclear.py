"""Learners say that a question is unclear: one changeable word each, per question of a version."""

import pytest

from itpm_byte.learning import errors, unclear
from itpm_byte.learning.models import UnclearQuestion
from tests.learning.casting import DAY, NOW, THREE, byte, placement


def tell(at, learner, question="fit", reason="", now=NOW):
    return unclear.tell(at, learner, at.byte, question_key=question, reason=reason, now=now)


def test_it_is_kept_with_the_reason(people):
    at = placement(people.link)
    told = tell(at, people.lin, reason="  What is a\nstakeholder?\0 ")
    assert told == UnclearQuestion.objects.get()
    assert (told.question.key, told.reason) == ("fit", "What is a\nstakeholder?")
    assert (told.created_at, told.updated_at) == (NOW, NOW)


def test_saying_it_again_changes_the_reason(people):
    at = placement(people.link)
    tell(at, people.lin, reason="Hm")
    tell(at, people.lin, reason="Which role?", now=NOW + DAY)
    row = UnclearQuestion.objects.get()
    assert (row.reason, row.created_at, row.updated_at) == ("Which role?", NOW, NOW + DAY)


def test_each_question_and_each_learner_has_its_own(people):
    at = placement(people.link, THREE)
    tell(at, people.lin)
    tell(at, people.lin, "end")
    tell(placement(people.max_link), people.max)
    assert list(UnclearQuestion.objects.order_by("pk").values_list("learner__name", "question__key")) == [
        ("Lin", "fit"),
        ("Lin", "end"),
        ("Max", "fit"),
    ]


def test_only_questions_of_the_version_that_is_read(people):
    at = placement(people.link)
    byte(THREE, version=2)
    with pytest.raises(errors.UnknownQuestion):
        tell(at, people.lin, "end")
    assert UnclearQuestion.objects.count() == 0


def test_a_reason_has_an_end(people):
    at = placement(people.link)
    tell(at, people.lin, reason="x" * unclear.LONGEST_REASON)
    with pytest.raises(errors.TextTooLong):
        tell(at, people.lin, reason="x" * (unclear.LONGEST_REASON + 1))
    assert len(UnclearQuestion.objects.get().reason) == unclear.LONGEST_REASON


def test_nobody_anonymous_tells(people):
    people.lin.is_anonymous = True
    with pytest.raises(errors.AnonymousLearner):
        tell(placement(people.link), people.lin)
