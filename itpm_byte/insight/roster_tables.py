"""The columns of the list of learners and of their grades, for files and the API."""

from django.utils.translation import gettext_lazy as _

from itpm_byte.insight.grade_sync import Grade
from itpm_byte.insight.roster import Learner, Marks
from itpm_byte.insight.tables import Column, Table

_MARKS = {
    "is_exempt": _("exempt"),
    "is_overridden": _("own grade"),
    "has_extra_attempts": _("more attempts"),
    "has_own_dates": _("own dates"),
    "has_accommodation": _("standing accommodation"),
}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _in_words(marks: Marks) -> str:
    return ", ".join(str(words) for name, words in _MARKS.items() if getattr(marks, name))


def _status(learner: Learner) -> str:
    label = str(learner.status.label)
    if learner.has_left_since:
        return f"{label} ({_('left the course since')})"
    return f"{label} ({_('suspended in the course')})" if learner.is_inactive else label


ROSTER: Table[Learner] = Table(
    "learners",
    (
        Column("name", _("Learner"), lambda one: one.name),
        Column("email", _("E-mail"), lambda one: one.email),
        Column("learner_id", _("Id in the learning platform"), lambda one: one.user.sub),
        Column("groups", _("Groups"), lambda one: ", ".join(one.groups)),
        Column("status", _("Status"), _status),
        Column("attempts", _("Attempts"), lambda one: one.attempts),
        Column("points", _("Points"), lambda one: one.points),
        Column("possible", _("Points possible"), lambda one: one.possible),
        Column("per_cent", _("Score in per cent"), lambda one: _rounded(one.per_cent)),
        Column("passed", _("Passed"), lambda one: one.has_passed),
        Column("started_at", _("Started (UTC)"), lambda one: one.started_at),
        Column("completed_at", _("Completed (UTC)"), lambda one: one.completed_at),
        Column("last_activity_at", _("Last activity (UTC)"), lambda one: one.last_activity_at),
        Column("grade", _("Grade"), lambda one: str(one.grade.label)),
        Column("advice", _("What to do"), lambda one: one.grade_advice),
        Column("arranged", _("Arranged"), lambda one: _in_words(one.marks)),
    ),
)


GRADES: Table[Grade] = Table(
    "grades",
    (
        Column("name", _("Learner"), lambda one: one.learner.name),
        Column("email", _("E-mail"), lambda one: one.learner.email),
        Column("learner_id", _("Id in the learning platform"), lambda one: one.learner.user.sub),
        Column("status", _("Status"), lambda one: _status(one.learner)),
        Column("wanted", _("Should show"), lambda one: one.wanted),
        Column("maximum", _("Of"), lambda one: one.maximum),
        Column("sent", _("Sent"), lambda one: one.sent),
        Column("sent_at", _("Sent at (UTC)"), lambda one: one.sent_at),
        Column("observed", _("Gradebook shows"), lambda one: one.observed),
        Column("observed_at", _("Looked at (UTC)"), lambda one: one.observed_at),
        Column("state", _("State"), lambda one: one.state_words),
        Column("advice", _("What to do"), lambda one: one.learner.grade_advice),
    ),
)
