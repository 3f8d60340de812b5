"""All attempts of one learner at one placement with the chosen options, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F

from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import Result
from lti.models import PlatformUser


@dataclass(frozen=True)
class Sheet:
    """One attempt and what was answered: chosen option keys by question key."""

    attempt: Attempt
    answers: Mapping[str, frozenset[str]]

    @property
    def is_open(self) -> bool:
        return self.attempt.submitted_at is None

    @property
    def result(self) -> Result | None:
        """None while the attempt is open."""
        if self.attempt.points is None:
            return None
        return Result(self.attempt.number, self.attempt.points, self.attempt.points_possible)

    @property
    def is_perfect(self) -> bool:
        return self.result is not None and self.result.is_perfect

    def with_answer(self, question_key: str, chosen: frozenset[str]) -> "Sheet":
        return replace(self, answers={**self.answers, question_key: chosen})


def read_sheets(placement: Placement, learner: PlatformUser) -> tuple[Sheet, ...]:
    """In the order of attempt numbers. One query; an attempt without answers is there too."""
    rows = (
        Attempt.objects.filter(placement=placement, learner=learner)
        .annotate(question_key=F("responses__question__key"), choice_key=F("responses__choice__key"))
        .order_by("number", "responses__pk")
    )
    attempts: dict[int, Attempt] = {}
    answers: dict[int, dict[str, frozenset[str]]] = {}
    for row in rows:
        attempt = attempts.setdefault(row.pk, row)
        # Saves queries: the placement is known, and mostly the Byte too.
        attempt.placement = placement
        if attempt.byte_id == placement.byte_id:
            attempt.byte = placement.byte
        answered = answers.setdefault(row.pk, {})
        if row.question_key is not None:
            answered[row.question_key] = answered.get(row.question_key, frozenset()) | {row.choice_key}
    return tuple(Sheet(attempt, answers[pk]) for pk, attempt in attempts.items())


def open_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    return next((sheet for sheet in sheets if sheet.is_open), None)


def sheet_of(sheets: Sequence[Sheet], number: int) -> Sheet | None:
    return next((sheet for sheet in sheets if sheet.attempt.number == number), None)


def next_number(sheets: Sequence[Sheet]) -> int:
    """The number that a new attempt gets."""
    return max((sheet.attempt.number for sheet in sheets), default=0) + 1


def is_closed(placement: Placement, now: datetime) -> bool:
    return placement.closes_at is not None and placement.closes_at <= now


def is_open_yet(placement: Placement, now: datetime) -> bool:
    return placement.opens_at is None or placement.opens_at <= now


def has_attempt_left(placement: Placement, sheets: Sequence[Sheet]) -> bool:
    """Whether one more attempt may be started, dates apart."""
    return placement.attempts_allowed is None or len(sheets) < placement.attempts_allowed
