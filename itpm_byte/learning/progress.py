"""The one row per learner and placement that pages and reports read, and the lock that all happenings take first.

Lock order everywhere: Progress → attempts → score. The row is made by the first happening: mostly the learner's, but a
teacher's own grade may come before that, and then the row says that nothing was begun (`started_at` is NULL).

`completed_at` is when the learner first submitted an attempt, that is, had answered all questions once. Sections seen
are kept beside it and are not part of completion: a page without JavaScript can't report them.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from itpm_byte.content.reading import rendered
from itpm_byte.learning import grades
from itpm_byte.learning.errors import AnonymousLearner
from itpm_byte.learning.models import Placement, Progress
from itpm_byte.learning.scoring import Counted
from itpm_byte.learning.sheets import Sheet, Work, read_work
from lti.grades.scores import NotGradable
from lti.models import PlatformUser
from lti.prepared import Prepared, insert, insert_unless_there, update
from lti.rows import new


def _rows_to_lock(placement: Any, learner: Any) -> QuerySet[Progress]:
    return Progress.objects.select_for_update().filter(placement=placement, learner=learner)


def _placement_to_lock(pk: Any) -> QuerySet[Placement]:
    return Placement.objects.select_for_update(no_key=True).only("pk").filter(pk=pk)


_locked = Prepared(_rows_to_lock, placement=Placement._meta.pk, learner=PlatformUser._meta.pk)
_held = Prepared(_placement_to_lock, pk=Placement._meta.pk)
_shared = Prepared(_placement_to_lock, shares=True, pk=Placement._meta.pk)


def lock(placement: Placement, learner: PlatformUser, *, now: datetime) -> Progress:
    """The learner's row, locked until the transaction ends; made when there is none. Raises AnonymousLearner."""
    if learner.is_anonymous:
        raise AnonymousLearner
    found = _locked.first(placement=placement.pk, learner=learner.pk)
    if found is None:
        # Waits for a change of settings, whose recount could not see a row that is not there yet; not for others who
        # begin, or a class would answer one after the other.
        _shared.first(pk=placement.pk)
        found = new(Progress, placement=placement, learner=learner, started_at=now, last_activity_at=now)
        if not insert_unless_there(found):
            found = _locked.rows(placement=placement.pk, learner=learner.pk)[0]  # another tab was quicker
    if found.started_at is None:
        found.started_at = found.last_activity_at = now
        update(found, "started_at", "last_activity_at")
    return found


def hold(placement: Placement) -> None:
    """Until the transaction ends nobody's first row is made, and no setting changed."""
    _held.rows(pk=placement.pk)


def lock_if_there(placement: Placement, learner: PlatformUser) -> Progress | None:
    """The learner's row, locked until the transaction ends, as it is; None if nobody made it yet."""
    return _locked.first(placement=placement.pk, learner=learner.pk)


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


def recount(progress: Progress, placement: Placement, learner: PlatformUser, work: Work, *, now: datetime) -> None:
    """Make the row say what the attempts say, and what a teacher arranged, and write the grade down for the LMS.

    The row must be locked.
    """
    grade = grades.of(placement, work)
    is_news = not _is_in(progress, grade)
    progress.attempts_submitted = len(work.submitted)
    progress.counted_points = grade.points if grade else None
    progress.counted_possible = grade.possible if grade else None
    progress.completed_at = min((_submitted_at(sheet) for sheet in work.submitted), default=None)
    update(progress, "last_activity_at", "attempts_submitted", "counted_points", "counted_possible", "completed_at")
    if grade is not None:
        grades.write_down(placement, learner, work, grade, is_news=is_news, now=now)
    elif is_news:
        grades.take_back(placement, learner, now=now)


def recount_one(placement: Placement, learner: PlatformUser, *, now: datetime) -> None:
    """After something that a teacher arranged or took back: this learner's row and grade anew.

    Belongs into the transaction of that deed, which holds the placement (`hold`). The row is made if there is a grade.
    """
    progress = lock_if_there(placement, learner)
    work = read_work(placement, learner)
    if progress is None:
        if grades.of(placement, work) is None:
            return
        progress = insert(new(Progress, placement=placement, learner=learner))
    recount(progress, placement, learner, work, now=now)


def recount_all(placement: Placement, *, now: datetime) -> int:
    """After a setting changed what counts: every learner's row and grade anew. How many rows that were.

    Belongs into the transaction that saves the setting. Answers that are on their way wait, or are waited for.
    """
    with transaction.atomic():
        rows = Progress.objects.select_for_update(of=("self",)).filter(placement=placement)
        done = 0
        for progress in rows.select_related("learner").order_by("pk"):
            work = read_work(placement, progress.learner)
            # Who teaches by now keeps the attempts, but gets no new grade.
            with suppress(NotGradable):
                recount(progress, placement, progress.learner, work, now=now)
            done += 1
    return done


def _is_in(progress: Progress, grade: Counted | None) -> bool:
    return (progress.counted_points, progress.counted_possible) == (
        (grade.points, grade.possible) if grade else (None, None)
    )


def _submitted_at(sheet: Sheet) -> datetime:
    if sheet.attempt.submitted_at is None:
        raise ValueError("the attempt is open")
    return sheet.attempt.submitted_at
