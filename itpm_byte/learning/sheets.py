"""All work of one learner at one placement, in one query: attempts, chosen options, and the terms that hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import Result
from itpm_byte.learning.terms import Terms, terms_in, with_arranged
from lti.models import PlatformUser
from lti.prepared import Prepared


@dataclass(frozen=True)
class Sheet:
    """One attempt and what was answered: chosen option keys by question key."""

    attempt: Attempt
    answers: Mapping[str, frozenset[str]]

    @property
    def is_voided(self) -> bool:
        """A teacher has reset it: it is kept, and counts for nothing."""
        return self.attempt.voided_at is not None

    @property
    def is_open(self) -> bool:
        return self.attempt.submitted_at is None and not self.is_voided

    @property
    def is_submitted(self) -> bool:
        """And counts."""
        return self.attempt.submitted_at is not None and not self.is_voided

    @property
    def result(self) -> Result | None:
        """None while the attempt is open, and for one that counts for nothing."""
        if self.attempt.points is None or self.is_voided:
            return None
        return Result(self.attempt.number, self.attempt.points, self.attempt.points_possible)

    @property
    def is_perfect(self) -> bool:
        return self.result is not None and self.result.is_perfect

    def with_answer(self, question_key: str, chosen: frozenset[str]) -> "Sheet":
        return replace(self, answers={**self.answers, question_key: chosen})


@dataclass(frozen=True)
class Work:
    """All attempts of one learner at one placement, oldest first, the reset ones too, and the learner's terms."""

    sheets: tuple[Sheet, ...]
    terms: Terms

    @property
    def open_sheet(self) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.is_open), None)

    @property
    def submitted(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.is_submitted)

    @property
    def results(self) -> list[Result]:
        return [sheet.result for sheet in self.sheets if sheet.result is not None]

    @property
    def next_number(self) -> int:
        """The number that a new attempt gets. That of an attempt which was reset is not given again."""
        return max((sheet.attempt.number for sheet in self.sheets), default=0) + 1

    @property
    def has_attempt_left(self) -> bool:
        """Whether one more attempt may be started, dates apart."""
        allowed = self.terms.attempts_allowed
        return allowed is None or sum(not sheet.is_voided for sheet in self.sheets) < allowed

    def sheet_of(self, number: int) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.attempt.number == number), None)

    def with_sheet(self, sheet: Sheet) -> "Work":
        """With this sheet as the newest, in the place of the one with its number if there is one."""
        others = (other for other in self.sheets if other.attempt.number != sheet.attempt.number)
        return replace(self, sheets=(*others, sheet))


def _with_answers(placement: Any, learner: Any) -> QuerySet[Placement]:
    """The placement once per chosen option of the learner's attempts, and once for an attempt without any."""
    answers = "own_attempt__responses"
    return (
        with_arranged(Placement.objects.filter(pk=placement), learner)
        .annotate(own_attempt=FilteredRelation("attempts", condition=Q(attempts__learner=learner)))
        .annotate(question_key=F(f"{answers}__question__key"), choice_key=F(f"{answers}__choice__key"))
        # django-stubs does not know that filtered relations can be selected.
        .select_related("own_attempt")  # type: ignore[misc]
        .order_by("own_attempt__number", f"{answers}__pk")
    )


_answered = Prepared(_with_answers, placement=Placement._meta.pk, learner=PlatformUser._meta.pk)


def read_work(placement: Placement, learner: PlatformUser) -> Work:
    """Attempts in the order of their numbers; an attempt without answers is there too.

    The same one query brings the placement's settings up to date, and with them the learner's terms: whoever holds the
    learner's Progress lock decides by what holds now, not by what the door read before it waited for the lock.
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
    sheets = tuple(Sheet(attempt, chosen[pk]) for pk, attempt in attempts.items())
    return Work(sheets, terms_in(rows[0]))


def _bring_up_to_date(placement: Placement, row: Placement) -> None:
    for field in Placement._meta.concrete_fields:
        setattr(placement, field.attname, getattr(row, field.attname))


def _with_known_rows(attempt: Attempt, placement: Placement) -> Attempt:
    """Saves queries: the placement is known, and mostly the Byte too."""
    attempt.placement = placement
    if attempt.byte_id == placement.byte_id:
        attempt.byte = placement.byte
    if attempt.marked_with_id == placement.byte_id:
        attempt.marked_with = placement.byte
    return attempt
