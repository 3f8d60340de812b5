"""What learners are told about an answer, and what they are not told yet."""

from decimal import Decimal

import pytest

from itpm_byte.learning import errors
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from itpm_byte.learning.outcomes import ChoiceFeedback, preview
from lti.models import Score
from tests.learning.casting import DAY, NOW, THREE, Ask, answer, byte, placement, statements

HIDDEN = ("", None)
SHOWN = ("why fit", ("samantha",))


def told(outcome):
    return (outcome.explanation, outcome.correct_keys)


def test_the_chosen_options_feedback_is_always_told(people):
    for reveal in ("after_answer", "after_last", "never"):
        at = placement(people.link, reveal=reveal)
        number = Attempt.objects.count() + 1
        assert answer(at, people.lin, "peter", attempt=number).feedback == (ChoiceFeedback("peter", "about peter"),)


def test_right_after_each_answer(people):
    at = placement(people.link, THREE, reveal="after_answer")
    assert told(answer(at, people.lin, "peter")) == SHOWN
    outcome = answer(at, people.lin, "plan cook", question="duties")
    assert told(outcome) == ("why duties", ("plan", "budget", "risks"))
    assert outcome.feedback == (ChoiceFeedback("plan", "about plan"), ChoiceFeedback("cook", "about cook"))


def test_never(people):
    at = placement(people.link, reveal="never", attempts_allowed=1)
    assert told(answer(at, people.lin, "samantha")) == HIDDEN


def test_while_attempts_are_left_a_wrong_answer_does_not_give_the_right_one_away(people):
    at = placement(people.link, attempts_allowed=2)
    assert told(answer(at, people.lin, "peter")) == HIDDEN
    assert told(answer(at, people.lin, "peter")) == HIDDEN  # a repeat tells no more
    assert told(answer(at, people.lin, "rachel", attempt=2)) == SHOWN
    assert told(answer(at, people.lin, "peter")) == SHOWN  # the first attempt, now that none is left


def test_without_a_limit_everything_is_told_once_all_was_right(people):
    at = placement(people.link)
    assert told(answer(at, people.lin, "peter")) == HIDDEN
    assert told(answer(at, people.lin, "samantha", attempt=2)) == SHOWN
    assert told(answer(at, people.lin, "rachel", attempt=3)) == SHOWN


def test_one_right_answer_of_several_tells_nothing_before_the_last_attempt_ends(people):
    at = placement(people.link, THREE, attempts_allowed=1)
    assert told(answer(at, people.lin, "samantha")) == HIDDEN
    assert told(answer(at, people.lin, "cook", question="duties")) == HIDDEN
    assert told(answer(at, people.lin, "yes", question="end")) == ("why end", ("yes",))
    assert told(answer(at, people.lin, "samantha")) == SHOWN


def test_after_closing_everything_that_was_answered_is_told(people):
    at = placement(people.link, closes_at=NOW + DAY)
    assert told(answer(at, people.lin, "peter")) == HIDDEN
    assert told(answer(at, people.lin, "peter", now=NOW + DAY)) == SHOWN


def test_all_right_in_an_old_version_tells_nothing_of_the_new_one(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    Placement.objects.update(byte=byte({"fit": Ask(right="george")}, version=2))
    assert told(answer(at, people.lin, "samantha", attempt=2)) == HIDDEN
    assert told(answer(at, people.lin, "samantha", attempt=1)) == SHOWN


def test_several_right_options_are_told_in_the_order_of_the_file(people):
    at = placement(people.link, {"duties": THREE["duties"]})
    outcome = answer(at, people.lin, "risks budget plan", question="duties")
    assert outcome.chosen_keys == outcome.correct_keys == ("plan", "budget", "risks")
    assert (outcome.is_correct, outcome.points) == (True, Decimal(3))


def test_a_preview_tells_everything_and_writes_nothing(people):
    made = byte(THREE)
    with statements() as sent:
        outcome = preview(made, "fit", ["peter"])
    assert {statement.split()[0] for statement in sent} == {"SELECT"}
    assert (outcome.attempt, outcome.is_correct, outcome.is_finished, outcome.is_repeat) == (None, False, False, False)
    assert (*told(outcome), outcome.feedback) == (*SHOWN, (ChoiceFeedback("peter", "about peter"),))
    assert [model.objects.count() for model in (Attempt, Response, Progress, Score)] == [0, 0, 0, 0]
    with statements() as sent:
        assert preview(made, "duties", ["plan", "budget"]).points == 2
    assert sent == []


def test_a_preview_of_a_byte_with_one_question_is_finished(people):
    assert preview(byte(), "fit", ["samantha"]).is_finished is True


def test_a_preview_refuses_what_an_attempt_refuses(people):
    made = byte()
    with pytest.raises(errors.AnswerIncomplete):
        preview(made, "fit", [])
    with pytest.raises(errors.UnknownChoice):
        preview(made, "fit", ["nobody"])
    with pytest.raises(errors.TooManyChoices):
        preview(made, "fit", ["peter", "samantha"])
    with pytest.raises(errors.UnknownQuestion):
        preview(made, "what", ["peter"])
