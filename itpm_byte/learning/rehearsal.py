"""The page as a learner who has not begun would find it, for people whose answers are not kept: nothing is written.

Attempts, dates and what is revealed are as the activity says, decided by the rules that hold for learners.
"""

from collections.abc import Iterable
from dataclasses import replace

from itpm_byte.learning import answer_key, marking
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.models import Attempt
from itpm_byte.learning.outcomes import checked_answer
from itpm_byte.learning.sheets import Sheet, Work
from itpm_byte.learning.terms import Terms


def begin(desk: Desk) -> Desk:
    """Nothing read or answered, nothing arranged: as for everybody."""
    at = desk.placement
    terms = Terms(attempts_allowed=at.attempts_allowed, opens_at=at.opens_at, due_at=at.due_at, closes_at=at.closes_at)
    return replace(desk, byte=at.byte, progress=None, feedback=None, score=None, work=Work((), terms))


def answer(desk: Desk, question_key: str, choice_keys: Iterable[str]) -> Desk:
    """The fresh desk after this one answer in a first attempt. Raises as `attempts.answer` does."""
    if desk.refusal is not None:
        raise desk.refusal
    question, chosen = checked_answer(desk.byte, question_key, choice_keys)
    attempt = Attempt(
        placement=desk.placement,
        byte=desk.byte,
        number=1,
        started_at=desk.now,
        points_possible=desk.byte.points_possible,
    )
    sheet, key = Sheet(attempt, {question.key: chosen}), answer_key.of(desk.byte)
    if len(key) == 1:
        attempt.submitted_at, attempt.points = desk.now, marking.points_for(key, sheet.answers)
    return replace(desk, work=desk.work.with_sheet(sheet))
