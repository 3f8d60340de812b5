"""What a learner is told about an answer: never more than the placement reveals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from itpm_byte.content.models import Byte
from itpm_byte.learning import answer_key, marking
from itpm_byte.learning.answer_key import KeyQuestion
from itpm_byte.learning.errors import AnswerIncomplete, TooManyChoices, UnknownChoice, UnknownQuestion
from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.learning.sheets import Sheet, Work


@dataclass(frozen=True, slots=True)
class ChoiceFeedback:
    """The author's words (Markdown) about one chosen option."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answered question.

    `attempt` is None in a preview. `points` has four places. `feedback` is for the chosen options, in the file's order.
    `explanation` is Markdown, '' when there is none or it is not revealed; `correct_keys` is None when not revealed.
    `is_finished`: the attempt is submitted. `is_repeat`: this answer was there already and nothing was recorded now;
    `is_other_choice`: the repeat chose other options than those recorded, which `chosen_keys` holds.
    """

    attempt: Attempt | None
    question_key: str
    chosen_keys: tuple[str, ...]
    is_correct: bool
    points: Decimal
    points_possible: int
    feedback: tuple[ChoiceFeedback, ...]
    explanation: str
    correct_keys: tuple[str, ...] | None
    is_finished: bool
    is_repeat: bool = False
    is_other_choice: bool = False


def preview(byte: Byte, question_key: str, choice_keys: Iterable[str]) -> Outcome:
    """What a learner would be told when everything is revealed. Writes nothing. Raises as attempts.answer does."""
    question, chosen = checked_answer(byte, question_key, choice_keys)
    is_finished = len(answer_key.of(byte)) == 1
    return _outcome(None, question, chosen, is_revealed=True, is_finished=is_finished)


def in_full(attempt: Attempt, answers: Mapping[str, frozenset[str]]) -> dict[str, Outcome]:
    """Everything about the answered questions of one attempt, whatever the placement reveals: for those who teach."""
    key, is_finished = marking.key_for(attempt), attempt.submitted_at is not None
    return {
        question.key: _outcome(attempt, question, answers[question.key], is_revealed=True, is_finished=is_finished)
        for question in key.values()
        if answers.get(question.key)
    }


def outcomes_of(sheet: Sheet, work: Work, placement: Placement, *, now: datetime) -> dict[str, Outcome]:
    """Outcomes of all answered questions of one attempt by question key, in the file's order.

    `work` is the learner's at the placement, this sheet among it.
    """
    is_shown = is_revealed(sheet, work, placement, now=now)
    return {
        question.key: _outcome(
            sheet.attempt, question, sheet.answers[question.key], is_revealed=is_shown, is_finished=not sheet.is_open
        )
        for question in marking.key_for(sheet.attempt).values()
        if question.key in sheet.answers
    }


def is_revealed(sheet: Sheet, work: Work, placement: Placement, *, now: datetime) -> bool:
    """Whether right answers and explanations of this attempt's answered questions are shown.

    'after_last': when no further answer is possible (attempts used up, or closed, for this learner), or the learner
    has once had all right in this version, in an attempt that counts.
    """
    if placement.reveal == Placement.Reveal.NEVER:
        return False
    if placement.reveal == Placement.Reveal.AFTER_ANSWER:
        return True
    is_over = work.terms.is_closed(now) or (not work.has_attempt_left and work.open_sheet is None)
    return is_over or any(other.is_perfect and other.attempt.byte_id == sheet.attempt.byte_id for other in work.sheets)


def checked_answer(byte: Byte, question_key: str, choice_keys: Iterable[str]) -> tuple[KeyQuestion, frozenset[str]]:
    """The question and the set of chosen options.

    Raises UnknownQuestion, AnswerIncomplete, UnknownChoice, TooManyChoices.
    """
    question = answer_key.of(byte).get(question_key)
    if question is None:
        raise UnknownQuestion
    chosen = frozenset(choice_keys)
    if not chosen:
        raise AnswerIncomplete
    if not chosen <= question.choices.keys():
        raise UnknownChoice
    if question.kind == "single" and len(chosen) > 1:
        raise TooManyChoices
    return question, chosen


def _outcome(
    attempt: Attempt | None, question: KeyQuestion, chosen: frozenset[str], *, is_revealed: bool, is_finished: bool
) -> Outcome:
    in_order = [choice for choice in question.choices.values() if choice.key in chosen]
    correct = tuple(choice.key for choice in question.choices.values() if choice.is_correct)
    return Outcome(
        attempt=attempt,
        question_key=question.key,
        chosen_keys=tuple(choice.key for choice in in_order),
        is_correct=chosen == question.correct,
        points=marking.points_of(question, chosen),
        points_possible=question.points,
        feedback=tuple(ChoiceFeedback(choice.key, choice.feedback) for choice in in_order),
        explanation=question.explanation if is_revealed else "",
        correct_keys=correct if is_revealed else None,
        is_finished=is_finished,
    )
