"""What a teacher arranges for one learner, and what that means for answers, words, Progress and grade."""

from datetime import timedelta
from decimal import Decimal

import pytest

from itpm_byte.learning import arrangement_errors, arrangements, attempts, desk, errors, placements, progress
from itpm_byte.learning.models import Arrangement, Attempt, Placement, Progress, Response, StandingAccommodation
from lti.models import Membership, Role, Score, StaffAction
from tests.cast import someone
from tests.learning.casting import DAY, NOW, THREE, answer, placement, statements

HOUR = timedelta(hours=1)


def sit_down(people, learner=None, now=NOW):
    return desk.open_desk(learner or people.lin, people.link, now=now)


def give(people, at, extra=1, learner=None, now=NOW):
    return arrangements.give_attempts(at, learner or people.lin, extra=extra, by=people.ada, now=now)


def dates(people, at, now=NOW, **own):
    own = {"opens_at": None, "due_at": None, "closes_at": None, **own}
    return arrangements.set_dates(at, people.lin, by=people.ada, now=now, **own)


def override(people, at, points="0.5", reason="A long talk", learner=None, now=NOW):
    return arrangements.override(
        at, learner or people.lin, points=Decimal(points), by=people.ada, reason=reason, now=now
    )


def reset(people, at, number=1, now=NOW):
    return arrangements.reset_attempt(at, people.lin, number=number, by=people.ada, reason="Power cut", now=now)


def accommodate(people, extra_attempts=0, extra_days=0, learner=None):
    return arrangements.accommodate(
        people.context, learner or people.lin, extra_attempts=extra_attempts, extra_days=extra_days,
        by=people.ada, now=NOW,
    )  # fmt: skip


def grade():
    """What the row says, and what the gradebook is to show."""
    row, score = Progress.objects.first(), Score.objects.first()
    return (row and row.counted_points, score and score.score_given)


# --- more attempts


def test_an_extra_attempt_is_there_at_once_and_only_for_this_learner(people):
    at = placement(people.link, attempts_allowed=1)
    kai = someone(people, "Kai")
    for who in (people.lin, kai):
        answer(at, who, "peter")
    assert give(people, at) is True
    assert (sit_down(people).attempts_left, sit_down(people, kai).attempts_left) == (1, 0)
    answer(at, people.lin, "samantha", attempt=2)
    with pytest.raises(errors.NoAttemptLeft):
        answer(at, kai, "samantha", attempt=2)
    assert Score.objects.get(user=people.lin).comment == "Attempt 2 of 2 counts: 1 of 1"


def test_extra_attempts_hide_the_right_answer_again_until_they_are_used(people):
    at = placement(people.link, attempts_allowed=1)
    answer(at, people.lin, "peter")
    assert sit_down(people).outcomes(sit_down(people).last_submitted)["fit"].correct_keys == ("samantha",)
    give(people, at)
    assert sit_down(people).outcomes(sit_down(people).last_submitted)["fit"].correct_keys is None


def test_extra_attempts_taken_back_leave_the_open_one(people):
    at = placement(people.link, THREE, attempts_allowed=1)
    for question, choices in [("fit", "peter"), ("duties", "plan"), ("end", "no")]:
        answer(at, people.lin, choices, question=question)
    give(people, at, extra=2)
    answer(at, people.lin, attempt=2)
    give(people, at, extra=0)
    assert (sit_down(people).attempts_left, sit_down(people).refusal) == (1, None)
    answer(at, people.lin, "no", question="end", attempt=2)


def test_without_a_limit_extra_attempts_limit_nothing(people):
    at = placement(people.link)
    give(people, at)
    assert sit_down(people).attempts_left is None


@pytest.mark.parametrize("extra", [-1, 101])
def test_numbers_that_nobody_needs_are_refused(people, extra):
    with pytest.raises(arrangement_errors.TooMuch):
        give(people, placement(people.link), extra=extra)


# --- own dates


def test_own_dates_go_before_the_activitys(people):
    at = placement(people.link, opens_at=NOW, due_at=NOW + DAY, closes_at=NOW + 2 * DAY)
    dates(people, at, opens_at=NOW - DAY, closes_at=NOW + 9 * DAY)
    terms = sit_down(people).terms
    assert (terms.opens_at, terms.due_at, terms.closes_at) == (NOW - DAY, NOW + DAY, NOW + 9 * DAY)
    assert answer(at, people.lin, "peter", now=NOW - HOUR).is_finished
    assert answer(at, people.lin, "peter", attempt=2, now=NOW + 8 * DAY).is_finished
    with pytest.raises(errors.Closed):
        answer(at, someone(people, "Kai"), now=NOW + 8 * DAY)
    assert sit_down(people, now=NOW + 9 * DAY).refusal.code == "closed"


def test_an_own_closing_date_counts_in_the_middle_of_an_attempt(people):
    at = placement(people.link, THREE, closes_at=NOW + DAY)
    answer(at, people.lin)
    dates(people, at, closes_at=NOW + 3 * DAY)
    answer(at, people.lin, "yes", question="end", now=NOW + 2 * DAY)
    dates(people, at, closes_at=NOW + 2 * DAY)
    with pytest.raises(errors.Closed):
        answer(at, people.lin, "plan", question="duties", now=NOW + 2 * DAY)


def test_closed_for_everybody_else_shows_no_right_answer_to_who_may_still_answer(people):
    at = placement(people.link, closes_at=NOW + DAY)
    answer(at, people.lin, "peter")
    dates(people, at, closes_at=NOW + 9 * DAY)
    seen = sit_down(people, now=NOW + 2 * DAY)
    assert seen.outcomes(seen.last_submitted)["fit"].correct_keys is None


@pytest.mark.parametrize(
    "own",
    [
        {"opens_at": NOW + DAY, "closes_at": NOW + DAY},
        {"opens_at": NOW + 2 * DAY},  # when everybody else's is closed
        {"opens_at": NOW + 3 * DAY},
        {"due_at": NOW + 3 * DAY},
        {"opens_at": NOW + DAY, "due_at": NOW},
    ],
)
def test_dates_that_exclude_each_other_are_refused_and_nothing_is_kept(people, own):
    at = placement(people.link, closes_at=NOW + 2 * DAY)
    with pytest.raises(arrangement_errors.DatesExclude):
        dates(people, at, **own)
    assert (Arrangement.objects.count(), StaffAction.objects.count()) == (0, 0)


def test_own_dates_taken_back_leave_the_activitys(people):
    at = placement(people.link, closes_at=NOW + DAY)
    dates(people, at, closes_at=NOW + 9 * DAY)
    dates(people, at)
    assert (sit_down(people).terms.closes_at, sit_down(people).terms.has_own_dates) == (NOW + DAY, False)


# --- standing accommodations


def test_a_standing_accommodation_holds_in_every_activity_of_the_course_later_ones_too(people):
    accommodate(people, extra_attempts=2, extra_days=7)
    at = placement(people.link, attempts_allowed=1, due_at=NOW, closes_at=NOW + DAY)
    placement(people.max_link, attempts_allowed=1, closes_at=NOW + DAY)
    terms = sit_down(people).terms
    assert (terms.attempts_allowed, terms.due_at, terms.closes_at) == (3, NOW + 7 * DAY, NOW + 8 * DAY)
    assert (terms.opens_at, terms.has_own_dates, terms.extra_attempts) == (None, True, 2)
    elsewhere = desk.open_desk(people.lin, people.max_link, now=NOW).terms
    assert (elsewhere.attempts_allowed, elsewhere.closes_at, elsewhere.has_own_dates) == (1, NOW + DAY, False)
    give(people, at)
    assert sit_down(people).terms.attempts_allowed == 4


def test_own_dates_go_before_standing_days(people):
    at = placement(people.link, due_at=NOW, closes_at=NOW + DAY)
    accommodate(people, extra_days=7)
    dates(people, at, closes_at=NOW + 2 * DAY, due_at=NOW + DAY)
    assert (sit_down(people).terms.due_at, sit_down(people).terms.closes_at) == (NOW + DAY, NOW + 2 * DAY)


def test_standing_days_make_no_date_where_there_is_none(people):
    placement(people.link)
    accommodate(people, extra_days=7)
    terms = sit_down(people).terms
    assert (terms.due_at, terms.closes_at, terms.has_own_dates) == (None, None, False)


def test_a_standing_accommodation_is_changed_and_withdrawn(people):
    placement(people.link, attempts_allowed=1)
    assert [accommodate(people, extra_attempts=extra) for extra in (1, 1, 3)] == [True, False, True]
    assert sit_down(people).terms.attempts_allowed == 4
    assert [accommodate(people), accommodate(people)] == [True, False]
    assert (sit_down(people).terms.attempts_allowed, StandingAccommodation.objects.count()) == (1, 0)
    told = StaffAction.objects.order_by("pk").values_list("action", "before__extra_attempts", "after__extra_attempts")
    assert list(told) == [
        ("accommodation.set", 0, 1), ("accommodation.set", 1, 3), ("accommodation.withdrawn", 3, 0)
    ]  # fmt: skip


# --- an own grade


def test_an_own_grade_goes_before_what_attempts_make(people):
    at = placement(people.link)
    answer(at, people.lin, "peter")
    override(people, at, "0.75")
    assert grade() == (Decimal("0.75"), Decimal("0.75"))
    assert Score.objects.get().comment == "Set by the teacher: 0.75 of 1"
    assert answer(at, people.lin, "samantha", attempt=2).points == 1
    assert (grade(), Progress.objects.get().attempts_submitted) == ((Decimal("0.75"), Decimal("0.75")), 2)
    placements.change_settings(placements.find(people.link), grade_on="completion", now=NOW)
    assert grade() == (Decimal("0.75"), Decimal("0.75"))
    arrangements.withdraw_override(at, people.lin, by=people.ada, now=NOW)
    assert grade() == (1, 1)


def test_a_zero_of_the_teachers_is_a_grade(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    override(people, at, "0")
    assert grade() == (0, 0)


def test_an_own_grade_for_somebody_who_has_not_begun_does_not_begin_anything(people):
    at = placement(people.link)
    override(people, at, "1")
    row = Progress.objects.get()
    assert (row.counted_points, row.started_at, row.last_activity_at, row.completed_at) == (1, None, None, None)
    assert grade() == (1, 1)
    progress.mark_seen(at, people.lin, ["opening"], now=NOW + DAY)
    row = Progress.objects.get()
    assert (row.started_at, row.last_activity_at, row.counted_points) == (NOW + DAY, NOW + DAY, 1)


def test_an_own_grade_withdrawn_from_who_has_no_attempts_empties_the_gradebook(people):
    at = placement(people.link)
    override(people, at)
    arrangements.withdraw_override(at, people.lin, by=people.ada, now=NOW + HOUR)
    score = Score.objects.get()
    assert (grade(), score.grading_progress, score.activity_progress) == ((None, None), "NotReady", "Initialized")


@pytest.mark.parametrize("points", ["-0.1", "1.1"])
def test_an_own_grade_is_within_the_points_of_the_byte(people, points):
    with pytest.raises(arrangement_errors.OverrideOutOfRange):
        override(people, placement(people.link), points)


def test_an_own_grade_needs_a_reason(people):
    with pytest.raises(arrangement_errors.ReasonMissing):
        override(people, placement(people.link), reason="  ")
    assert Arrangement.objects.count() == 0


# --- nothing to do


def test_who_is_exempt_has_no_grade_and_the_gradebook_is_emptied(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    arrangements.exempt(at, people.lin, by=people.ada, now=NOW + HOUR)
    assert grade() == (None, None)
    assert answer(at, people.lin, "peter", attempt=2, now=NOW + HOUR).is_finished
    assert (grade(), Score.objects.get().version) == ((None, None), 2)
    arrangements.include(at, people.lin, by=people.ada, now=NOW + 2 * HOUR)
    assert grade() == (1, 1)


def test_who_is_exempt_before_any_grade_leaves_the_gradebook_alone(people):
    at = placement(people.link)
    arrangements.exempt(at, people.lin, by=people.ada, now=NOW)
    answer(at, people.lin, "samantha")
    assert (grade(), Score.objects.count()) == ((None, None), 0)


def test_an_own_grade_waits_until_who_is_exempt_is_included_again(people):
    at = placement(people.link)
    override(people, at)
    arrangements.exempt(at, people.lin, by=people.ada, now=NOW)
    assert grade() == (None, None)
    with pytest.raises(arrangement_errors.IsExempt):
        override(people, at, "1")
    arrangements.include(at, people.lin, by=people.ada, now=NOW)
    assert grade() == (Decimal("0.5"), Decimal("0.5"))


# --- a fresh start


def test_an_attempt_that_was_reset_counts_for_nothing_and_is_kept(people):
    at = placement(people.link, attempts_allowed=2)
    answer(at, people.lin, "samantha")
    answer(at, people.lin, "peter", attempt=2)
    assert reset(people, at) is True
    row = Progress.objects.get()
    assert (row.attempts_submitted, row.completed_at, grade()) == (1, NOW, (0, 0))
    assert list(Attempt.objects.values_list("number", "points", "voided_at")) == [(1, 1, NOW), (2, 0, None)]
    assert Response.objects.count() == 2
    seen = sit_down(people)
    assert (seen.attempts_left, seen.attempt_number, seen.refusal) == (1, 3, None)
    assert answer(at, people.lin, "samantha", attempt=3).attempt.number == 3
    assert Score.objects.get().comment == "Attempt 3 counts: 1 of 1"


def test_the_only_attempt_reset_empties_row_and_gradebook(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    reset(people, at, now=NOW + HOUR)
    row = Progress.objects.get()
    assert (row.attempts_submitted, row.completed_at, row.started_at, grade()) == (0, None, NOW, (None, None))
    assert sit_down(people).last_submitted is None


def test_an_open_attempt_can_be_reset_and_its_page_is_told(people):
    at = placement(people.link, THREE, attempts_allowed=1)
    answer(at, people.lin)
    reset(people, at)
    for question in ("fit", "end"):
        with pytest.raises(errors.AttemptReset):
            answer(at, people.lin, "yes", question=question)
    assert attempts.start(at, people.lin, now=NOW).number == 2
    assert Response.objects.count() == 1


def test_all_right_in_an_attempt_that_was_reset_shows_no_right_answer(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    answer(at, people.lin, "peter", attempt=2)
    seen = sit_down(people)
    assert seen.outcomes(seen.last_submitted)["fit"].correct_keys == ("samantha",)
    reset(people, at)
    seen = sit_down(people)
    assert seen.outcomes(seen.last_submitted)["fit"].correct_keys is None


def test_a_reset_twice_is_one_and_of_nothing_is_refused(people):
    at = placement(people.link)
    answer(at, people.lin)
    assert [reset(people, at), reset(people, at, now=NOW + HOUR)] == [True, False]
    assert (StaffAction.objects.count(), Attempt.objects.get().voided_at) == (1, NOW)
    with pytest.raises(arrangement_errors.AttemptUnknown):
        reset(people, at, number=2)


# --- who, what, why


def test_each_deed_is_recorded_once_with_what_was_so_before_and_after(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    assert [give(people, at, extra) for extra in (2, 2, 0)] == [True, False, True]
    assert [dates(people, at, due_at=NOW + DAY), dates(people, at, due_at=NOW + DAY)] == [True, False]
    assert [override(people, at), override(people, at)] == [True, False]
    reset(people, at)
    told = StaffAction.objects.order_by("pk").values("action", "reason", "before", "after")
    assert [(row["action"], row["reason"], row["before"], row["after"]) for row in told] == [
        ("attempts.given", "", {"extra_attempts": 0}, {"extra_attempts": 2}),
        ("attempts.given", "", {"extra_attempts": 2}, {"extra_attempts": 0}),
        (
            "dates.set", "", {"opens_at": None, "due_at": None, "closes_at": None},
            {"opens_at": None, "due_at": "2026-11-24T09:00:00Z", "closes_at": None},
        ),
        (
            "grade.overridden", "A long talk", {"override_points": None, "override_possible": None},
            {"override_points": "0.5000", "override_possible": 1},
        ),
        (
            "attempt.reset", "Power cut", {"number": 1, "submitted_at": "2026-11-23T09:00:00Z", "points": "1.0000"},
            {"number": 1, "voided_at": "2026-11-23T09:00:00Z"},
        ),
    ]  # fmt: skip
    whose = StaffAction.objects.values_list("teacher", "subject", "context", "object_type", "object_id").distinct()
    assert list(whose) == [
        (people.ada.pk, people.lin.pk, people.context.pk, "learning.placement", str(at.pk))
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["a teacher", "somebody of another course", "a test user", "nobody"])
def test_only_for_learners_of_the_course(people, who):
    at = placement(people.link)
    tess = someone(people, "Tess")
    Membership.objects.filter(user=tess).update(is_test_user=True)
    nobody = someone(people, "Nobody")
    nobody.is_anonymous = True
    learner = {"a teacher": people.ada, "somebody of another course": people.max, "a test user": tess,
               "nobody": nobody}[who]  # fmt: skip
    for deed in (lambda: give(people, at, learner=learner), lambda: accommodate(people, 1, learner=learner)):
        with pytest.raises(arrangement_errors.NotALearner):
            deed()
    assert (Arrangement.objects.count(), StandingAccommodation.objects.count(), StaffAction.objects.count()) == (0,) * 3


def test_for_many_it_is_all_or_nothing(people):
    at = placement(people.link, attempts_allowed=1)
    kai, tom = someone(people, "Kai"), someone(people, "Tom", Role.TEACHING_ASSISTANT)
    give(people, at, learner=kai)

    def one(learner):
        return give(people, at, learner=learner)

    assert arrangements.for_many([kai, people.lin], one) == 1
    give(people, at, 0)
    with pytest.raises(arrangement_errors.NotALearner):
        arrangements.for_many([kai, people.lin, tom], one)
    assert Arrangement.objects.get(learner=people.lin).extra_attempts == 0


def test_each_refusal_has_a_code_of_its_own_and_words():
    kinds = [kind for kind in vars(arrangement_errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in kinds if kind is not errors.LearningError]
    assert len({kind.code for kind in kinds}) == len(kinds) == 7
    assert all(str(kind.words) for kind in kinds)


def test_what_is_arranged_costs_the_learner_no_statement(people):
    at = placement(people.link, attempts_allowed=9)
    kai = someone(people, "Kai")
    accommodate(people, 1, 1)
    give(people, at)
    counts = []
    for who in (people.lin, kai):
        answer(at, who, "peter")
        with statements() as page:
            sit_down(people, who)
        with statements() as submit:
            answer(at, who, "samantha", attempt=2)
        counts.append((len(page), len(submit)))
    assert counts[0] == counts[1] == (2, 9)
    assert Placement.objects.count() == 1
