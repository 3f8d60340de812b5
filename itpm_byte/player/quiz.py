"""What the page shows of the questions: cards to choose from, or what was chosen and what that was worth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from itpm_byte.content import reading
from itpm_byte.content.document import Option, QuestionSection
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.errors import NotOpenYet
from itpm_byte.learning.models import Placement
from itpm_byte.learning.outcomes import Outcome
from itpm_byte.learning.scoring import in_words
from itpm_byte.learning.sheets import Sheet
from itpm_byte.learning.terms import Terms
from itpm_byte.player import still
from itpm_byte.player.parts import Part

# Calmer than what a refused answer is told: here nobody has done anything yet.
_CLOSED_WORDS = {
    "not_open_yet": gettext_lazy("You can read this Byte already. Answers are taken from:"),
    "closed": gettext_lazy("This activity is closed: no more answers are taken. You can read on."),
}
# Names in the stylesheet for grids of that many cards; others stand in two columns.
WIDTHS = {3: "three", 4: "four", 6: "three", 7: "four", 8: "four"}


@dataclass(frozen=True, slots=True)
class OptionView:
    """One card. `is_right` is only ever True when the teacher's settings let this learner see it."""

    id: str
    card: Option
    is_chosen: bool
    is_right: bool

    @property
    def picture(self) -> SafeString:
        return still.picture(self.card.picture) if self.card.picture else SafeString("")

    @property
    def words(self) -> SafeString:
        return still.card_words(self.card, f"{self.id}-words")


@dataclass(frozen=True, slots=True)
class OutcomeView:
    is_correct: bool
    headline: str
    feedback: tuple[SafeString, ...]
    explanation: SafeString
    points_words: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. `outcome` is None while it is not answered, `error` says what was wrong with the last try."""

    section: QuestionSection
    options: tuple[OptionView, ...]
    outcome: OutcomeView | None
    error: str

    @property
    def key(self) -> str:
        return self.section.question_key

    @property
    def input_type(self) -> str:
        return "radio" if self.section.answers == "single" else "checkbox"

    @property
    def missing(self) -> str:
        """Shown by the page itself when nothing is chosen."""
        return _("Choose an answer first.") if self.input_type == "radio" else _("Choose at least one answer first.")

    @property
    def width(self) -> str:
        return WIDTHS.get(len(self.options), "")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the learner stands: which attempt is shown, and whether answers are taken."""

    sheet: Sheet | None
    """The attempt on the page; None for a fresh one."""
    number: int
    """The attempt that an answer on this page belongs to."""
    attempts_words: str
    is_last_attempt: bool = False
    closed_words: str = ""
    """Why no answer is taken, "" when one is."""
    closed_until: datetime | None = None
    may_try_again: bool = False

    @property
    def takes_answers(self) -> bool:
        return not self.closed_words and (self.sheet is None or self.sheet.is_open)


def stand_of(desk: Desk, *, wants_again: bool) -> Stand:
    """The newest attempt is shown until the learner asks for the next one (`wants_again`) and may have it."""
    refusal = desk.refusal
    sheet = desk.open_sheet or desk.last_submitted
    may_try_again = refusal is None and sheet is not None and not sheet.is_open
    if may_try_again and wants_again:
        sheet, may_try_again = None, False
    return Stand(
        sheet=sheet,
        number=desk.attempt_number,
        attempts_words=_attempts_words(desk),
        is_last_attempt=desk.is_last_attempt,
        closed_words=str(_CLOSED_WORDS.get(refusal.code, refusal.words)) if refusal else "",
        closed_until=desk.terms.opens_at if isinstance(refusal, NotOpenYet) else None,
        may_try_again=may_try_again,
    )


def preview_stand() -> Stand:
    """For those whose answers are not recorded: as often as they like, whatever the dates say."""
    return Stand(None, 1, _("You can try as often as you like."))


@lru_cache(maxsize=256)
def untouched_view(part: Part) -> QuestionView:
    """A question that nobody has answered yet is the same for everybody."""
    assert isinstance(part.section, QuestionSection)
    return question_view(part.section, None)


def question_view(
    section: QuestionSection, outcome: Outcome | None, *, error: str = "", chosen: Sequence[str] = ()
) -> QuestionView:
    """`chosen` is what the learner chose in a form that comes back with an error."""
    chosen = outcome.chosen_keys if outcome else chosen
    right = (outcome.correct_keys or ()) if outcome else ()
    options = tuple(
        OptionView(f"{section.question_key}-{card.key}", card, card.key in chosen, card.key in right)
        for card in section.options
    )
    return QuestionView(section, options, outcome_view(outcome) if outcome else None, error)


def outcome_view(outcome: Outcome) -> OutcomeView:
    possible = outcome.points_possible
    points = ngettext("%(points)s of %(possible)s point.", "%(points)s of %(possible)s points.", possible)
    return OutcomeView(
        is_correct=outcome.is_correct,
        headline=_headline(outcome),
        feedback=tuple(reading.html(feedback.text) for feedback in outcome.feedback),
        explanation=reading.html(outcome.explanation),
        points_words=points % {"points": in_words(outcome.points), "possible": possible},
    )


def _headline(outcome: Outcome) -> str:
    if outcome.is_correct:
        return _("That’s right")
    return _("Partly right") if outcome.points > 0 else _("Not quite")


def _attempts_words(desk: Desk) -> str:
    """What is left before the learner starts, what counts, and what the teacher arranged for this learner."""
    allowed, left = desk.terms.attempts_allowed, desk.attempts_left
    if allowed is None or left is None:
        words = _("You can try as often as you like.")
    elif allowed == 1:
        words = _("You have one attempt.")
    elif desk.is_last_attempt:
        words = _("This is your last attempt.")
    else:
        several = ngettext(
            "You have %(left)d of %(allowed)d attempts left.", "You have %(left)d of %(allowed)d attempts left.", left
        )
        words = several % {"left": left, "allowed": allowed}
    return " ".join(filter(None, [words, *_arranged_words(desk.terms), _counting_words(desk.placement, desk.terms)]))


def _arranged_words(terms: Terms) -> Iterator[str]:
    if terms.extra_attempts and terms.attempts_allowed is not None:
        extra = terms.extra_attempts
        several = ngettext(
            "Your teacher gave you %(count)d more attempt.", "Your teacher gave you %(count)d more attempts.", extra
        )
        yield several % {"count": extra}
    if terms.has_own_dates:
        yield _("Your teacher gave you dates of your own.")


def _counting_words(placement: Placement, terms: Terms) -> str:
    if terms.is_exempt:
        return ""
    if terms.override is not None:
        return _("Your teacher set your grade: more attempts do not change it.")
    if placement.grade_on == Placement.GradeOn.COMPLETION:
        return _("Any answer completes the activity.")
    halves = ""
    if placement.grade_on == Placement.GradeOn.BOTH:
        halves = _("Half of the grade is for completing the activity, half for your answers.")
    if terms.attempts_allowed == 1:
        return halves
    which = {
        "best": _("Your best attempt counts."),
        "last": _("Your last attempt counts."),
        "first": _("Your first attempt counts."),
        "average": _("The average of your attempts counts."),
    }[placement.which_counts]
    return f"{halves} {which}".strip()
