"""The body of a score as the LMSs want it (AGS-20 … AGS-27, AGS-32)."""

import json
from datetime import UTC, datetime
from typing import Any

from lti import addresses, products, protocol
from lti.grades import overrides
from lti.grades.line_items import number
from lti.models import Score

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
CLEARING = ("Initialized", "NotReady")


def score_body(score: Score, *, product: str) -> dict[str, Any] | None:
    """The JSON object to post; None when this LMS would take it for an order to erase the grade (AGS-23)."""
    is_final = score.grading_progress == "FullyGraded" and score.score_given is not None
    is_clearing = score.score_given is None and (score.activity_progress, score.grading_progress) == CLEARING
    if products.family(product) == "moodle" and not is_final and not is_clearing:
        return None
    grade = protocol.Grade().set_user_id(score.user.sub).set_timestamp(moment(score.timestamp))
    grade.set_activity_progress(score.activity_progress).set_grading_progress(score.grading_progress)
    # Left out it would clear what was there (AGS-25), but Canvas adds each one to those before.
    if not (products.family(product) == "canvas" and _is_told(score)):
        grade.set_comment(score.comment)
    if score.score_given is not None:
        grade.set_score_given(number(score.score_given)).set_score_maximum(number(score.score_maximum))
    body: dict[str, Any] = json.loads(grade.get_value())
    return body | _extra(score, product=product)


def _extra(score: Score, *, product: str) -> dict[str, Any]:
    """What pylti1p3's grade knows nothing of."""
    submission = {"startedAt": _start(score), "submittedAt": score.submitted_at}
    told = {name: moment(value) for name, value in submission.items() if value}
    extra: dict[str, Any] = {"submission": told} if told else {}
    if products.family(product) == "canvas":
        extra[CANVAS_SUBMISSION] = _canvas(score)
    return extra


def _is_told(score: Score) -> bool:
    """Does the LMS have just this grade of just this submission already?"""
    is_same = score.ours == [overrides.sent_now(score)] and score.sent_at is not None
    return is_same and not _is_new_submission(score)


def _is_new_submission(score: Score) -> bool:
    """Newer than all that the LMS has heard of."""
    seen = score.sent_submitted_at
    return score.submitted_at is not None and (seen is None or score.submitted_at > seen)


def _start(score: Score) -> datetime | None:
    """Never after the end: some LMSs refuse that (AGS-26)."""
    if score.started_at and score.submitted_at:
        return min(score.started_at, score.submitted_at)
    return score.started_at


def _canvas(score: Score) -> dict[str, Any]:
    """Each new submission is an attempt there: only one newer than all that Canvas has seen makes one (AGS-32).

    It carries the address that SpeedGrader opens: Canvas has no message of its own for looking at work (OTH-10).
    """
    is_new = _is_new_submission(score)
    work = {"submission_type": "basic_lti_launch", "submission_data": addresses.work_url(score.pk)}
    told = {"new_submission": is_new, "prioritize_non_tool_grade": not overrides.may_overwrite(score)}
    return told | work if is_new else told


def moment(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and zone (AGS-22)."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
