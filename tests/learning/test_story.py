"""Any story of starts, answers, repeats, new versions, changed settings, and what teachers arrange: Progress and grade
stay true.

What counts is worked out here a second time, from the rows alone and by other means than `scoring` uses.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from itpm_byte.content.models import Byte, Question
from itpm_byte.learning import arrangements, attempts, desk, dry_run, errors, progress, regrading
from itpm_byte.learning.models import Arrangement, Attempt, Placement, Progress, Response
from lti.models import PlatformUser, Score, StaffAction
from tests.cast import cast, someone
from tests.environment import examples
from tests.learning.casting import NOW, Ask, byte, placement

VERSIONS = [
    {"fit": Ask()},
    {"fit": Ask(), "duties": Ask(options="plan code budget risks", right="plan budget risks", points=2)},
    {"fit": Ask(right="peter"), "end": Ask(options="yes no", right="yes", points=3)},
]
OPTIONS = ["peter", "samantha", "plan", "code", "budget", "risks", "yes", "no"]


class Story(RuleBasedStateMachine):
    learners = Bundle("learners")

    def __init__(self) -> None:
        super().__init__()
        self.page = transaction.atomic()
        self.page.__enter__()
        self.now = NOW
        self.seen: dict[int, set[str]] = {}
        self.people = cast()
        self.version = 1
        placement(self.people.link, VERSIONS[0])

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.page.__exit__(None, None, None)

    @property
    def placement(self) -> Placement:
        return Placement.objects.select_related("byte").get()

    @initialize(target=learners)
    def lin(self) -> PlatformUser:
        return self.people.lin

    @initialize(target=learners)
    def kai(self) -> PlatformUser:
        return someone(self.people, "Kai")

    @rule(seconds=st.integers(1, 10_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(who=learners)
    def start(self, who: PlatformUser) -> None:
        try:
            begun = attempts.start(self.placement, who, now=self.now)
        except errors.AnswerRefused:
            return
        assert begun.submitted_at is None

    @rule(who=learners, ahead=st.integers(-2, 2), choices=st.sets(st.sampled_from(OPTIONS), max_size=3))
    def answer_any(self, who: PlatformUser, ahead: int, choices: set[str]) -> None:
        number = Attempt.objects.filter(learner=who).count() + ahead
        for question in ("fit", "duties", "end"):
            self._answer(who, number, question, choices)

    @rule(who=learners, pick=st.integers(0, 3))
    def answer_well(self, who: PlatformUser, pick: int) -> None:
        """A learner who answers every question of the page as shown, right or not."""
        page = desk.open_desk(who, self.people.link, now=self.now)
        for question in page.byte.questions.all():
            keys = [choice.key for choice in question.choices.all()]
            self._answer(who, page.attempt_number, question.key, {keys[pick % len(keys)]})

    def _answer(self, who: PlatformUser, number: int, question: str, choices: set[str]) -> None:
        before = _responses(who)
        try:
            outcome = attempts.answer(
                self.placement, who, attempt_number=number, question_key=question, choice_keys=choices, now=self.now
            )
        except errors.AnswerRefused:
            assert _responses(who) == before
            return
        after = _responses(who)
        new = {(number, question, choice) for choice in outcome.chosen_keys}
        assert after == (before if outcome.is_repeat else before | new)
        assert new <= after
        assert outcome.is_other_choice == (set(outcome.chosen_keys) != choices)

    @rule(
        allowed=st.sampled_from([None, 1, 2, 3]),
        which_counts=st.sampled_from(Placement.WhichCounts.values),
        grade_on=st.sampled_from(Placement.GradeOn.values),
    )
    def change_settings(self, **changes: object) -> None:
        changes["attempts_allowed"] = changes.pop("allowed")
        deed = {"by": self.people.ada, "now": self.now}
        seen = dry_run.of_settings(self.placement, changes)
        with _comes_true(seen):
            regrading.change_settings(self.placement, changes, shown=seen.fingerprint, **deed)

    @rule(behind=st.integers(-1, 3))
    def mark_anew(self, behind: int) -> None:
        """By the newest version's key, by one before that, or each attempt by its own again."""
        version = Byte.objects.filter(version=self.version - behind).first() if behind >= 0 else None
        open_ones = Attempt.objects.filter(submitted_at__isnull=True).order_by("pk")
        kept = list(open_ones.values_list("pk", "byte", "marked_with", "updated_at"))
        seen = dry_run.of_marking(self.placement, version)
        with _comes_true(seen):
            regrading.mark(self.placement, version, shown=seen.fingerprint, by=self.people.ada, now=self.now)
        assert list(open_ones.values_list("pk", "byte", "marked_with", "updated_at")) == kept
        assert dry_run.of_marking(self.placement, version).marks == ()

    @rule(which=st.sampled_from(VERSIONS), who=learners)
    def publish(self, which: dict[str, Ask], who: PlatformUser) -> None:
        kept = dict(Attempt.objects.values_list("pk", "byte"))
        self.version += 1
        newest = byte(which, version=self.version)
        assert desk.open_desk(who, self.people.link, now=self.now).placement.byte == newest
        assert dict(Attempt.objects.values_list("pk", "byte")) == kept

    @rule(who=learners, sections=st.sets(st.sampled_from(["opening", "skills", "fit", "nothing"])))
    def read(self, who: PlatformUser, sections: set[str]) -> None:
        seen = progress.mark_seen(self.placement, who, sections, now=self.now)
        self.seen.setdefault(who.pk, set()).update(sections - {"nothing"})
        assert set(seen) == self.seen[who.pk]
        assert len(seen) == len(set(seen))

    @rule(who=learners, extra=st.integers(0, 2))
    def give_attempts(self, who: PlatformUser, extra: int) -> None:
        self._arrange(arrangements.give_attempts, who, extra=extra)

    @rule(who=learners, is_exempt=st.booleans())
    def exempt_or_include(self, who: PlatformUser, is_exempt: bool) -> None:
        self._arrange(arrangements.exempt if is_exempt else arrangements.include, who)

    @rule(who=learners, points=st.sampled_from(["0", "0.5", "1", "3", None]))
    def override_or_withdraw(self, who: PlatformUser, points: str | None) -> None:
        if points is None:
            self._arrange(arrangements.withdraw_override, who)
        else:
            self._arrange(arrangements.override, who, points=Decimal(points))

    @rule(who=learners, number=st.integers(1, 3))
    def reset(self, who: PlatformUser, number: int) -> None:
        self._arrange(arrangements.reset_attempt, who, number=number)

    @rule(who=learners, extra=st.integers(0, 1))
    def accommodate(self, who: PlatformUser, extra: int) -> None:
        more = {"extra_attempts": extra, "extra_days": extra}
        deed = {"by": self.people.ada, "reason": "because", "now": self.now}
        arrangements.accommodate(self.people.context, who, **more, **deed)

    def _arrange(self, deed: Callable[..., bool], who: PlatformUser, **what: object) -> None:
        before = StaffAction.objects.count()
        try:
            with transaction.atomic():
                is_changed = deed(self.placement, who, by=self.people.ada, reason="because", now=self.now, **what)
        except errors.LearningError:
            is_changed = False
        assert StaffAction.objects.count() == before + is_changed

    @invariant()
    def rows_say_what_the_attempts_say(self) -> None:
        at, of_learner = self.placement, _attempts_by_learner()
        rows = {row.learner_id: row for row in Progress.objects.all()}
        own = {row.learner_id: row for row in Arrangement.objects.all()}
        cells = Score.objects.exclude(score_given=None)
        scores = {score.user_id: (score.score_given, score.score_maximum) for score in cells}
        assert of_learner.keys() <= rows.keys()
        grades = {}
        for learner, row in rows.items():
            made = of_learner.get(learner, [])
            _check_order(made)
            submitted = [attempt for attempt in made if attempt.submitted_at is not None and not attempt.voided_at]
            grade = _arranged(own.get(learner), _expected_grade(at, submitted))
            assert row.started_at is not None or not made
            if grade:
                grades[learner] = grade
            assert (row.counted_points, row.counted_possible) == (grade or (None, None))
            assert row.attempts_submitted == len(submitted)
            assert row.completed_at == (submitted[0].submitted_at if submitted else None)
        assert scores == grades


@contextmanager
def _comes_true(seen: dry_run.DryRun) -> Iterator[None]:
    """Grades change as the dry run told, and nobody else's."""
    before = _counted()
    yield
    after = _counted()
    told = {change.learner.pk: change.after for change in seen.changes}
    assert {learner: grade for learner, grade in after.items() if grade != before[learner]} == {
        learner: (grade.points, grade.possible) if grade else (None, None) for learner, grade in told.items()
    }


def _counted() -> dict[int, tuple[Decimal | None, int | None]]:
    rows = Progress.objects.values_list("learner", "counted_points", "counted_possible")
    return {learner: (points, possible) for learner, points, possible in rows}


def _arranged(own: Arrangement | None, by_attempts: tuple[Decimal, int] | None) -> tuple[Decimal, int] | None:
    if own is None:
        return by_attempts
    if own.is_exempt:
        return None
    if own.override_points is not None and own.override_possible is not None:
        return own.override_points, own.override_possible
    return by_attempts


def _attempts_by_learner() -> dict[int, list[Attempt]]:
    rows = Attempt.objects.order_by("number").prefetch_related("responses", "byte__questions__choices")
    return {learner: list(group) for learner, group in groupby(sorted(rows, key=_learner), key=_learner)}


def _learner(attempt: Attempt) -> int:
    return attempt.learner_id


def _check_order(made: list[Attempt]) -> None:
    """Numbered without gaps, only the newest open, submitted exactly when every question is answered."""
    assert [attempt.number for attempt in made] == list(range(1, len(made) + 1))
    open_ones = [attempt.number for attempt in made if attempt.submitted_at is None and attempt.voided_at is None]
    assert open_ones in ([], [len(made)])
    for attempt in made:
        answered = {response.question_id for response in attempt.responses.all()}
        asked = {question.pk for question in attempt.byte.questions.all()}
        assert answered <= asked
        assert (answered == asked) == (attempt.submitted_at is not None)


def _responses(who: PlatformUser) -> set[tuple[int, str, str]]:
    rows = Response.objects.filter(attempt__learner=who)
    return set(rows.values_list("attempt__number", "question__key", "choice__key"))


def _expected_points(attempt: Attempt) -> Decimal:
    """From the rows: for each question the share of right minus wrong choices, rounded half up."""
    total = Decimal(0)
    for question in attempt.byte.questions.all():
        right = _right(attempt, question)
        chosen = {response.choice_id for response in attempt.responses.all() if response.question_id == question.pk}
        share = max(Fraction(0), Fraction(len(chosen & right) - len(chosen - right), len(right)))
        total += _half_up(share * question.points)
    return total


def _right(attempt: Attempt, question: Question) -> set[int]:
    """As the version says by which the attempt is marked, where that asks the same."""
    choices = {choice.key: choice for choice in question.choices.all()}
    own = {key: choice.is_correct for key, choice in choices.items()}
    other = Question.objects.filter(byte=attempt.marked_with_id or 0, key=question.key, kind=question.kind).first()
    said = {choice.key: choice.is_correct for choice in other.choices.all()} if other else own
    said = said if said.keys() == own.keys() else own
    return {choices[key].pk for key, is_right in said.items() if is_right}


def _expected_grade(at: Placement, submitted: list[Attempt]) -> tuple[Decimal, int] | None:
    if not submitted:
        return None
    worth = [(_expected_points(attempt), attempt.points_possible) for attempt in submitted]
    assert [(attempt.points, attempt.points_possible) for attempt in submitted] == worth
    if at.grade_on == "completion":
        return Decimal(worth[0][1]), worth[0][1]
    points, possible = _expected_by_answers(at, worth)
    if at.grade_on == "both":
        return _half_up((Fraction(points) + possible) / 2), possible
    return points, possible


def _expected_by_answers(at: Placement, worth: list[tuple[Decimal, int]]) -> tuple[Decimal, int]:
    shares = [Fraction(points) / of for points, of in worth]
    if at.which_counts == "average":
        possible = worth[-1][1]
        return _half_up(sum(shares) / len(shares) * possible), possible
    if at.which_counts == "best":
        return worth[shares.index(max(shares))]
    return worth[0 if at.which_counts == "first" else -1]


def _half_up(value: Fraction) -> Decimal:
    return Decimal((value * 10_000 + Fraction(1, 2)).__floor__()).scaleb(-4)


@pytest.mark.django_db
def test_progress_and_grade_equal_what_the_attempts_say_whatever_happens():
    run_state_machine_as_test(Story, settings=settings(max_examples=examples(30), stateful_step_count=20))
