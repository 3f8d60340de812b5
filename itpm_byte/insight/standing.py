"""How far a learner is at a placement and how the grade fares, as columns beside each row of `roster.learners`."""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower, NullIf
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning.models import StandingAccommodation
from lti.grades import scores
from lti.models import Membership, PlatformUser, Score


class Status(TextChoices):
    NOT_STARTED = "not_started", _("not started")
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", _("completed")
    # Without completing: who completed stays completed, and `has_left` says the rest.
    LEFT = "left", _("left the course")


class GradeState(TextChoices):
    NONE = "none", _("no grade yet")
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    ATTENTION = "attention", _("needs attention")


RANKS: dict[str, tuple[str, ...]] = {
    "status": (Status.NOT_STARTED, Status.IN_PROGRESS, Status.COMPLETED, Status.LEFT),
    "grade": (GradeState.ATTENTION, GradeState.WAITING, GradeState.SENT, GradeState.NONE),
}


def with_standing(rows: QuerySet[PlatformUser], *, context: Any, pass_mark: Any) -> QuerySet[PlatformUser]:
    """`rows` have the relations seat, own_progress, own_arrangement and own_score, each at most one row.

    `context` (a key, or None) and `pass_mark` (per cent) are values or slots (lti.prepared).
    """
    return _with_grade(_with_progress(_with_arrangement(rows, context), pass_mark))


def ranked(rows: QuerySet[PlatformUser], name: str) -> QuerySet[PlatformUser]:
    """With `status_rank` or `grade_rank`, for sorting; a `name` without a rank changes nothing."""
    return rows.annotate(**{f"{name}_rank": _rank(name, RANKS[name])}) if name in RANKS else rows


def _with_arrangement(rows: QuerySet[PlatformUser], context: Any) -> QuerySet[PlatformUser]:
    has_dates = Q(own_arrangement__opens_at__isnull=False) | Q(own_arrangement__due_at__isnull=False)
    return rows.annotate(
        is_exempt=flag(Q(own_arrangement__is_exempt=True)),
        is_overridden=flag(Q(own_arrangement__override_points__isnull=False)),
        has_extra_attempts=flag(Q(own_arrangement__extra_attempts__gt=0)),
        has_own_dates=flag(has_dates | Q(own_arrangement__closes_at__isnull=False)),
        has_accommodation=Exists(StandingAccommodation.objects.filter(context=context, learner=OuterRef("pk"))),
    )


def _with_progress(rows: QuerySet[PlatformUser], pass_mark: Any) -> QuerySet[PlatformUser]:
    rows = rows.annotate(
        seat_status=F("seat__status"),
        has_left=has_left(),
        progress_started_at=F("own_progress__started_at"),
        progress_completed_at=F("own_progress__completed_at"),
        progress_last_activity_at=F("own_progress__last_activity_at"),
        attempts_done=Coalesce(F("own_progress__attempts_submitted"), Value(0)),
        # A teacher's own grade goes before what the attempts make.
        points=Coalesce(F("own_arrangement__override_points"), F("own_progress__counted_points")),
        possible=Coalesce(F("own_arrangement__override_possible"), F("own_progress__counted_possible")),
        status=status_of("own_progress__"),
        sort_name=Lower(Coalesce(NullIf(F("name"), Value("")), F("email"))),
    )
    per_cent = ExpressionWrapper(F("points") * 100.0 / F("possible"), FloatField())
    return rows.annotate(
        # None for who is exempt: what an exempt learner did does not count.
        share=Case(When(is_exempt=False, then=per_cent), default=None, output_field=FloatField()),
        has_passed=Case(
            When(Q(is_exempt=True) | Q(points__isnull=True), then=None),
            When(GreaterThanOrEqual(_exact(F("points") * 100), _exact(F("possible") * pass_mark)), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )


def _with_grade(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    return rows.annotate(
        score_state=F("own_score__state"),
        score_error=F("own_score__last_error"),
        is_missing=flag(_missing("own_score__")),
        grade=grade_state("own_score__"),
    )


def status_of(progress: str | None) -> Case:
    """What a status means, on every page, in files and in the API. Rows have the relation `seat`, which may be missing.

    `progress` stands before the fields of learning.Progress, which may be missing, too; None: nobody began.
    """
    left = When(seat__status=Membership.Status.LEFT, then=Value(Status.LEFT))
    if progress is None:
        return Case(left, default=Value(Status.NOT_STARTED))
    return Case(
        When(**{f"{progress}completed_at__isnull": False}, then=Value(Status.COMPLETED)),
        left,
        # A teacher may give a grade before the learner comes: then it is NULL.
        When(**{f"{progress}started_at__isnull": False}, then=Value(Status.IN_PROGRESS)),
        default=Value(Status.NOT_STARTED),
    )


def has_left() -> Case:
    """Whether somebody left the course, also after completing. Rows have the relation `seat`, which may be missing."""
    return flag(Q(seat__status=Membership.Status.LEFT))


def grade_state(score: str = "") -> Case:
    """How the grade fares. `score` stands before the fields of lti.Score, which may be missing.

    As `lti.grades.scores.status_of` says it: a mere "started" is no grade yet.
    """
    no_grade = Q(**{f"{score}score_given__isnull": True, f"{score}sent_given__isnull": True}) & ~Q(
        **{f"{score}grading_progress": scores.FINAL}
    )
    return Case(
        When(Q(**{f"{score}pk__isnull": True}) | no_grade, then=Value(GradeState.NONE)),
        When(Q(**{f"{score}state": Score.State.DUE}), then=Value(GradeState.WAITING)),
        When(_missing(score), then=Value(GradeState.ATTENTION)),
        When(Q(**{f"{score}state": Score.State.SENT}), then=Value(GradeState.SENT)),
        default=Value(GradeState.ATTENTION),
    )


def _missing(score: str) -> Q:
    """It was sent, and the gradebook, asked later, showed an empty cell."""
    was_sent = Q(**{f"{score}state__in": [Score.State.SENT, Score.State.CHANGED], f"{score}sent_given__isnull": False})
    is_empty = Q(**{f"{score}observed__isnull": True, f"{score}observed_at__gte": F(f"{score}sent_at")})
    return was_sent & is_empty


def _exact(expression: Combinable) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(expression, DecimalField(max_digits=16, decimal_places=4))


def flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _rank(name: str, values: Any) -> Case:
    whens = (When(**{name: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*whens, default=Value(len(values)))
