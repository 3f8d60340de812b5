"""For every cause there are words: for the learner, and for the teacher."""

import pytest

from lti.grades import advice
from lti.outcomes import Verdict, judge
from tests.lti.test_outcomes import NOW, ROWS

CODES = sorted(advice.ADVICE)


@pytest.mark.parametrize("row", [row for row in ROWS if row[4] is not Verdict.SENT], ids=lambda row: row[0])
def test_every_row_of_the_error_table_has_words_for_both(row):
    code = judge(*row[1:4], now=NOW).code

    assert str(advice.for_learner(code, "failed")) != ""
    assert str(advice.for_teacher(code)) != ""


@pytest.mark.parametrize("code", CODES)
def test_a_grade_that_was_given_up_is_not_said_to_be_tried_on(code):
    words = str(advice.for_learner(code, "failed"))

    assert [
        phrase for phrase in ("keep trying", "try again", "needn't do anything", "in the queue") if phrase in words
    ] == []


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("state", ["sent", "waiting", "failed", "unavailable"])
def test_learners_are_never_told_codes_or_status_numbers(code, state):
    words = str(advice.for_learner(code, state))

    assert code not in words
    assert not any(character.isdigit() for character in words)


def test_moodle_is_named_where_its_refusal_means_something_narrower():
    assert "student" in str(advice.for_teacher("not_accepted", "moodle"))
    assert "locked" in str(advice.for_teacher("lms_error", "Moodle"))
    assert advice.for_teacher("not_accepted", "moodle") != advice.for_teacher("not_accepted", "sakai")


@pytest.mark.parametrize(
    ("product", "name"), [("canvas", "Canvas"), ("BlackboardLearn", "Blackboard"), ("desire2learn", "Brightspace")]
)
def test_who_is_not_in_the_course_is_told_in_the_words_of_the_lms(product, name):
    assert name in str(advice.for_learner("not_in_course", "failed", product))
    assert name in str(advice.for_teacher("not_in_course", product))


def test_an_unknown_code_is_no_reason_to_say_nothing():
    assert str(advice.for_learner("from-the-future", "waiting")) == "Your grade is on its way to the gradebook."
    assert str(advice.for_teacher("from-the-future")) == ""


def test_what_a_new_claim_may_cure_is_known():
    assert set(advice.CURED_BY_NEW_CLAIM) <= set(CODES)
