"""Learners answer: one open attempt, final answers, and whatever comes twice is recorded once."""

from decimal import Decimal

import pytest

from itpm_byte.learning import attempts, errors
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from itpm_byte.learning.outcomes import ChoiceFeedback
from lti.grades.scores import NotGradable
from lti.models import Score
from tests.learning.casting import DAY, NOW, ONE, THREE, Ask, answer, byte, placement


def responses(learner):
    rows = Response.objects.filter(attempt__learner=learner).order_by("pk")
    return [(row.attempt.number, row.question.key, row.choice.key) for row in rows]


def test_the_first_answer_starts_the_attempt_and_the_last_one_submits_it(people):
    at = placement(people.link, THREE)
    first = answer(at, people.lin, "samantha")
    assert (first.is_finished, Attempt.objects.get().submitted_at) == (False, None)
    second = answer(at, people.lin, "plan budget", question="duties", now=NOW + DAY)
    assert Progress.objects.get().last_activity_at == NOW + DAY
    assert (second.is_finished, second.points, second.is_correct) == (False, Decimal("2.0000"), False)
    last = answer(at, people.lin, "no", question="end", now=NOW + 2 * DAY)
    assert (last.is_finished, last.points, last.is_repeat) == (True, Decimal(0), False)
    attempt = Attempt.objects.get()
    assert (attempt.started_at, attempt.submitted_at) == (NOW, NOW + 2 * DAY)
    assert Progress.objects.get().last_activity_at == NOW + 2 * DAY
    assert (attempt.points, attempt.points_possible) == (Decimal("3.0000"), 6)
    assert responses(people.lin) == [
        (1, "fit", "samantha"),
        (1, "duties", "plan"),
        (1, "duties", "budget"),
        (1, "end", "no"),
    ]


def test_a_right_answer_tells_everything(people):
    outcome = answer(placement(people.link), people.lin, "samantha")
    assert outcome.is_correct is True
    assert (outcome.points, outcome.points_possible) == (Decimal("1.0000"), 1)
    assert outcome.chosen_keys == ("samantha",)
    assert outcome.feedback == (ChoiceFeedback("samantha", "about samantha"),)
    assert (outcome.explanation, outcome.correct_keys) == ("why fit", ("samantha",))


def test_progress_and_grade_come_with_the_submit(people):
    answer(placement(people.link), people.lin, "samantha")
    progress = Progress.objects.get()
    assert (progress.attempts_submitted, progress.counted_points, progress.counted_possible) == (1, Decimal(1), 1)
    assert (progress.started_at, progress.last_activity_at, progress.completed_at) == (NOW, NOW, NOW)
    score = Score.objects.get()
    assert (score.user, score.score_given, score.score_maximum) == (people.lin, Decimal(1), Decimal(1))
    assert (score.activity_progress, score.grading_progress) == ("Completed", "FullyGraded")
    assert (score.started_at, score.submitted_at) == (NOW, NOW)
    assert score.comment == "Attempt 1 counts: 1 of 1"


def test_an_unfinished_attempt_makes_no_grade(people):
    answer(placement(people.link, THREE), people.lin)
    assert Progress.objects.values_list("attempts_submitted", "counted_points", "completed_at").get() == (0, None, None)
    assert Score.objects.count() == 0


def test_the_same_answer_again_records_nothing_and_tells_the_same(people):
    at = placement(people.link)
    first = answer(at, people.lin, "peter")
    again = answer(at, people.lin, "peter", now=NOW + DAY)
    assert (again.is_repeat, again.is_other_choice) == (True, False)
    assert (again.feedback, again.points, again.is_finished) == (first.feedback, first.points, first.is_finished)
    assert responses(people.lin) == [(1, "fit", "peter")]
    assert Progress.objects.get().last_activity_at == NOW


def test_a_stale_tab_learns_what_was_answered_in_the_other_one(people):
    at = placement(people.link)
    answer(at, people.lin, "peter")
    stale = answer(at, people.lin, "samantha")
    assert (stale.is_repeat, stale.is_other_choice, stale.chosen_keys) == (True, True, ("peter",))
    assert (stale.is_correct, stale.explanation, stale.correct_keys) == (False, "", None)
    assert responses(people.lin) == [(1, "fit", "peter")]


def test_a_repeat_in_a_half_answered_attempt_is_a_repeat_too(people):
    at = placement(people.link, THREE)
    answer(at, people.lin, "plan risks", question="duties")
    again = answer(at, people.lin, "plan cook", question="duties")
    assert (again.is_repeat, again.is_other_choice, again.chosen_keys) == (True, True, ("plan", "risks"))
    assert again.is_finished is False


def test_a_repeat_is_answered_after_closing_but_a_new_answer_is_not(people):
    at = placement(people.link, THREE, closes_at=NOW + DAY)
    answer(at, people.lin, "samantha")
    assert answer(at, people.lin, "samantha", now=NOW + DAY).is_repeat is True
    with pytest.raises(errors.Closed):
        answer(at, people.lin, "yes", question="end", now=NOW + DAY)
    assert responses(people.lin) == [(1, "fit", "samantha")]


def test_nothing_can_be_answered_before_opening(people):
    at = placement(people.link, opens_at=NOW + DAY)
    with pytest.raises(errors.NotOpenYet):
        answer(at, people.lin)
    assert (Attempt.objects.count(), Progress.objects.count()) == (0, 0)
    assert answer(at, people.lin, now=NOW + DAY).is_correct is True


def test_after_the_due_date_answers_still_count(people):
    at = placement(people.link, due_at=NOW - DAY)
    assert answer(at, people.lin).is_finished is True


def test_a_second_attempt_has_the_next_number(people):
    at = placement(people.link)
    answer(at, people.lin, "peter")
    assert answer(at, people.lin, "samantha", attempt=2).is_repeat is False
    assert responses(people.lin) == [(1, "fit", "peter"), (2, "fit", "samantha")]


@pytest.mark.parametrize("number", [0, -1, 3, 4, 10**12])
def test_a_number_that_is_neither_an_attempt_nor_the_next_one_is_out_of_order(people, number):
    at = placement(people.link)
    answer(at, people.lin, "peter")
    with pytest.raises(errors.AttemptOutOfOrder):
        answer(at, people.lin, attempt=number)
    assert responses(people.lin) == [(1, "fit", "peter")]


def test_no_attempt_begins_while_one_is_open(people):
    at = placement(people.link, THREE)
    answer(at, people.lin)
    with pytest.raises(errors.AttemptOutOfOrder):
        answer(at, people.lin, attempt=2)
    assert Attempt.objects.count() == 1


def test_no_more_attempts_than_allowed(people):
    at = placement(people.link, attempts_allowed=2)
    answer(at, people.lin, "peter")
    answer(at, people.lin, "rachel", attempt=2)
    with pytest.raises(errors.NoAttemptLeft):
        answer(at, people.lin, "samantha", attempt=3)
    with pytest.raises(errors.NoAttemptLeft):
        attempts.start(at, people.lin, now=NOW)
    assert Attempt.objects.count() == 2


def test_an_open_attempt_may_be_finished_when_fewer_are_allowed_meanwhile(people):
    at = placement(people.link, THREE, attempts_allowed=2)
    for question, choices in [("fit", "peter"), ("duties", "cook"), ("end", "no")]:
        answer(at, people.lin, choices, question=question)
    answer(at, people.lin, attempt=2)
    Placement.objects.update(attempts_allowed=1)
    answer(at, people.lin, "plan", question="duties", attempt=2)
    assert answer(at, people.lin, "yes", question="end", attempt=2).is_finished is True


@pytest.mark.parametrize(
    ("choices", "question", "error"),
    [
        ("", "fit", errors.AnswerIncomplete),
        ("", "duties", errors.AnswerIncomplete),
        ("nobody", "fit", errors.UnknownChoice),
        ("samantha nobody", "fit", errors.UnknownChoice),
        ("plan", "fit", errors.UnknownChoice),
        ("samantha peter", "fit", errors.TooManyChoices),
        ("samantha", "nothing", errors.UnknownQuestion),
    ],
)
def test_an_answer_without_meaning_is_refused_and_leaves_no_trace(people, choices, question, error):
    at = placement(people.link, THREE)
    with pytest.raises(error):
        answer(at, people.lin, choices, question=question)
    assert (Attempt.objects.count(), Response.objects.count(), Progress.objects.count()) == (0, 0, 0)


def test_the_same_option_twice_is_one_choice(people):
    answer(placement(people.link), people.lin, "samantha samantha")
    assert responses(people.lin) == [(1, "fit", "samantha")]


def test_what_counts_is_the_setting_of_now_not_the_one_that_the_door_read_before(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    Placement.objects.update(which_counts="last", attempts_allowed=2)
    answer(at, people.lin, "peter", attempt=2)
    assert Progress.objects.get().counted_points == 0
    with pytest.raises(errors.NoAttemptLeft):
        answer(at, people.lin, "peter", attempt=3)


def test_start_goes_on_with_the_open_attempt(people):
    at = placement(people.link)
    begun = attempts.start(at, people.lin, now=NOW)
    assert (begun.number, begun.started_at, begun.submitted_at) == (1, NOW, None)
    assert attempts.start(at, people.lin, now=NOW + DAY) == begun
    answer(at, people.lin, now=NOW + 2 * DAY)
    attempt = Attempt.objects.get()
    assert (attempt.started_at, attempt.submitted_at) == (NOW, NOW + 2 * DAY)
    assert attempts.start(at, people.lin, now=NOW + 3 * DAY).number == 2


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"opens_at": NOW + DAY}, errors.NotOpenYet), ({"closes_at": NOW}, errors.Closed)],
)
def test_nothing_starts_outside_the_dates(people, settings, error):
    at = placement(people.link, **settings)
    with pytest.raises(error):
        attempts.start(at, people.lin, now=NOW)
    assert (Attempt.objects.count(), Progress.objects.count()) == (0, 0)


def test_nobody_anonymous_is_recorded(people):
    at = placement(people.link)
    people.lin.is_anonymous = True
    people.lin.save()
    with pytest.raises(errors.AnonymousLearner):
        answer(at, people.lin)
    with pytest.raises(errors.AnonymousLearner):
        attempts.start(at, people.lin, now=NOW)
    assert Progress.objects.count() == 0


def test_an_answer_of_a_teacher_is_rolled_back(people):
    with pytest.raises(NotGradable):
        answer(placement(people.link), people.ada)
    assert (Attempt.objects.count(), Progress.objects.count(), Score.objects.count()) == (0, 0, 0)


def test_learners_do_not_meet_each_other(people):
    here, there = placement(people.link), placement(people.max_link)
    answer(here, people.lin, "samantha")
    outcome = answer(there, people.max, "peter")
    assert (outcome.is_repeat, outcome.attempt.learner, outcome.attempt.number) == (False, people.max, 1)
    assert responses(people.lin) == [(1, "fit", "samantha")]
    assert Progress.objects.get(learner=people.lin).counted_points == 1
    assert Progress.objects.get(learner=people.max).counted_points == 0


def test_an_open_attempt_keeps_its_version(people):
    at = placement(people.link, THREE)
    answer(at, people.lin)
    newer = byte({"fit": Ask(right="peter")}, version=2)
    Placement.objects.update(byte=newer)
    answer(at, people.lin, "plan budget risks", question="duties")
    assert answer(at, people.lin, "yes", question="end").is_finished is True
    attempt = Attempt.objects.get()
    assert (attempt.byte.version, attempt.points, attempt.points_possible) == (1, Decimal(6), 6)
    outcome = answer(at, people.lin, "peter", attempt=2)
    assert (outcome.is_correct, outcome.attempt.byte, outcome.attempt.points_possible) == (True, newer, 1)


def test_no_attempt_starts_on_a_version_that_the_learner_did_not_read(people):
    at = placement(people.link)
    Placement.objects.update(byte=byte(ONE, version=2))
    with pytest.raises(errors.VersionChanged):
        answer(at, people.lin, byte_version=1)
    assert Attempt.objects.count() == 0
    assert answer(at, people.lin, byte_version=2).is_finished is True
    # A retry of an answer that is recorded is answered, whatever was published since.
    assert answer(at, people.lin, byte_version=1).is_repeat is True


def test_each_refusal_has_a_code_of_its_own_and_words():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    concrete = [kind for kind in kinds if "code" in vars(kind)]
    assert len({kind.code for kind in concrete}) == len(concrete) == 20
    assert all(str(kind.words).endswith(".") for kind in concrete)
