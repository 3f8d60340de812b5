"""From the counted attempts to the gradebook: what `lti.grades.scores` is asked to send, in words and numbers."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.scoring import Counted, counted, in_words
from itpm_byte.learning.sheets import Work
from lti.grades import scores
from lti.models import PlatformUser, Score


def of(placement: Placement, work: Work) -> Counted | None:
    """What counts for this learner; None when nothing does.

    Exempt goes before a teacher's own grade, and that before what the attempts make.
    """
    if work.terms.is_exempt:
        return None
    if work.terms.override is not None:
        return work.terms.override
    return counted(work.results, which_counts=placement.which_counts, grade_on=placement.grade_on)


def write_down(
    placement: Placement, learner: PlatformUser, work: Work, grade: Counted, *, is_news: bool, now: datetime
) -> None:
    """Queue the counted grade, part of the caller's transaction.

    Points are raw and `grade.possible` is the maximum of the counted version, never of an attempt. A grade that was
    written down before (`is_news` False) is not sent again, but one that got lost is.
    """
    if not is_news and _is_written_down(placement, learner, grade):
        return
    attempt = _shown_attempt(work, grade)
    scores.queue(
        resource_link=placement.resource_link,
        user=learner,
        score_given=grade.points,
        score_maximum=Decimal(grade.possible),
        activity_progress="Completed",
        grading_progress="FullyGraded",
        started_at=attempt.started_at if attempt else None,
        submitted_at=attempt.submitted_at if attempt else None,
        comment=comment(placement, work, grade),
        now=now,
    )


def take_back(placement: Placement, learner: PlatformUser, *, now: datetime) -> None:
    """Nothing counts any more: what we had put into the gradebook is taken out again (AGS-24).

    Another grade than ours stays there: the worker looks before it clears (AGS-31).
    """
    mine = Score.objects.filter(line_item__resource_link=placement.resource_link_id, user=learner)
    score = mine.exclude(score_given=None).first()
    if score is not None:
        scores.clear(resource_link=placement.resource_link, user=learner, score_maximum=score.score_maximum, now=now)


def comment(placement: Placement, work: Work, grade: Counted) -> str:
    """For the gradebook, in words: which attempt counts, and its points."""
    if work.terms.override is not None:
        return _("Set by the teacher: %(points)s of %(possible)s") % _worth(grade)
    if placement.grade_on == Placement.GradeOn.COMPLETION:
        return _("Completed.")
    words = _which_counts(work, grade)
    if placement.grade_on == Placement.GradeOn.BOTH:
        return _("Half for completing, half for the answers. %(words)s") % {"words": words}
    return words


def _worth(grade: Counted) -> dict[str, object]:
    return {"points": in_words(grade.points), "possible": grade.possible}


def _which_counts(work: Work, grade: Counted) -> str:
    points, submitted, allowed = _worth(grade), len(work.submitted), work.terms.attempts_allowed
    if grade.number is None:
        return _("Average of %(count)s attempts: %(points)s of %(possible)s") % {**points, "count": submitted}
    allowed = None if allowed is None else max(allowed, submitted)
    # After a reset numbers may go beyond what is allowed.
    if allowed is None or grade.number > allowed:
        return _("Attempt %(number)s counts: %(points)s of %(possible)s") % {**points, "number": grade.number}
    numbers = {"number": grade.number, "allowed": allowed}
    return _("Attempt %(number)s of %(allowed)s counts: %(points)s of %(possible)s") % {**points, **numbers}


def _shown_attempt(work: Work, grade: Counted) -> Attempt | None:
    """The attempt whose times the gradebook shows: the one that counts, or the newest when all do or none does."""
    submitted = [sheet.attempt for sheet in work.submitted]
    newest = submitted[-1] if submitted else None
    return next((attempt for attempt in submitted if attempt.number == grade.number), newest)


def _is_written_down(placement: Placement, learner: PlatformUser, grade: Counted) -> bool:
    return Score.objects.filter(
        line_item__resource_link=placement.resource_link_id,
        user=learner,
        score_given=grade.points,
        score_maximum=grade.possible,
    ).exists()
