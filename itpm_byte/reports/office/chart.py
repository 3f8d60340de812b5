"""Completions over time as a picture: bars, and what share of all expected learners had completed by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from itpm_byte.insight.totals import Step

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 240, 44, 24, 10


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    begins: date
    completed: int
    so_far: int
    rate: float | None
    """Per cent."""


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    line: str
    """Points of the rate's line; "" without a rate."""
    highest: int
    unit: str


def chart(unit: str, steps: Sequence[Step], *, expected: int) -> Chart | None:
    if not steps:
        return None
    highest = max(step.completed for step in steps) or 1
    room, height = WIDTH - LEFT, HEIGHT - BOTTOM - TOP
    each = room / len(steps)
    bars = []
    for place, step in enumerate(steps):
        tall = height * step.completed / highest
        rate = min(100 * step.so_far / expected, 100.0) if expected else None
        box = (round(LEFT + place * each + each * 0.12, 1), round(TOP + height - tall, 1), round(each * 0.76, 1))
        bars.append(Bar(*box, round(tall, 1), step.begins, step.completed, step.so_far, rate))
    points = [
        f"{bar.x + bar.width / 2:.1f},{TOP + height * (1 - bar.rate / 100):.1f}" for bar in bars if bar.rate is not None
    ]
    return Chart(bars, " ".join(points) if len(points) > 1 else "", highest, unit)
