"""From the counted attempts to the gradebook: what `lti.grades.scores` is asked to send, in words and numbers."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import Counted, in_words
from itpm_byte.learning.sheets import Sheet
from lti.grades import scores
from lti.models import PlatformUser, Score


def write_down(
    placement: Placement,
    learner: PlatformUser,
    sheets: Sequence[Sheet],
    grade: Counted,
    *,
    is_news: bool,
    now: datetime,
) -> None:
    """Queue the counted grade, part of the caller's transaction.

    Points are raw and `grade.possible` is the maximum of the counted version, never of an attempt. A grade that was
    written down before (`is_news` False) is not sent again, but one that got lost is.
    """
    if not is_news and _is_written_down(placement, learner, grade):
        return
    attempt = _shown_attempt(sheets, grade)
    scores.queue(
        resource_link=placement.resource_link,
        user=learner,
        score_given=grade.points,
        score_maximum=Decimal(grade.possible),
        activity_progress="Completed",
        grading_progress="FullyGraded",
        started_at=attempt.started_at,
        submitted_at=attempt.submitted_at,
        comment=comment(placement, sheets, grade),
        now=now,
    )


def comment(placement: Placement, sheets: Sequence[Sheet], grade: Counted) -> str:
    """For the gradebook, in words: which attempt counts, and its points."""
    if placement.grade_on == Placement.GradeOn.COMPLETION:
        return _("Completed.")
    words = _which_counts(placement, sheets, grade)
    if placement.grade_on == Placement.GradeOn.BOTH:
        return _("Half for completing, half for the answers. %(words)s") % {"words": words}
    return words


def _which_counts(placement: Placement, sheets: Sequence[Sheet], grade: Counted) -> str:
    points = {"points": in_words(grade.points), "possible": grade.possible}
    submitted = sum(not sheet.is_open for sheet in sheets)
    if grade.number is None:
        return _("Average of %(count)s attempts: %(points)s of %(possible)s") % {**points, "count": submitted}
    if placement.attempts_allowed is None:
        return _("Attempt %(number)s counts: %(points)s of %(possible)s") % {**points, "number": grade.number}
    numbers = {"number": grade.number, "allowed": max(placement.attempts_allowed, submitted)}
    return _("Attempt %(number)s of %(allowed)s counts: %(points)s of %(possible)s") % {**points, **numbers}


def _shown_attempt(sheets: Sequence[Sheet], grade: Counted) -> Attempt:
    """The attempt whose times the gradebook shows: the one that counts, or the newest when all do."""
    submitted = [sheet.attempt for sheet in sheets if not sheet.is_open]
    return next((attempt for attempt in submitted if attempt.number == grade.number), submitted[-1])


def _is_written_down(placement: Placement, learner: PlatformUser, grade: Counted) -> bool:
    return Score.objects.filter(
        line_item__resource_link=placement.resource_link_id,
        user=learner,
        score_given=grade.points,
        score_maximum=grade.possible,
    ).exists()
