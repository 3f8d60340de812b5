"""How things of ours look as JSON. Points are strings with four places, times are ISO 8601 with zone."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from itpm_byte.learning.desk import Desk
from itpm_byte.learning.sheets import Sheet


def progress_of(desk: Desk) -> dict[str, Any]:
    """One learner at one placement. Says nothing of which answers are right."""
    row = desk.progress
    return {
        "byte": {"slug": desk.byte.slug, "version": desk.byte.version, "language": desk.byte.language},
        "sections_seen": list(desk.seen_sections),
        "started_at": _time(row.started_at if row else None),
        "completed_at": _time(row.completed_at if row else None),
        "counted_points": _points(row.counted_points if row else None),
        "counted_possible": row.counted_possible if row else None,
        "attempts_left": desk.attempts_left,
        "attempts": [_attempt(sheet) for sheet in desk.sheets],
        "grade": _grade(desk),
    }


def _attempt(sheet: Sheet) -> dict[str, Any]:
    attempt = sheet.attempt
    return {
        "number": attempt.number,
        "started_at": _time(attempt.started_at),
        "submitted_at": _time(attempt.submitted_at),
        "voided_at": _time(attempt.voided_at),
        "points": _points(attempt.points),
        "points_possible": attempt.points_possible,
        "answers": {question: sorted(chosen) for question, chosen in sheet.answers.items()},
    }


def _grade(desk: Desk) -> dict[str, Any]:
    """`state` is none, waiting, sent, failed, unavailable or changed (in the LMS, by a teacher)."""
    status = desk.grade_status
    return {
        "state": status.state,
        "score_given": _points(status.score_given),
        "score_maximum": _points(status.score_maximum),
        "sent_at": _time(status.sent_at),
        "next_try_at": _time(status.next_try_at),
        "advice": str(status.advice),
    }


def _points(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
