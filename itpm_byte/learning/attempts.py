"""Learners answer. One transaction per answer, and whatever arrives twice is recorded once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from itpm_byte.learning import answer_key, progress
from itpm_byte.learning.answer_key import KeyQuestion
from itpm_byte.learning.errors import AttemptOutOfOrder, AttemptReset, Closed, NoAttemptLeft, NotOpenYet, VersionChanged
from itpm_byte.learning.marking import points_for
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from itpm_byte.learning.outcomes import Outcome, checked_answer, outcomes_of
from itpm_byte.learning.sheets import Sheet, Work, read_work
from itpm_byte.learning.terms import Terms
from lti import metrics
from lti.models import PlatformUser
from lti.prepared import insert, update
from lti.rows import new


def start(placement: Placement, learner: PlatformUser, *, now: datetime) -> Attempt:
    """Begin the next attempt, or go on with the open one: there is never more than one.

    Raises AnonymousLearner, NotOpenYet, Closed, NoAttemptLeft.
    """
    with transaction.atomic():
        row = progress.lock(placement, learner, now=now)
        work = read_work(placement, learner)
        if work.open_sheet is not None:
            return work.open_sheet.attempt
        attempt = _new_sheet(placement, learner, work, now=now).attempt
        attempt.save()
        row.last_activity_at = now
        update(row, "last_activity_at")
    return attempt


def answer(
    placement: Placement,
    learner: PlatformUser,
    *,
    attempt_number: int,
    question_key: str,
    choice_keys: Iterable[str],
    now: datetime,
    byte_version: int | None = None,
) -> Outcome:
    """Record one answer; the attempt starts with its first answer and is submitted with its last.

    An answer is final in its attempt. The same attempt number and question again (double click, second tab, a retry
    after a lost response) records nothing and tells what was recorded, also after closing: Outcome.is_repeat, and
    is_other_choice when the choice differs. With the submit come points, Progress, and the grade for the LMS.
    `byte_version` is Byte.version as the page showed it: an attempt never starts on a version that nobody read.
    Raises AnonymousLearner and the kinds of AnswerRefused.
    """
    with transaction.atomic():
        row = progress.lock(placement, learner, now=now)
        work = read_work(placement, learner)
        sheet = work.sheet_of(attempt_number)
        if sheet is not None and sheet.is_voided:
            raise AttemptReset
        if sheet is not None and question_key in sheet.answers:
            return _repeat(sheet, work, placement, question_key, choice_keys, now=now)
        if sheet is None:
            _check_number(attempt_number, work)
            sheet = _new_sheet(placement, learner, work, now=now)
            if byte_version is not None and byte_version != placement.byte.version:
                raise VersionChanged
        _check_dates(work.terms, now=now)
        question, chosen = checked_answer(sheet.attempt.byte, question_key, choice_keys)
        sheet = _record(sheet, question, chosen, now=now)
        work = work.with_sheet(sheet)
        _update_progress(row, placement, learner, work, is_finished=not sheet.is_open, now=now)
        return outcomes_of(sheet, work, placement, now=now)[question_key]


def _repeat(
    sheet: Sheet,
    work: Work,
    placement: Placement,
    question_key: str,
    choice_keys: Iterable[str],
    *,
    now: datetime,
) -> Outcome:
    stored = outcomes_of(sheet, work, placement, now=now)[question_key]
    is_other = frozenset(choice_keys) != sheet.answers[question_key]
    return replace(stored, is_repeat=True, is_other_choice=is_other)


def _check_number(attempt_number: int, work: Work) -> None:
    """Only the next number may begin, and only when no attempt is open."""
    if attempt_number != work.next_number or work.open_sheet is not None:
        raise AttemptOutOfOrder


def _check_dates(terms: Terms, *, now: datetime) -> None:
    if not terms.is_open_yet(now):
        raise NotOpenYet
    if terms.is_closed(now):
        raise Closed


def _new_sheet(placement: Placement, learner: PlatformUser, work: Work, *, now: datetime) -> Sheet:
    """The next attempt, not yet saved."""
    _check_dates(work.terms, now=now)
    if not work.has_attempt_left:
        raise NoAttemptLeft
    attempt = new(
        Attempt,
        placement=placement,
        learner=learner,
        byte=placement.byte,
        number=work.next_number,
        started_at=now,
        points_possible=placement.byte.points_possible,
    )
    return Sheet(attempt, {})


def _record(sheet: Sheet, question: KeyQuestion, chosen: frozenset[str], *, now: datetime) -> Sheet:
    """Save the responses, and the attempt as submitted when this was its last question."""
    sheet = sheet.with_answer(question.key, chosen)
    attempt, key = sheet.attempt, answer_key.of(sheet.attempt.byte)
    if key.keys() <= sheet.answers.keys():
        attempt.submitted_at = now
        attempt.points = points_for(key, sheet.answers)
    if attempt._state.adding:
        insert(attempt)
    elif attempt.submitted_at is not None:
        update(attempt, "submitted_at", "points")
    for choice in question.choices.values():
        if choice.key in chosen:
            insert(new(Response, attempt=attempt, question_id=question.id, choice_id=choice.id, answered_at=now))
    return sheet


def _update_progress(
    row: Progress,
    placement: Placement,
    learner: PlatformUser,
    work: Work,
    *,
    is_finished: bool,
    now: datetime,
) -> None:
    row.last_activity_at = now
    if is_finished:
        metrics.SUBMITS.labels(placement.grade_on).inc()
        progress.recount(row, placement, learner, work, now=now)
    else:
        update(row, "last_activity_at")
