"""The one row per learner and placement that pages and reports read, and the lock that all happenings take first.

Lock order everywhere: Progress → attempts → score. The row is made by the first happening.

`completed_at` is when the learner first submitted an attempt, that is, had answered all questions once. Sections seen
are kept beside it and are not part of completion: a page without JavaScript can't report them.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from itpm_byte.content.reading import rendered
from itpm_byte.learning import grades
from itpm_byte.learning.errors import AnonymousLearner
from itpm_byte.learning.models import Placement, Progress
from itpm_byte.learning.scoring import Counted, counted
from itpm_byte.learning.sheets import Sheet, read_sheets
from lti.grades.scores import NotGradable
from lti.models import PlatformUser
from lti.prepared import Prepared, insert_unless_there, update


def _rows_to_lock(placement: Any, learner: Any) -> QuerySet[Progress]:
    return Progress.objects.select_for_update().filter(placement=placement, learner=learner)


_locked = Prepared(_rows_to_lock, placement=Placement._meta.pk, learner=PlatformUser._meta.pk)
_shared = Prepared(
    lambda pk: Placement.objects.select_for_update(no_key=True).only("pk").filter(pk=pk), pk=Placement._meta.pk
)


def lock(placement: Placement, learner: PlatformUser, *, now: datetime) -> Progress:
    """The learner's row, locked until the transaction ends; made when there is none. Raises AnonymousLearner."""
    if learner.is_anonymous:
        raise AnonymousLearner
    mine = {"placement": placement.pk, "learner": learner.pk}
    found = _locked.first(**mine)
    if found is None:
        # Waits for a change of settings, whose recount could not see a row that is not there yet.
        _shared.first(pk=placement.pk)
        found = Progress(placement=placement, learner=learner, started_at=now, last_activity_at=now)
        if not insert_unless_there(found):
            found = _locked.rows(**mine)[0]  # another tab was quicker
    return found


def mark_seen(
    placement: Placement, learner: PlatformUser, section_ids: Iterable[str], *, now: datetime
) -> tuple[str, ...]:
    """Remember sections as seen; answers all seen ones. Ids that the Byte does not have are left out.

    Sections are only ever added. One query and no lock when nothing is new.
    """
    if learner.is_anonymous:
        raise AnonymousLearner
    known = rendered(placement.byte).section_ids
    wanted = set(section_ids).intersection(known)
    stored = Progress.objects.filter(placement=placement, learner=learner).values_list("seen_sections", flat=True)
    seen: list[str] = stored.first() or []
    if wanted <= set(seen):
        return tuple(seen)
    with transaction.atomic():
        progress = lock(placement, learner, now=now)
        new = wanted.difference(progress.seen_sections)
        progress.seen_sections = [*progress.seen_sections, *(key for key in known if key in new)]
        progress.last_activity_at = now
        progress.save(update_fields=["seen_sections", "last_activity_at"])
    return tuple(progress.seen_sections)


def recount(
    progress: Progress, placement: Placement, learner: PlatformUser, sheets: Sequence[Sheet], *, now: datetime
) -> None:
    """Make the row say what the attempts say, and write the grade down for the LMS. The row must be locked."""
    results = [sheet.result for sheet in sheets if sheet.result is not None]
    grade = counted(results, which_counts=placement.which_counts, grade_on=placement.grade_on)
    is_news = grade is not None and not _is_in(progress, grade)
    progress.attempts_submitted = len(results)
    progress.counted_points = grade.points if grade else None
    progress.counted_possible = grade.possible if grade else None
    progress.completed_at = min((_submitted_at(sheet) for sheet in sheets if not sheet.is_open), default=None)
    update(progress, "last_activity_at", "attempts_submitted", "counted_points", "counted_possible", "completed_at")
    if grade is not None:
        grades.write_down(placement, learner, sheets, grade, is_news=is_news, now=now)


def recount_all(placement: Placement, *, now: datetime) -> int:
    """After a setting changed what counts: every learner's row and grade anew. How many rows that were.

    Belongs into the transaction that saves the setting. Answers that are on their way wait, or are waited for.
    """
    with transaction.atomic():
        rows = Progress.objects.select_for_update(of=("self",)).filter(placement=placement)
        done = 0
        for progress in rows.select_related("learner").order_by("pk"):
            sheets = read_sheets(placement, progress.learner)
            # Who teaches by now keeps the attempts, but gets no new grade.
            with suppress(NotGradable):
                recount(progress, placement, progress.learner, sheets, now=now)
            done += 1
    return done


def _is_in(progress: Progress, grade: Counted) -> bool:
    return (progress.counted_points, progress.counted_possible) == (grade.points, grade.possible)


def _submitted_at(sheet: Sheet) -> datetime:
    if sheet.attempt.submitted_at is None:
        raise ValueError("the attempt is open")
    return sheet.attempt.submitted_at
