"""By which key an attempt's answers are marked: its own version's, or that corrected by a newer one. Writes nothing.

A key is corrected question by question: one that the newer version asks with the same options and in the same kind
takes its right options, feedback and explanation from there. Its points stay, and so does every other question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from django.db.models import QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.learning import answer_key
from itpm_byte.learning.answer_key import AnswerKey, KeyQuestion
from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import question_points


@dataclass(frozen=True)
class Correction:
    """A version by which attempts of earlier ones can be marked, and what of those it does not reach."""

    byte: Byte
    kept: tuple[str, ...]
    """Keys of questions that keep their points: other options, another kind, or not asked any more."""


def key_for(attempt: Attempt) -> AnswerKey:
    own = answer_key.of(attempt.byte)
    if attempt.marked_with_id is None or attempt.marked_with is None:
        return own
    return corrected(own, answer_key.of(attempt.marked_with))


def corrected(own: AnswerKey, newer: AnswerKey) -> AnswerKey:
    """The questions and points of `own`, right as `newer` says where it can."""
    return MappingProxyType({key: _corrected(question, newer.get(key)) for key, question in own.items()})


def can_correct(own: KeyQuestion, newer: KeyQuestion | None) -> bool:
    return newer is not None and own.kind == newer.kind and own.choices.keys() == newer.choices.keys()


def differs(own: AnswerKey, newer: AnswerKey) -> bool:
    """Whether the newer key corrects a right option of these."""
    return any(
        can_correct(question, newer.get(key)) and question.correct != newer[key].correct
        for key, question in own.items()
    )


def points_for(key: AnswerKey, answers: Mapping[str, frozenset[str]]) -> Decimal:
    """Of an attempt in which every question was answered."""
    return sum((points_of(question, answers[name]) for name, question in key.items()), Decimal(0))


def points_of(question: KeyQuestion, chosen: frozenset[str]) -> Decimal:
    return question_points(question.kind, question.points, question.correct, chosen)


def corrections(placement: Placement, *, now: datetime) -> list[Correction]:
    """Versions that say otherwise what is right than an earlier one that was answered here; newest first.

    Two queries, and two for each version whose key this process has not read yet.
    """
    made = Attempt.objects.filter(placement=placement, submitted_at__isnull=False, voided_at__isnull=True)
    answered = list(_editions(placement).filter(pk__in=made.order_by().values("byte")))
    if not answered:
        return []
    oldest = min(byte.version for byte in answered)
    newer = _editions(placement).filter(version__gt=oldest, published_at__lte=now).order_by("-version")
    return [found for byte in newer if (found := _correction(byte, answered)) is not None]


def is_corrected(placement: Placement) -> bool:
    """Are there attempts that are marked by another version's key?"""
    return Attempt.objects.filter(placement=placement, marked_with__isnull=False).exists()


def _editions(placement: Placement) -> QuerySet[Byte]:
    byte = placement.byte
    return Byte.objects.defer("document").filter(slug=byte.slug, language=byte.language)


def _correction(byte: Byte, answered: Sequence[Byte]) -> Correction | None:
    key = answer_key.of(byte)
    earlier = [answer_key.of(version) for version in answered if version.version < byte.version]
    if not any(differs(own, key) for own in earlier):
        return None
    asked = [(name, question) for own in earlier for name, question in own.items()]
    kept = dict.fromkeys(name for name, question in asked if not can_correct(question, key.get(name)))
    return Correction(byte, tuple(kept))


def _corrected(own: KeyQuestion, newer: KeyQuestion | None) -> KeyQuestion:
    if newer is None or not can_correct(own, newer):
        return own
    choices = {
        name: replace(choice, is_correct=newer.choices[name].is_correct, feedback=newer.choices[name].feedback)
        for name, choice in own.choices.items()
    }
    return replace(own, explanation=newer.explanation, choices=MappingProxyType(choices))
