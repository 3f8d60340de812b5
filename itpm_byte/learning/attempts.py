"""Learners answer. One transaction per answer, and whatever arrives twice is recorded once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from itpm_byte.learning import answer_key, progress
from itpm_byte.learning.answer_key import KeyQuestion
from itpm_byte.learning.errors import AttemptOutOfOrder, Closed, NoAttemptLeft, NotOpenYet, VersionChanged
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from itpm_byte.learning.outcomes import Outcome, checked_answer, outcomes_of, points_of
from itpm_byte.learning.sheets import (
    Sheet,
    has_attempt_left,
    is_closed,
    is_open_yet,
    next_number,
    open_sheet,
    read_sheets,
    sheet_of,
)
from lti import metrics
from lti.models import PlatformUser
from lti.prepared import insert, update


def start(placement: Placement, learner: PlatformUser, *, now: datetime) -> Attempt:
    """Begin the next attempt, or go on with the open one: there is never more than one.

    Raises AnonymousLearner, NotOpenYet, Closed, NoAttemptLeft.
    """
    with transaction.atomic():
        row = progress.lock(placement, learner, now=now)
        sheets = read_sheets(placement, learner)
        current = open_sheet(sheets)
        if current is not None:
            return current.attempt
        attempt = _new_sheet(placement, learner, sheets, now=now).attempt
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
        sheets = read_sheets(placement, learner)
        sheet = sheet_of(sheets, attempt_number)
        if sheet is not None and question_key in sheet.answers:
            return _repeat(sheet, sheets, placement, question_key, choice_keys, now=now)
        if sheet is None:
            _check_number(attempt_number, sheets)
            sheet = _new_sheet(placement, learner, sheets, now=now)
            if byte_version is not None and byte_version != placement.byte.version:
                raise VersionChanged
        _check_dates(placement, now=now)
        question, chosen = checked_answer(sheet.attempt.byte, question_key, choice_keys)
        sheet = _record(sheet, question, chosen, now=now)
        sheets = (*(other for other in sheets if other.attempt.number != attempt_number), sheet)
        _update_progress(row, placement, learner, sheets, is_finished=not sheet.is_open, now=now)
        return outcomes_of(sheet, sheets, placement, now=now)[question_key]


def _repeat(
    sheet: Sheet,
    sheets: Sequence[Sheet],
    placement: Placement,
    question_key: str,
    choice_keys: Iterable[str],
    *,
    now: datetime,
) -> Outcome:
    stored = outcomes_of(sheet, sheets, placement, now=now)[question_key]
    is_other = frozenset(choice_keys) != sheet.answers[question_key]
    return replace(stored, is_repeat=True, is_other_choice=is_other)


def _check_number(attempt_number: int, sheets: Sequence[Sheet]) -> None:
    """Only the next number may begin, and only when no attempt is open."""
    if attempt_number != next_number(sheets) or open_sheet(sheets) is not None:
        raise AttemptOutOfOrder


def _check_dates(placement: Placement, *, now: datetime) -> None:
    if not is_open_yet(placement, now):
        raise NotOpenYet
    if is_closed(placement, now):
        raise Closed


def _new_sheet(placement: Placement, learner: PlatformUser, sheets: Sequence[Sheet], *, now: datetime) -> Sheet:
    """The next attempt, not yet saved."""
    _check_dates(placement, now=now)
    if not has_attempt_left(placement, sheets):
        raise NoAttemptLeft
    attempt = Attempt(
        placement=placement,
        learner=learner,
        byte=placement.byte,
        number=next_number(sheets),
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
        attempt.points = sum((points_of(key[name], sheet.answers[name]) for name in key), Decimal(0))
    if attempt._state.adding:
        insert(attempt)
    elif attempt.submitted_at is not None:
        update(attempt, "submitted_at", "points")
    for choice in question.choices.values():
        if choice.key in chosen:
            insert(Response(attempt=attempt, question_id=question.id, choice_id=choice.id, answered_at=now))
    return sheet


def _update_progress(
    row: Progress,
    placement: Placement,
    learner: PlatformUser,
    sheets: Sequence[Sheet],
    *,
    is_finished: bool,
    now: datetime,
) -> None:
    row.last_activity_at = now
    if is_finished:
        metrics.SUBMITS.labels(placement.grade_on).inc()
        progress.recount(row, placement, learner, sheets, now=now)
    else:
        update(row, "last_activity_at")
