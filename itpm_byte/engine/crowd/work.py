"""What made-up learners did: attempts, and the progress and the grade that follow from them by the room's own rules."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from itpm_byte.content.models import Byte
from itpm_byte.learning import answer_key
from itpm_byte.learning.marking import points_of
from itpm_byte.learning.scoring import Counted, Result, counted

DAY = 86_400
TERM_DAYS = 120
MOST_ATTEMPTS = 12
IDLE_SHARE, OPEN_SHARE = 0.08, 0.06


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer all questions of a Byte: (question, choice) keys of rows, and what that is worth."""

    chosen: tuple[tuple[int, int], ...]
    points: Decimal


@dataclass(frozen=True, slots=True)
class Paper:
    """A Byte version with ways through it, worst first."""

    byte: Byte
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Go:
    """One attempt. `way` is None while it is open, without an answer yet."""

    uuid: UUID
    number: int
    started_at: datetime
    submitted_at: datetime | None
    way: Way | None


def papers(versions: Sequence[Byte], rng: random.Random) -> list[Paper]:
    return [Paper(byte, _ways(byte, rng)) for byte in versions]


def _ways(byte: Byte, rng: random.Random) -> tuple[Way, ...]:
    ways = []
    for number in range(64):
        chosen, points = [], Decimal(0)
        for question in answer_key.of(byte).values():
            keys = question.correct if number % 4 == 0 else frozenset({rng.choice(sorted(question.choices))})
            points += points_of(question, keys)
            chosen += [(question.id, question.choices[key].id) for key in sorted(keys)]
        ways.append(Way(tuple(chosen), points))
    return tuple(sorted(ways, key=lambda way: (way.points, way.chosen)))


class Budget:
    """Draws so many things for so many rows that at the end exactly all are given out."""

    def __init__(self, things: int, rows: int, rng: random.Random) -> None:
        self.things, self.rows, self.rng = things, rows, rng

    def is_taken(self) -> bool:
        """Selection sampling: whether this row is one of the chosen."""
        is_one = self.rng.random() * self.rows < self.things
        self.rows -= 1
        self.things -= is_one
        return is_one

    def share(self) -> int:
        """How many this row gets: often few, seldom many, sometimes none."""
        mean = self.things / self.rows / (1 - IDLE_SHARE)
        if self.rows == 1:
            drawn = self.things
        elif self.rng.random() < IDLE_SHARE or not self.things:
            drawn = 0
        else:
            more = int(self.rng.expovariate(1 / (mean - 0.5))) if mean > 1 else 0
            drawn = min(1 + more, MOST_ATTEMPTS, self.things)
        self.rows -= 1
        self.things -= drawn
        return drawn


def goes(count: int, paper: Paper, *, begins: float, ends: float, rng: random.Random) -> Iterator[Go]:
    """`count` attempts between two times (seconds since 1970); learners get better from one to the next."""
    at, most = begins, len(paper.ways)
    for number in range(1, count + 1):
        at = min(at + 30 + rng.random() * rng.random() * DAY * 2, ends)
        took = 60 + rng.random() * 540
        uuid = UUID(int=rng.getrandbits(128), version=4)
        if number == count and rng.random() < OPEN_SHARE:
            yield Go(uuid, number, _time(at), None, None)
            return
        way = paper.ways[min(int(most * rng.random() ** (1 / number)), most - 1)]
        yield Go(uuid, number, _time(at), _time(at + took), way)
        at += took


def begins_at(term_starts: float, ends: float, rng: random.Random) -> float:
    """Most begin in the first half of a term."""
    return min(term_starts + rng.betavariate(2, 3) * TERM_DAYS * DAY, ends - DAY * rng.random())


def grade_of(done: Sequence[Go], possible: int, which_counts: str, grade_on: str) -> Counted | None:
    return _grade(tuple(go.way.points for go in done if go.way), possible, which_counts, grade_on)


@lru_cache(maxsize=50_000)
def _grade(points: tuple[Decimal, ...], possible: int, which_counts: str, grade_on: str) -> Counted | None:
    results = [Result(number, each, possible) for number, each in enumerate(points, 1)]
    return counted(results, which_counts=which_counts, grade_on=grade_on)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
