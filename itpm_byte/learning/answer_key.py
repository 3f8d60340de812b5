"""Which options of a frozen version are right, kept in the process because versions never change.

Never hand this to a page: doors get Outcomes, which say no more than the placement reveals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

from itpm_byte.content.models import Byte, Question

KEPT_VERSIONS = 64


@dataclass(frozen=True, slots=True)
class KeyChoice:
    id: int
    key: str
    is_correct: bool
    feedback: str


@dataclass(frozen=True)
class KeyQuestion:
    """One question; choices by key, in the order of the file."""

    id: int
    key: str
    kind: str
    points: int
    explanation: str
    choices: Mapping[str, KeyChoice]

    @cached_property
    def correct(self) -> frozenset[str]:
        return frozenset(choice.key for choice in self.choices.values() if choice.is_correct)


type AnswerKey = Mapping[str, KeyQuestion]


def of(byte: Byte) -> AnswerKey:
    """Questions by key, in the order of the file. Two queries on the first read of a version, none after."""
    return _read(byte.pk, byte.content_hash)


@lru_cache(maxsize=KEPT_VERSIONS)
def _read(byte_id: int, content_hash: str) -> AnswerKey:
    # The hash is part of the cache's key only: a restored backup may give an old id to other content.
    questions = Question.objects.filter(byte_id=byte_id, byte__content_hash=content_hash).prefetch_related("choices")
    return MappingProxyType({question.key: _question(question) for question in questions})


def _question(question: Question) -> KeyQuestion:
    choices = {
        choice.key: KeyChoice(choice.pk, choice.key, choice.is_correct, choice.feedback)
        for choice in question.choices.all()
    }
    return KeyQuestion(
        id=question.pk,
        key=question.key,
        kind=question.kind,
        points=question.points,
        explanation=question.explanation,
        choices=MappingProxyType(choices),
    )


def forget() -> None:
    """For tests, where ids come back with other content."""
    _read.cache_clear()
