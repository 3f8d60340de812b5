"""Sends one score: claim, line item, token, POST, and what the answer means."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Report:
    """What became of a try: a word, and when a worker should come back (None: not needed)."""

    word: str
    ring_at: datetime | None = None


def deliver(score_id: int, *, now: datetime) -> Report:
    """Send the score if it is due."""
    return Report("not sent")
