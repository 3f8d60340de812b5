"""What an LMS does with a score (AGS §3.4): measured on Moodle 4.5, read in Canvas' documentation and Open edX's code.

`receive` decides and stores; it knows no HTTP beyond the status a `Refused` carries.
"""

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itpm_byte.sandbox.service import Refused
from itpm_byte.sandbox.store import LEARNER, Grade, LineItem, Person, Store

ACTIVITY_PROGRESS = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
GRADING_PROGRESS = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
SUBMISSION = "https://canvas.instructure.com/lti/submission"
MAXIMUM_OF_HISTORY = 50


@dataclass(frozen=True)
class Score:
    """One score body, its fields read but not yet judged."""

    body: dict[str, Any]
    person: Person
    timestamp: datetime
    given: float | None
    maximum: float | None
    is_final: bool
    comment: str


def shown(grade: Grade, item: LineItem) -> float | None:
    """The mark that the gradebook shows: a teacher's own one first, else the tool's."""
    return grade.score if grade.overridden is None else grade.overridden


def receive(store: Store, item: LineItem, body: dict[str, Any], *, now: datetime, manner: str) -> Grade:
    """Stores the score. Raises Refused with the status and the words of the LMS in question."""
    kinds = {"moodle": _moodle, "canvas": _canvas, "openedx": _openedx}
    with store.changing():
        if manner in kinds:
            return kinds[manner](store, item, body, now=now)
        return _plain(store, item, body, NOBODY[manner], now=now)


def _moodle(store: Store, item: LineItem, body: dict[str, Any], *, now: datetime) -> Grade:
    incorrect = Refused(400, "Incorrect score received" + json.dumps(body))
    given, maximum = _number(body.get("scoreGiven")), _number(body.get("scoreMaximum"))
    timestamp = _moment(body.get("timestamp"))
    person = store.person_by_id(str(body.get("userId", "")))
    needed = ("timestamp", "activityProgress", "gradingProgress", "userId")
    if any(not body.get(name) for name in needed) or timestamp is None:
        raise incorrect
    if "scoreGiven" in body and (given is None or maximum is None):
        raise incorrect
    if person is None or not _is_gradable(store, item, person, suspended_too=True):
        raise incorrect
    kept = store.grade(item, person.key)
    if kept and kept.timestamp and _whole(timestamp) <= _whole(_parsed(kept.timestamp)):
        raise Refused(409, f"Refusing score with an earlier timestamp for item {item.id} and user {person.id}")
    if item.is_locked or (kept and kept.is_locked):
        raise Refused(500, "Internal Server Error")
    is_final = body["gradingProgress"] == "FullyGraded"
    score = Score(body, person, timestamp, given, maximum, is_final, str(body.get("comment") or ""))
    grade = _note(store, item, score, now=now)
    grade.comment = score.comment if is_final else ""
    if not is_final or given is None:
        grade.score = None
    else:
        points = given / maximum * item.score_maximum if maximum else given
        grade.score = min(max(points, 0), item.score_maximum)
    return grade


def _canvas(store: Store, item: LineItem, body: dict[str, Any], *, now: datetime) -> Grade:
    person = store.person_by_id(str(body.get("userId", "")))
    for name in ("userId", "activityProgress", "gradingProgress", "timestamp"):
        if not body.get(name):
            raise Refused(400, f"param is missing or the value is empty: {name}")
    if person is None or not _is_gradable(store, item, person):
        raise Refused(422, "User not found in course or is not a student")
    timestamp = _moment(body["timestamp"])
    if timestamp is None:
        raise Refused(400, f"Provided timestamp of {body['timestamp']} not a valid timestamp.")
    given, maximum = _number(body.get("scoreGiven")), _number(body.get("scoreMaximum"))
    if given is not None and maximum is None:
        raise Refused(422, "ScoreMaximum not supplied when ScoreGiven present.")
    if given is not None and maximum is not None and (maximum <= 0 or given < 0):
        raise Refused(422, "ScoreMaximum must be greater than 0 and ScoreGiven must not be negative")
    if body["activityProgress"] not in ACTIVITY_PROGRESS or body["gradingProgress"] not in GRADING_PROGRESS:
        raise Refused(422, "activityProgress or gradingProgress has no such value")
    kept = store.grade(item, person.key)
    # The very same time once more is taken: telling it apart is left to the tool.
    if kept and kept.timestamp and timestamp < _parsed(kept.timestamp):
        raise Refused(
            400, f"Provided timestamp of {body['timestamp']} before last updated timestamp of {kept.timestamp}"
        )
    _check_submission(item, kept, body, now=now)
    is_final = body["gradingProgress"] == "FullyGraded"
    score = Score(body, person, timestamp, given, maximum, is_final, str(body.get("comment") or ""))
    return _keep_canvas(store, item, score, now=now)


def _check_submission(item: LineItem, kept: Grade | None, body: dict[str, Any], *, now: datetime) -> None:
    submitted_at = _moment(_submitted_at(body))
    if submitted_at and submitted_at > now + timedelta(minutes=1):
        raise Refused(400, f"Provided submitted_at timestamp of {_submitted_at(body)} in the future")
    if kept and item.attempts_allowed and kept.submissions >= item.attempts_allowed and _is_new_submission(kept, body):
        raise Refused(422, "The maximum number of allowed attempts has been reached for this submission")


def _keep_canvas(store: Store, item: LineItem, score: Score, *, now: datetime) -> Grade:
    extension = score.body.get(SUBMISSION) or {}
    is_new = _is_new_submission(store.grade(item, score.person.key), score.body)
    grade = _note(store, item, score, now=now)
    if is_new:
        grade.submissions += 1
        grade.last_submitted_at = _submitted_at(score.body)
        is_launch = extension.get("submission_type") == "basic_lti_launch"
        grade.work_url = str(extension.get("submission_data") or "") if is_launch else ""
    if grade.overridden is not None and extension.get("prioritize_non_tool_grade"):
        return grade
    if score.is_final and score.given is not None and score.maximum is not None:
        grade.overridden = None  # Canvas lets the tool have the last word unless asked not to
        grade.score = score.given / score.maximum * item.score_maximum
    elif not extension.get("preserve_score"):
        grade.score = None
    grade.comment = score.comment or grade.comment  # comments of a submission are added, never taken away
    return grade


def _is_new_submission(kept: Grade | None, body: dict[str, Any]) -> bool:
    extension = body.get(SUBMISSION) or {}
    if extension.get("new_submission") is False:
        return False
    submitted_at = _submitted_at(body)
    return kept is None or not submitted_at or submitted_at != kept.last_submitted_at


def _submitted_at(body: dict[str, Any]) -> str:
    standard, extension = body.get("submission") or {}, body.get(SUBMISSION) or {}
    return str(standard.get("submittedAt") or extension.get("submitted_at") or "")


# What is said of somebody whom the LMS does not know, and of somebody who is no learner of the course (AGS §4.4).
NOBODY = {
    "blackboard": ((400, "User could not be found"), (400, "User could not be found")),
    "d2l": ((404, "The user does not exist"), (403, "User is not enrolled in the org unit")),
    "sakai": ((404, "User not found"), (400, "User is not a member of this site: not enrolled")),
}


Said = tuple[int, str]  # status and words


def _plain(store: Store, item: LineItem, body: dict[str, Any], nobody: tuple[Said, Said], *, now: datetime) -> Grade:
    """By the book: a score that is not newer than what is there changes nothing, and is no error."""
    unknown, not_here = nobody
    score = _read(store, body)
    if score.person is NO_ONE:
        raise Refused(*unknown)
    if not _is_gradable(store, item, score.person):
        raise Refused(*not_here)
    kept = store.grade(item, score.person.key)
    if kept and kept.timestamp and score.timestamp <= _parsed(kept.timestamp):
        return kept
    return _keep(store, item, score, now=now)


def _openedx(store: Store, item: LineItem, body: dict[str, Any], *, now: datetime) -> Grade:
    """Its serializer's words; whoever it does not know makes it fall over when the grade is published."""
    score = _read(store, body)
    kept = store.grade(item, score.person.key)
    if kept and kept.timestamp and score.timestamp < _parsed(kept.timestamp):
        raise Refused(400, "Score timestamp can only be updated to a later point in time", field="timestamp")
    if kept and kept.timestamp and score.timestamp == _parsed(kept.timestamp):
        raise Refused(400, "Score already exists for the provided timestamp", field="timestamp")
    if score.person is NO_ONE:
        raise Refused(500, "Server Error")
    return _keep(store, item, score, now=now)


NO_ONE = Person("", "", "", "", "", "")


def _read(store: Store, body: dict[str, Any]) -> Score:
    """The body's fields, of the right kind (AGS-20, AGS-21). Raises Refused."""
    for name in ("userId", "activityProgress", "gradingProgress", "timestamp"):
        if not body.get(name):
            raise Refused(400, "This field is required.", field=name)
    timestamp = _moment(body["timestamp"])
    given, maximum = _number(body.get("scoreGiven")), _number(body.get("scoreMaximum"))
    if timestamp is None or (given is not None and not (maximum and maximum > 0 and given >= 0)):
        raise Refused(400, "A number or a time is not valid", field="scoreMaximum" if timestamp else "timestamp")
    person = store.person_by_id(str(body["userId"])) or NO_ONE
    is_final = body["gradingProgress"] == "FullyGraded"
    return Score(body, person, timestamp, given, maximum, is_final, str(body.get("comment") or ""))


def _keep(store: Store, item: LineItem, score: Score, *, now: datetime) -> Grade:
    grade = _note(store, item, score, now=now)
    grade.comment = score.comment
    if score.given is None or score.maximum is None:
        grade.score = None
    elif score.is_final:
        grade.score = score.given / score.maximum * item.score_maximum
    return grade


def _is_gradable(store: Store, item: LineItem, person: Person, *, suspended_too: bool = False) -> bool:
    enrolment = store.enrolment(item.course, person.key)
    return bool(enrolment and enrolment.role == LEARNER and (enrolment.is_active or suspended_too))


def _note(store: Store, item: LineItem, score: Score, *, now: datetime) -> Grade:
    grade = store.grade_to_change(item, score.person.key)
    grade.timestamp = str(score.body["timestamp"])
    grade.received_at = now.isoformat(timespec="milliseconds")
    grade.history = [*grade.history, score.body][-MAXIMUM_OF_HISTORY:]
    return grade


def _number(value: Any) -> float | None:
    """A number, also one written as a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _moment(value: Any) -> datetime | None:
    """An ISO 8601 time with a zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _parsed(kept: str) -> datetime:
    return datetime.fromisoformat(kept)


def _whole(moment: datetime) -> int:
    """Moodle compares whole seconds."""
    return int(moment.timestamp())
