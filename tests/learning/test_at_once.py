"""Two tabs, double clicks, a whole class: the same rooms entered by real threads at the same time."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from itpm_byte.learning import (
    arrangements,
    attempts,
    dry_run,
    errors,
    feedback,
    placements,
    progress,
    regrading,
    support,
)
from itpm_byte.learning.arrangement_errors import AttemptUnknown
from itpm_byte.learning.models import Attempt, Feedback, Placement, Progress, Response, SupportRequest
from lti.models import Score, StaffAction
from tests.cast import cast, someone
from tests.learning.casting import NOW, THREE, answer, byte, placement

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def people(transactional_db):
    return cast()


def at_once(*happenings: Callable[[], object]) -> list[object]:
    """Results in the order of the arguments; what is raised is the result. All begin when the last one is ready."""
    gate = threading.Barrier(len(happenings))

    def run(happening: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=30)
            return happening()
        except errors.LearningError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(happenings)) as pool:
        return list(pool.map(run, happenings))


@pytest.mark.parametrize("has_read", [True, False])
def test_a_double_click_is_one_answer(people, has_read):
    at = placement(people.link)
    if has_read:
        progress.mark_seen(at, people.lin, ["opening"], now=NOW)
    outcomes = at_once(*[lambda: answer(placement_of(people), people.lin, "samantha") for _ in range(THREADS)])
    assert Counter(outcome.is_repeat for outcome in outcomes) == {False: 1, True: THREADS - 1}
    assert {(outcome.attempt.number, outcome.points, outcome.is_finished) for outcome in outcomes} == {(1, 1, True)}
    assert (Attempt.objects.count(), Response.objects.count()) == (1, 1)
    row = Progress.objects.get()
    assert (row.placement, row.attempts_submitted, row.counted_points) == (at, 1, 1)
    assert Score.objects.values_list("version", "score_given").get() == (1, 1)


def placement_of(people, link=None):
    return placements.for_link(link or people.link, byte_slug="it-project-manager", language="en", now=NOW)


def test_two_tabs_with_other_choices_learn_the_one_that_was_recorded(people):
    placement(people.link)
    names = ["peter", "samantha", "rachel", "george"]
    outcomes = at_once(*[lambda name=name: answer(placement_of(people), people.lin, name) for name in names])
    recorded = Response.objects.get().choice.key
    assert {outcome.chosen_keys for outcome in outcomes} == {(recorded,)}
    told = {name: (outcome.is_repeat, outcome.is_other_choice) for name, outcome in zip(names, outcomes, strict=True)}
    assert told == {name: (False, False) if name == recorded else (True, True) for name in names}


def test_the_questions_of_one_attempt_may_come_at_once(people):
    placement(people.link, THREE)
    asked = {"fit": "samantha", "duties": "plan budget risks", "end": "yes"}
    outcomes = at_once(
        *[
            lambda question=question, choices=choices: answer(
                placement_of(people), people.lin, choices, question=question
            )
            for question, choices in asked.items()
        ]
    )
    assert Counter(outcome.is_finished for outcome in outcomes) == {False: 2, True: 1}
    assert Attempt.objects.values_list("points", "points_possible").get() == (6, 6)
    assert Progress.objects.get().counted_points == 6


@pytest.mark.parametrize("has_read", [True, False])
def test_starting_at_once_starts_one_attempt(people, has_read):
    at = placement(people.link)
    if has_read:
        progress.mark_seen(at, people.lin, ["opening"], now=NOW)
    started = at_once(*[lambda: attempts.start(placement_of(people), people.lin, now=NOW) for _ in range(THREADS)])
    assert started == [Attempt.objects.get()] * THREADS


def test_the_last_attempt_is_given_once(people):
    at = placement(people.link, attempts_allowed=1)
    results = at_once(
        lambda: answer(at, people.lin, "peter", attempt=1),
        *[lambda: answer(placement_of(people), people.lin, "samantha", attempt=2) for _ in range(3)],
    )
    assert set(results[1:]) <= {errors.NoAttemptLeft, errors.AttemptOutOfOrder}
    assert (Attempt.objects.count(), Progress.objects.get().attempts_submitted) == (1, 1)


def test_a_whole_class_answers_at_once(people):
    placement(people.link)
    learners = [someone(people, f"Learner {number}") for number in range(THREADS)]
    outcomes = at_once(*[lambda who=who: answer(placement_of(people), who, "samantha") for who in learners])
    assert [outcome.is_repeat for outcome in outcomes] == [False] * THREADS
    assert set(Progress.objects.values_list("learner", "counted_points")) == {(who.pk, 1) for who in learners}
    assert set(Score.objects.values_list("user", flat=True)) == {who.pk for who in learners}


def test_no_seen_section_gets_lost(people):
    names = [f"part-{number}" for number in range(THREADS)]
    byte(sections=("opening", *names))
    progress.mark_seen(placement_of(people), people.lin, ["opening"], now=NOW)
    at_once(
        *[lambda name=name: progress.mark_seen(placement_of(people), people.lin, [name], now=NOW) for name in names]
    )
    assert sorted(Progress.objects.get().seen_sections) == ["opening", *names]


def test_a_first_launch_by_many_makes_one_placement(people):
    byte()
    made = at_once(*[lambda: placement_of(people) for _ in range(THREADS)])
    assert made == [Placement.objects.get()] * THREADS


def test_feedback_and_support_by_double_click_are_one(people):
    at = placement(people.link)
    at_once(*[lambda: feedback.give(at, people.lin, at.byte, rating=4, comment="", now=NOW) for _ in range(THREADS)])
    at_once(*[lambda: support.ask(at, people.lin, message="Help", now=NOW) for _ in range(THREADS)])
    assert (Feedback.objects.count(), SupportRequest.objects.count()) == (1, 1)


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_setting_changed_while_learners_answer_counts_for_all_of_them(people, has_begun):
    at = placement(people.link)
    learners = [someone(people, f"Learner {number}") for number in range(4)]
    number = 1
    if has_begun:
        number = 2
        for who in learners:
            answer(at, who, "samantha")

    def change():
        with transaction.atomic():
            Placement.objects.update(which_counts="last", grade_on="completion")
            progress.recount_all(Placement.objects.get(), now=NOW)

    at_once(change, *[lambda who=who: answer(placement_of(people), who, "peter", attempt=number) for who in learners])
    assert set(Progress.objects.values_list("learner", "attempts_submitted", "counted_points")) == {
        (who.pk, number, 1) for who in learners
    }
    assert set(Score.objects.values_list("user", "score_given")) == {(who.pk, 1) for who in learners}


def test_a_setting_waits_for_a_first_answer_that_is_not_committed_yet(people):
    """Else its recount would miss a row that it can't see, and the row would keep what the old setting said."""
    at = placement(people.link)
    is_answered, is_changed = threading.Event(), threading.Event()

    def answer_slowly():
        with transaction.atomic():
            answer(at, people.lin, "peter")
            is_answered.set()
            # Not a pause for luck: where the setting does not wait, this ends early and the test fails.
            is_changed.wait(timeout=0.5)

    def change():
        is_answered.wait(timeout=30)
        placements.change_settings(placement_of(people), now=NOW, grade_on="completion")
        is_changed.set()

    at_once(answer_slowly, change)
    assert (Progress.objects.get().counted_points, Score.objects.get().score_given) == (1, 1)


def test_who_begins_waits_for_nobody_else_who_begins(people):
    """Else a class would answer one after the other. SQLite has one writer at a time, whatever it writes."""
    at, has_many_writers = placement(people.link), connection.vendor == "postgresql"
    is_answered, is_other_done, seen = threading.Event(), threading.Event(), []

    def answer_slowly():
        with transaction.atomic():
            answer(at, people.lin, "peter")
            is_answered.set()
            seen.append(is_other_done.wait(timeout=20 if has_many_writers else 0.3))

    def answer_beside():
        is_answered.wait(timeout=30)
        answer(placement_of(people), someone(people, "Kai"), "peter")
        is_other_done.set()

    at_once(answer_slowly, answer_beside)
    assert seen == [has_many_writers]
    assert Attempt.objects.count() == 2


@pytest.mark.parametrize("has_begun", [True, False])
@pytest.mark.parametrize("deed", ["reset", "override", "exempt", "extra attempt"])
def test_what_a_teacher_arranges_while_the_learner_answers_counts_whichever_comes_first(people, deed, has_begun):
    at = placement(people.link, attempts_allowed=1 if deed == "extra attempt" else None)
    number = 2 if has_begun else 1
    if has_begun:
        answer(at, people.lin, "peter")
    how = {"by": people.ada, "reason": "because", "now": NOW}

    def arrange():
        here = placement_of(people)
        try:
            match deed:
                case "reset":
                    return arrangements.reset_attempt(here, people.lin, number=1, **how)
                case "override":
                    return arrangements.override(here, people.lin, points=Decimal("0.5"), **how)
                case "exempt":
                    return arrangements.exempt(here, people.lin, **how)
                case _:
                    return arrangements.give_attempts(here, people.lin, extra=1, **how)
        except AttemptUnknown:
            return False

    results = at_once(arrange, *[lambda: answer(placement_of(people), people.lin, attempt=number) for _ in range(3)])
    row, score = Progress.objects.get(), Score.objects.filter(score_given__isnull=False).first()
    told = {"override": Decimal("0.5"), "exempt": None}
    submitted = Attempt.objects.filter(submitted_at__isnull=False, voided_at__isnull=True)
    best = max((attempt.points for attempt in submitted), default=None)
    assert row.counted_points == told.get(deed, best)
    assert (score and score.score_given) == row.counted_points
    assert row.attempts_submitted == submitted.count()
    refusals = {errors.AttemptReset, errors.NoAttemptLeft, errors.AttemptOutOfOrder}
    assert {result for result in results if isinstance(result, type)} <= refusals


def test_two_teachers_who_arrange_the_same_at_once_do_it_once(people):
    at = placement(people.link)
    answer(at, people.lin)

    def arrange():
        here = placement_of(people)
        how = {"by": people.ada, "reason": "because", "now": NOW}
        return (
            arrangements.give_attempts(here, people.lin, extra=1, **how),
            arrangements.override(here, people.lin, points=Decimal("0.5"), **how),
            arrangements.reset_attempt(here, people.lin, number=1, **how),
            arrangements.accommodate(people.context, people.lin, extra_attempts=1, extra_days=1, **how),
        )

    results = at_once(*[arrange] * 4)
    assert [sum(deeds) for deeds in zip(*results, strict=True)] == [1, 1, 1, 1]
    assert StaffAction.objects.count() == 4


def test_two_teachers_who_apply_what_they_saw_at_once_change_no_grade_unseen(people):
    """Both looked at the same grades; whoever comes second would change others than were shown, and is told so."""
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    answer(at, people.lin, "peter", attempt=2)
    wishes = {"last": Decimal(0), "average": Decimal("0.5")}
    seen = {which: dry_run.of_settings(at, {"which_counts": which}).fingerprint for which in wishes}

    def apply(which: str) -> object:
        try:
            here, settings = placement_of(people), {"which_counts": which}
            return regrading.change_settings(here, settings, shown=seen[which], by=people.ada, now=NOW)
        except regrading.NotAsShown as refused:
            return refused.dry_run

    results = dict(zip(wishes, at_once(*[lambda which=which: apply(which) for which in wishes]), strict=True))
    (done,) = [which for which, result in results.items() if result == 1]
    (other,) = wishes.keys() - {done}
    assert [(change.before.points, change.after.points) for change in results[other].changes] == [
        (wishes[done], wishes[other])
    ]
    assert (Placement.objects.get().which_counts, Progress.objects.get().counted_points) == (done, wishes[done])
    assert StaffAction.objects.filter(action="settings.changed").count() == 1
