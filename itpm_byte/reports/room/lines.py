"""A list's lines, one for each learner, as HTML: what looks alike is rendered once (lti.stencil), then filled in.

What decides how a line looks (a status, a mark, words of advice) has few values; what is a person's own, holes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from django.template.defaultfilters import floatformat
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from itpm_byte.insight.grade_sync import Grade
from itpm_byte.insight.roster import Learner
from lti.stencil import fill, in_a_row

KEPT = 4096


def of_learners(learners: Iterable[Learner], *, base: str) -> SafeString:
    """For the overview. `base` stands before a learner's key in the address of their page; "": there is no page."""
    return in_a_row(_of_learner(learner, base) for learner in learners)


def of_grades(grades: Iterable[Grade], *, base: str, overwrite_url: str, may_overwrite: bool) -> SafeString:
    """For the gradebook's page. `may_overwrite`: whoever looks may send over a teacher's change."""
    return in_a_row(_of_grade(grade, base, overwrite_url, may_overwrite) for grade in grades)


def _of_learner(learner: Learner, base: str) -> SafeString:
    at = learner.last_activity_at
    holes = {
        **_name_holes(learner, base),
        "attempts": str(learner.attempts),
        "per_cent": "" if learner.per_cent is None else _rounded(learner.per_cent),
        "active_at": "" if at is None else _written(at),
        "active_words": "" if at is None else _words(at),
    }
    return fill(
        "reports/room/_learner_line.html",
        holes,
        **_same(learner, base),
        status=learner.status,
        has_left=learner.has_left_since,
        has_score=learner.per_cent is not None,
        has_passed=learner.has_passed,
        has_activity=at is not None,
    )


def _of_grade(grade: Grade, base: str, overwrite_url: str, may_overwrite: bool) -> SafeString:
    sent, observed = grade.sent_at, grade.observed_at
    holes = {
        **_name_holes(grade.learner, base),
        "wanted": grade.wanted_words,
        "sent": grade.sent_words,
        "sent_at": "" if sent is None else _written(sent),
        "sent_at_words": "" if sent is None else _words(sent),
        "observed": grade.observed_words,
        "observed_at": "" if observed is None else _written(observed),
        "observed_at_words": "" if observed is None else _words(observed),
        "overwrite_url": overwrite_url,
    }
    return fill(
        "reports/room/_grade_line.html",
        holes,
        **_same(grade.learner, base),
        has_left=grade.learner.has_left,
        state_words=grade.state_words,
        was_sent=sent is not None,
        was_observed=observed is not None,
        is_empty=grade.observed is None,
        may_overwrite=grade.is_changed and may_overwrite,
        may_resend=grade.may_resend,
    )


def _name_holes(learner: Learner, base: str) -> Mapping[str, str]:
    return {
        "learner_id": str(learner.id),
        "base": base,
        "name": learner.name,
        "email": learner.email,
        "groups": ", ".join(learner.groups),
    }


def _same(learner: Learner, base: str) -> Mapping[str, object]:
    return {
        "has_page": bool(base),
        "has_email": bool(learner.email),
        "has_groups": bool(learner.groups),
        "is_inactive": learner.is_inactive,
        "marks": learner.marks,
        "grade": learner.grade,
        "advice": learner.grade_advice,
    }


def _words(moment: datetime) -> str:
    return _in_words(moment.replace(second=0, microsecond=0), get_language())


@lru_cache(maxsize=KEPT)
def _in_words(minute: datetime, language: str | None) -> str:
    """As `player/moment.html` says it: to the minute, in UTC. The active language must be `language`."""
    return date_format(minute.astimezone(UTC), "DATETIME_FORMAT")


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@lru_cache(maxsize=KEPT)
def _rounded(per_cent: float) -> str:
    return str(floatformat(per_cent, 0))
