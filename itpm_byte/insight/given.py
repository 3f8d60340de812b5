"""What was chosen in attempts, as keys of the Byte's file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from itpm_byte.learning.models import Response


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    answered_at: datetime
    choices: list[str] = field(default_factory=list)


def answers(attempts: Iterable[int]) -> dict[int, list[Answer]]:
    """By the attempt's key, in the Byte's order. One query for any number of attempts."""
    chosen = (
        Response.objects.filter(attempt__in=attempts)
        .order_by("attempt_id", "question__position", "choice__position")
        .values_list("attempt_id", "question__key", "answered_at", "choice__key")
    )
    found: dict[int, list[Answer]] = {}
    for attempt, question, answered_at, choice in chosen:
        given = found.setdefault(attempt, [])
        if not given or given[-1].question != question:
            given.append(Answer(question, answered_at))
        given[-1].choices.append(choice)
    return found
