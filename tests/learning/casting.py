"""Small Bytes and placements, made without a file. In every question the right options are said by name."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from itpm_byte.content.models import Byte, Choice, Question
from itpm_byte.learning import attempts, placements
from itpm_byte.learning.models import Placement
from itpm_byte.learning.outcomes import Outcome
from lti.models import PlatformUser, ResourceLink

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ask:
    """A question: its options, which of them are right, and its points. More than one right makes it 'multiple'."""

    options: str = "peter samantha rachel george"
    right: str = "samantha"
    points: int = 1
    kind: str = field(default="")

    @property
    def kind_name(self) -> str:
        return self.kind or ("multiple" if len(self.right.split()) > 1 else "single")


ONE = {"fit": Ask()}
THREE = {
    "fit": Ask(),
    "duties": Ask(options="plan code budget cook risks", right="plan budget risks", points=3),
    "end": Ask(options="yes no", right="yes", points=2),
}


def byte(
    questions: dict[str, Ask] | None = None,
    *,
    slug: str = "it-project-manager",
    version: int = 1,
    language: str = "en",
    sections: tuple[str, ...] = ("opening", "skills", "fit"),
    **fields: Any,
) -> Byte:
    """A published version. It becomes the current one; an earlier one of the same slug and language no longer is."""
    questions = questions or ONE
    Byte.objects.filter(slug=slug, language=language).update(is_current=False)
    values = {
        "title": "IT Project Manager",
        "objective": "Decide whether this career fits you",
        "minutes": 3,
        "document": {"sections": [{"id": name, "kind": "text", "title": name, "text": name} for name in sections]},
        "content_hash": uuid.uuid4().hex,
        "points_possible": sum(ask.points for ask in questions.values()),
        "licence": "CC BY 4.0",
        "author": "Somebody",
        "published_at": NOW - DAY,
    }
    made = Byte.objects.create(slug=slug, version=version, language=language, **values | fields)
    for position, (key, ask) in enumerate(questions.items(), 1):
        _question(made, position, key, ask)
    return made


def _question(made: Byte, position: int, key: str, ask: Ask) -> None:
    question = Question.objects.create(
        byte=made,
        key=key,
        position=position,
        kind=ask.kind_name,
        prompt=f"{key}?",
        explanation=f"why {key}",
        points=ask.points,
    )
    Choice.objects.bulk_create(
        Choice(
            question=question,
            key=option,
            position=number,
            text=option,
            is_correct=option in ask.right.split(),
            feedback=f"about {option}",
        )
        for number, option in enumerate(ask.options.split(), 1)
    )


def placement(link: ResourceLink, questions: dict[str, Ask] | None = None, **settings: Any) -> Placement:
    """A Byte with these questions behind the link, as a door finds it; the Byte that is there, if none are given.

    Right answers stay hidden while attempts are left, unless the test says otherwise: most stories here need that.
    """
    if questions or not Byte.objects.exists():
        byte(questions)
    made = placements.for_link(link, byte_slug="it-project-manager", language="en", now=NOW)
    Placement.objects.filter(pk=made.pk).update(**{"reveal": Placement.Reveal.AFTER_LAST, **settings})
    return found(link)


def found(link: ResourceLink) -> Placement:
    """The placement anew, as the next request finds it."""
    return placements.for_link(link, byte_slug="it-project-manager", language="en", now=NOW)


def answer(
    at: Placement,
    learner: PlatformUser,
    choices: str = "samantha",
    *,
    question: str = "fit",
    attempt: int = 1,
    now: datetime = NOW,
    **more: Any,
) -> Outcome:
    return attempts.answer(
        at,
        learner,
        attempt_number=attempt,
        question_key=question,
        choice_keys=choices.split(),
        now=now,
        **more,
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SELECTs, INSERTs, UPDATEs and DELETEs that the block sends, in order; filled when the block ends."""
    sent: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield sent
    verbs = ("SELECT", "INSERT", "UPDATE", "DELETE")
    sent.extend(query["sql"] for query in captured if query["sql"].startswith(verbs))
