"""One row of each resource, for the API's description. A test holds them against the shapes."""

from typing import Any

from itpm_byte.api.problems import KINDS

_AT = "2026-11-23T09:00:00Z"
_PLACEMENT = "0b6f7d0e-6a0e-4f0a-9d0a-3f2a6d1f5c11"
_LMS = "5a1c2f34-8a55-4f4e-9b3e-0d6a3a1f7e21"
_ATTEMPT = "c3b0a1d2-7e4f-4a5b-8c6d-9e0f1a2b3c4d"
_COURSE = {"id": 7, "title": "Careers in IT", "label": "CAR-1", "term": "2026 autumn"}
_BYTE = {"slug": "it-project-manager", "version": 3, "language": "en"}
_FEW = {"byte": {**_BYTE, "version": 2}, "is_shown": False, "count": None, "mean": None, "ratings": None}
_MANY = {
    "byte": _BYTE,
    "is_shown": True,
    "count": 12,
    "mean": 4.25,
    "ratings": {"1": 0, "2": 1, "3": 1, "4": 4, "5": 6},
}

ROWS: dict[str, dict[str, Any]] = {
    "institutions": {"id": 2, "name": "Amber College", "slug": "amber", "support_url": "", "support_email": ""},
    "bytes": {
        **_BYTE,
        "id": 5,
        "title": "IT Project Manager",
        "objective": "Decide whether this career fits you",
        "minutes": 6,
        "points_possible": 1,
        "pass_mark": 60,
        "licence": "CC BY 4.0",
        "author": "ITPM Byte",
        "published_at": _AT,
        "is_current": True,
    },
    "placements": {
        "id": _PLACEMENT,
        "title": "Is this a job for you?",
        "lms": _LMS,
        "course": _COURSE,
        "byte": _BYTE,
        "attempts_allowed": 3,
        "which_counts": "best",
        "grade_on": "quiz",
        "reveal": "after_last",
        "opens_at": None,
        "due_at": _AT,
        "closes_at": None,
        "roster_synced_at": _AT,
        "updated_at": _AT,
    },
    "learners": {
        "id": 81,
        "lms": _LMS,
        "sub": "2941",
        "name": "Lin",
        "email": "lin@college.example",
        "locale": "fr-CA",
        "updated_at": _AT,
    },
    "progress": {
        "placement": _PLACEMENT,
        "course": _COURSE,
        "id": 311,
        "learner": 81,
        "byte": _BYTE,
        "status": "completed",
        "sections_seen": ["opening", "skills"],
        "attempts_submitted": 2,
        "counted_points": "1.0000",
        "counted_possible": 1,
        "started_at": _AT,
        "last_activity_at": _AT,
        "completed_at": _AT,
        "updated_at": _AT,
    },
    "completions": {
        "placement": _PLACEMENT,
        "course": 7,
        "course_title": "Careers in IT",
        "term": "2026 autumn",
        "learner": 81,
        "byte": "it-project-manager",
        "byte_title": "IT Project Manager",
        "version": 3,
        "status": "completed",
        "has_left": False,
        "started_at": _AT,
        "completed_at": _AT,
        "last_activity_at": _AT,
        "attempts": 2,
        "points": "1.0000",
        "possible": 1,
        "has_passed": True,
        "is_exempt": False,
        "grade": "sent",
    },
    "attempts": {
        "placement": _PLACEMENT,
        "course": _COURSE,
        "id": _ATTEMPT,
        "learner": 81,
        "byte": _BYTE,
        "number": 2,
        "started_at": _AT,
        "submitted_at": _AT,
        "voided_at": None,
        "points": "1.0000",
        "points_possible": 1,
        "updated_at": _AT,
    },
    "responses": {
        "placement": _PLACEMENT,
        "course": _COURSE,
        "attempt": _ATTEMPT,
        "learner": 81,
        "byte": _BYTE,
        "number": 2,
        "submitted_at": _AT,
        "answers": [{"question": "quiz", "choices": ["samantha"], "answered_at": _AT}],
        "updated_at": _AT,
    },
    "grades": {
        "id": 64,
        "placement": _PLACEMENT,
        "learner": 81,
        "state": "failed",
        "score_given": "1.0000",
        "score_maximum": "1.0000",
        "sent_at": None,
        "sent_given": None,
        "observed": None,
        "error": "not_in_course",
        "advice": "The learning platform says that this person is no learner of the course. Enrol them, then resend.",
        "updated_at": _AT,
    },
    "feedback": {"placement": _PLACEMENT, "course": _COURSE, "versions": [_FEW, _MANY]},
    "rosters": {
        "learner": 81,
        "name": "Lin",
        "email": "lin@college.example",
        "status": "completed",
        "has_left": False,
        "is_inactive": False,
        "attempts": 2,
        "points": "1.0000",
        "possible": 1,
        "has_passed": True,
        "is_exempt": False,
        "grade": "sent",
        "grade_advice": "",
        "groups": ["Tutorial 1"],
        "last_activity_at": _AT,
        "completed_at": _AT,
    },
}
ONE = {
    **ROWS,
    "feedback": {
        **ROWS["feedback"],
        "versions": [{**_FEW, "comments": []}, {**_MANY, "comments": ["It helped me to choose."]}],
    },
}
OWN_PROGRESS: dict[str, Any] = {
    "byte": _BYTE,
    "sections_seen": ["opening"],
    "started_at": _AT,
    "completed_at": _AT,
    "counted_points": "1.0000",
    "counted_possible": 1,
    "attempts_left": 2,
    "attempts": [
        {
            "number": 1,
            "started_at": _AT,
            "submitted_at": _AT,
            "points": "1.0000",
            "points_possible": 1,
            "answers": {"quiz": ["samantha"]},
        }
    ],
    "grade": {
        "state": "sent",
        "score_given": "1.0000",
        "score_maximum": "1.0000",
        "sent_at": _AT,
        "next_try_at": None,
        "advice": "",
    },
}


def page(name: str) -> dict[str, Any]:
    return {"results": [ROWS[name]], "next": None, "synced_until": _AT}


def problem(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    body: dict[str, Any] = {
        "type": f"https://byte.example.org/api/v1/docs/#problem-{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.advice,
        "code": code,
        "reference": "K7QF-2M9P",
    }
    if code == "invalid":
        body["errors"] = [{"field": "limit", "detail": "A whole number from 1 to 500."}]
    return body
