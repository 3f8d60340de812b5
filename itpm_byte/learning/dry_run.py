"""What another setting, or another key, would make of everybody's grade: worked out, nothing written.

The same few queries whatever the size of the class. It decides by the rules that count grades (`grades.of`), so that
what was shown is what comes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.learning import answer_key, grades, marking
from itpm_byte.learning.models import Arrangement, Attempt, Placement, Progress, Response
from itpm_byte.learning.scoring import Counted
from itpm_byte.learning.sheets import Sheet, Work
from itpm_byte.learning.terms import Terms
from lti.models import Membership, PlatformUser, Role

NOTHING_ARRANGED = Terms(attempts_allowed=None, opens_at=None, due_at=None, closes_at=None)


@dataclass(frozen=True, slots=True)
class Change:
    """One learner's grade before and after; None is no grade."""

    learner: PlatformUser
    before: Counted | None
    after: Counted | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One attempt that would be marked by another key than now: `key` None is its own version's."""

    attempt: Attempt
    key: Byte | None
    points: Decimal


@dataclass(frozen=True)
class DryRun:
    """`changes` by name. `unchanged`: learners whose grade stays as it is. `marks` also where points stay."""

    changes: tuple[Change, ...]
    unchanged: int
    marks: tuple[Mark, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The same exactly as long as the same learners' grades change in the same way."""
        told = [(change.learner.pk, _said(change.before), _said(change.after)) for change in self.changes]
        points = [(mark.attempt.pk, str(mark.points)) for mark in self.marks]
        return hashlib.sha256(repr((sorted(told), sorted(points))).encode()).hexdigest()


def of_settings(placement: Placement, settings: Mapping[str, object]) -> DryRun:
    """`settings` by the names of a placement's fields. Four queries."""
    planned = copy(placement)
    for name, value in settings.items():
        setattr(planned, name, value)
    return _compared(planned, list(_submitted(placement)), ())


def of_marking(placement: Placement, by: Byte | None) -> DryRun:
    """Attempts of earlier versions of the same Byte and language, marked by the key of this one; `by` None: those that
    such a key has corrected, marked by their own again. Five queries, and two for each version's key.
    """
    attempts = list(_submitted(placement).select_related("byte").defer("byte__document"))
    meant = [attempt for attempt in attempts if _is_meant(attempt, by)]
    answers = _answers(placement)
    marks = []
    for attempt in meant:
        own = answer_key.of(attempt.byte)
        key = own if by is None else marking.corrected(own, answer_key.of(by))
        marks.append(Mark(attempt, by, marking.points_for(key, answers[attempt.pk])))
    return _compared(placement, attempts, tuple(marks))


def _is_meant(attempt: Attempt, by: Byte | None) -> bool:
    """Not those that are marked so already, nor those of which this key says what their own does."""
    if by is None:
        return attempt.marked_with_id is not None
    own = attempt.byte
    if attempt.marked_with_id == by.pk or (own.slug, own.language) != (by.slug, by.language):
        return False
    is_news = attempt.marked_with_id is not None or marking.differs(answer_key.of(own), answer_key.of(by))
    return own.version < by.version and is_news


def _compared(planned: Placement, attempts: Sequence[Attempt], marks: tuple[Mark, ...]) -> DryRun:
    points = {mark.attempt.pk: mark.points for mark in marks}
    sheets: dict[int, list[Sheet]] = {}
    for attempt in attempts:
        sheets.setdefault(attempt.learner_id, []).append(Sheet(_worth(attempt, points.get(attempt.pk)), {}))
    terms = {row.learner_id: _terms(row) for row in Arrangement.objects.filter(placement=planned)}
    changes, unchanged = [], 0
    for row in _graded(planned):
        work = Work(tuple(sheets.get(row.learner_id, ())), terms.get(row.learner_id, NOTHING_ARRANGED))
        before, after = _now(row), grades.of(planned, work)
        if _said(before) != _said(after):
            changes.append(Change(row.learner, before, after))
        elif after is not None:
            unchanged += 1
    changes.sort(key=lambda change: (change.learner.display_name.casefold(), change.learner.pk))
    return DryRun(tuple(changes), unchanged, marks)


def _submitted(placement: Placement) -> QuerySet[Attempt]:
    made = Attempt.objects.filter(placement=placement, submitted_at__isnull=False, voided_at__isnull=True)
    return made.order_by("learner_id", "number")


def _answers(placement: Placement) -> dict[int, dict[str, frozenset[str]]]:
    """Chosen options by attempt and question."""
    found: dict[int, dict[str, frozenset[str]]] = {}
    rows = Response.objects.filter(attempt__in=_submitted(placement).order_by().values("pk")).order_by()
    for attempt, question, choice in rows.values_list("attempt_id", "question__key", "choice__key"):
        of_attempt = found.setdefault(attempt, {})
        of_attempt[question] = of_attempt.get(question, frozenset()) | {choice}
    return found


def _graded(placement: Placement) -> QuerySet[Progress]:
    """Rows of those whom the course knows as nobody but learners: others get no grade (`lti.grades.scores`)."""
    course = placement.resource_link.context_id
    others = Membership.objects.filter(context=course).exclude(role=Role.LEARNER, is_test_user=False)
    rows = Progress.objects.filter(placement=placement).select_related("learner")
    return rows.exclude(learner__in=others.order_by().values("user_id"))


def _terms(row: Arrangement) -> Terms:
    """Only what has a say in the grade."""
    override = None
    if row.override_points is not None and row.override_possible is not None:
        override = Counted(row.override_points, row.override_possible, None)
    return replace(NOTHING_ARRANGED, is_exempt=row.is_exempt, override=override)


def _worth(attempt: Attempt, points: Decimal | None) -> Attempt:
    if points is None:
        return attempt
    planned = copy(attempt)
    planned.points = points
    return planned


def _now(row: Progress) -> Counted | None:
    if row.counted_points is None or row.counted_possible is None:
        return None
    return Counted(row.counted_points, row.counted_possible, None)


def _said(grade: Counted | None) -> tuple[str, int] | None:
    return None if grade is None else (f"{grade.points:.4f}", grade.possible)
