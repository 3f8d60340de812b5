"""What was answered at one placement in one version of its Byte: read in two queries, whoever asks.

Only what learners of the course finished and no teacher reset: staff, test users and open attempts are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Q, QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.insight.roster import STAFF
from itpm_byte.learning import answer_key, marking
from itpm_byte.learning.answer_key import AnswerKey
from itpm_byte.learning.models import Attempt, Placement, Response
from itpm_byte.learning.scoring import Result, counted
from lti.models import Membership

# Which attempts a figure is about: each learner's first, last, the one that counts, or all there are.
type Basis = Literal["first", "last", "counted", "all"]
BASES: tuple[Basis, ...] = ("first", "last", "counted", "all")


@dataclass(frozen=True, slots=True)
class Try:
    """One finished attempt: chosen option keys by question key."""

    learner: int
    number: int
    points: Decimal
    possible: int
    byte: int
    answers: Mapping[str, frozenset[str]]
    marked_with: int | None = None
    """The newer version whose key gave the points; None: the own one's."""


@dataclass(frozen=True, slots=True)
class Keys:
    """By which keys tries of one version are marked: its own, and that as newer versions corrected it, newest last."""

    own: AnswerKey
    corrected: Mapping[int, AnswerKey] = field(default_factory=dict)

    @property
    def newest(self) -> AnswerKey:
        return [self.own, *self.corrected.values()][-1]

    def of(self, attempt: Try) -> AnswerKey:
        return self.own if attempt.marked_with is None else self.corrected[attempt.marked_with]


def finished(placement: Placement) -> QuerySet[Attempt]:
    """Finished attempts that count for statistics, of all versions."""
    course = placement.resource_link.context_id
    others = Membership.objects.filter(context=course).filter(Q(role__in=STAFF) | Q(is_test_user=True))
    kept = Attempt.objects.filter(placement=placement, submitted_at__isnull=False, voided_at__isnull=True)
    return kept.exclude(learner__in=others.order_by().values("user_id"))


def read(placement: Placement) -> list[Try]:
    """All finished attempts of the placement, by learner and number. Two queries."""
    fields = ("pk", "learner_id", "number", "points", "points_possible", "byte_id", "marked_with_id")
    rows = list(finished(placement).order_by("learner_id", "number").values_list(*fields))
    chosen: dict[int, dict[str, set[str]]] = {}
    responses = Response.objects.filter(attempt__in=finished(placement).order_by().values("pk"))
    for attempt, question, choice in responses.order_by().values_list("attempt_id", "question__key", "choice__key"):
        chosen.setdefault(attempt, {}).setdefault(question, set()).add(choice)
    return [
        Try(learner, number, points or Decimal(0), possible, byte, _frozen(chosen.get(pk, {})), marked_with)
        for pk, learner, number, points, possible, byte, marked_with in rows
    ]


def keys_of(byte: Byte, tries: Sequence[Try]) -> Keys:
    """By which `tries` of this version are marked. No query where none was marked anew."""
    own = answer_key.of(byte)
    newer = {one.marked_with for one in tries if one.byte == byte.pk and one.marked_with is not None}
    if not newer:
        return Keys(own)
    found = Byte.objects.filter(pk__in=newer).defer("document").order_by("version")
    return Keys(own, {version.pk: marking.corrected(own, answer_key.of(version)) for version in found})


def versions(placement: Placement) -> list[tuple[Byte, int]]:
    """The Byte's versions that were answered here, newest first, with the number of finished attempts. Two queries."""
    found = dict(finished(placement).order_by().values_list("byte_id").annotate(number=Count("pk")))
    known = Byte.objects.filter(pk__in={*found, placement.byte_id}).defer("document")
    return [(byte, found.get(byte.pk, 0)) for byte in known.order_by("-version", "slug")]


def on_basis(tries: Sequence[Try], basis: Basis, *, placement: Placement) -> list[Try]:
    """One try a learner, or all. `counted` is the attempt that makes the grade; all of them where an average does."""
    by_learner: dict[int, list[Try]] = {}
    for attempt in tries:
        by_learner.setdefault(attempt.learner, []).append(attempt)
    kept: list[Try] = []
    for own in by_learner.values():
        if basis == "all":
            kept += own
        elif basis == "counted":
            kept += _counted(own, placement)
        else:
            kept.append(own[0 if basis == "first" else -1])
    return kept


def _counted(own: Sequence[Try], placement: Placement) -> list[Try]:
    results = [Result(attempt.number, attempt.points, attempt.possible) for attempt in own]
    grade = counted(results, which_counts=placement.which_counts, grade_on="quiz")
    number = grade.number if grade else None
    return [attempt for attempt in own if number is None or attempt.number == number]


def _frozen(answers: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {question: frozenset(options) for question, options in answers.items()}
