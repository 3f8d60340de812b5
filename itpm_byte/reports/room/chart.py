"""One bar that shows how a whole is made up, as numbers for an SVG and for the table beside it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

WIDTH = 1000
GAP = 4


@dataclass(frozen=True)
class Part:
    """`key` names the colour in the stylesheet; `x` and `width` are of WIDTH; `per_cent` is rounded."""

    key: str
    label: str | Promise
    count: int
    per_cent: int
    x: float
    width: float


def bar(parts: Iterable[tuple[str, str | Promise, int]]) -> list[Part]:
    """All parts, also empty ones: the table tells them. What is there is at least as wide as can be seen."""
    parts = list(parts)
    whole = sum(count for _, _, count in parts)
    x, made = 0.0, []
    for key, label, count in parts:
        width = WIDTH * count / whole if whole else 0
        drawn = max(width - GAP, min(width, GAP)) if count else 0
        per_cent = round(100 * count / whole) if whole else 0
        made.append(Part(key, label, count, per_cent, round(x, 1), round(drawn, 1)))
        x += width
    return made
