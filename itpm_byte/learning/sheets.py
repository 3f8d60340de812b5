"""All attempts of one learner at one placement with the chosen options, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import Result
from lti.models import PlatformUser
from lti.prepared import Prepared


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


def _with_answers(placement: Any, learner: Any) -> QuerySet[Placement]:
    """The placement once per chosen option of the learner's attempts, and once for an attempt without any."""
    answers = "own_attempt__responses"
    return (
        Placement.objects.filter(pk=placement)
        .annotate(own_attempt=FilteredRelation("attempts", condition=Q(attempts__learner=learner)))
        .annotate(question_key=F(f"{answers}__question__key"), choice_key=F(f"{answers}__choice__key"))
        # django-stubs does not know that filtered relations can be selected.
        .select_related("own_attempt")  # type: ignore[misc]
        .order_by("own_attempt__number", f"{answers}__pk")
    )


_answered = Prepared(_with_answers, placement=Placement._meta.pk, learner=PlatformUser._meta.pk)


def read_sheets(placement: Placement, learner: PlatformUser) -> tuple[Sheet, ...]:
    """In the order of attempt numbers; an attempt without answers is there too.

    The same one query brings the placement's settings up to date: whoever holds the learner's Progress lock decides by
    the settings of now, not by those that the door read before it waited for the lock.
    """
    rows: list[Any] = _answered.rows(placement=placement.pk, learner=learner.pk)
    attempts: dict[int, Attempt] = {}
    chosen: dict[int, dict[str, frozenset[str]]] = {}
    for row in rows:
        _bring_up_to_date(placement, row)
        attempt = getattr(row, "own_attempt", None)
        if attempt is None:
            continue
        attempts.setdefault(attempt.pk, _with_known_rows(attempt, placement))
        of_attempt = chosen.setdefault(attempt.pk, {})
        if row.question_key is not None:
            of_attempt[row.question_key] = of_attempt.get(row.question_key, frozenset()) | {row.choice_key}
    return tuple(Sheet(attempt, chosen[pk]) for pk, attempt in attempts.items())


def _bring_up_to_date(placement: Placement, row: Placement) -> None:
    for field in Placement._meta.concrete_fields:
        setattr(placement, field.attname, getattr(row, field.attname))


def _with_known_rows(attempt: Attempt, placement: Placement) -> Attempt:
    """Saves queries: the placement is known, and mostly the Byte too."""
    attempt.placement = placement
    if attempt.byte_id == placement.byte_id:
        attempt.byte = placement.byte
    return attempt


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
