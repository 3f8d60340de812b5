"""All attempts of one learner at one activity, to read: for the learner, and for those who teach the course."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itpm_byte.content import reading
from itpm_byte.content.document import Option, QuestionSection
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.models import Placement
from itpm_byte.learning.outcomes import Outcome, in_full
from itpm_byte.learning.scoring import counted, in_words
from itpm_byte.learning.sheets import Sheet
from lti.grades import advice
from lti.models import Launch, PlatformUser

COUNTS: Mapping[str, Promise] = {
    Placement.WhichCounts.BEST: gettext_lazy("The best attempt counts."),
    Placement.WhichCounts.LAST: gettext_lazy("The last attempt counts."),
    Placement.WhichCounts.FIRST: gettext_lazy("The first attempt counts."),
    Placement.WhichCounts.AVERAGE: gettext_lazy("The average of all attempts counts."),
}
SET_BY_TEACHER = gettext_lazy("The teacher set this grade.")
GRADES: Mapping[str, Promise] = {
    "sent": gettext_lazy("The grade is in the gradebook."),
    "waiting": gettext_lazy("The grade is on its way to the gradebook."),
    "failed": gettext_lazy("The grade could not be sent."),
    "unavailable": gettext_lazy("This activity has no column in the gradebook."),
    "changed": gettext_lazy("The gradebook shows a grade that was changed there."),
}


@dataclass(frozen=True, slots=True)
class OptionView:
    card: Option
    is_chosen: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One question as it was answered; without `outcome` it was not."""

    section: QuestionSection
    options: Sequence[OptionView]
    outcome: Outcome | None
    feedback: Sequence[SafeString]
    explanation: SafeString
    points: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    number: int
    begun_at: datetime
    submitted_at: datetime | None
    points: str
    counts: bool
    is_voided: bool
    language: str
    answers: Sequence[AnswerView]


@dataclass(frozen=True)
class Review:
    """`desk` is the learner's; who reads is `launch`'s person."""

    launch: Launch
    learner: PlatformUser
    desk: Desk
    back_url: str

    @property
    def is_own(self) -> bool:
        return self.learner.pk == self.launch.user_id

    @property
    def title(self) -> str:
        return self.desk.byte.title

    @property
    def course(self) -> str:
        return str(self.launch.membership.context) if self.launch.membership else ""

    @property
    def counts_words(self) -> str:
        """How the attempts make the grade."""
        if self.desk.terms.override:
            return str(SET_BY_TEACHER)
        placement = self.desk.placement
        if placement.grade_on == Placement.GradeOn.COMPLETION:
            return _("Any answer completes the activity.")
        words = str(COUNTS[placement.which_counts])
        if placement.grade_on == Placement.GradeOn.BOTH:
            return _("Half for completing, half for the answers. %(words)s") % {"words": words}
        return words

    @cached_property
    def grade_words(self) -> str:
        """What the gradebook knows, and for those who teach why it does not."""
        words = GRADES.get(self.desk.grade_status.state, "")
        score = self.desk.score
        if score is None or self.is_own:
            return str(words)
        product = self.launch.deployment.registration.product
        return f"{words} {advice.for_teacher(score.last_error, product)}".strip()

    @cached_property
    def counted_words(self) -> str:
        progress = self.desk.progress
        if progress is None or progress.counted_points is None or progress.counted_possible is None:
            return ""
        return _points(progress.counted_points, progress.counted_possible)

    @cached_property
    def attempts(self) -> Sequence[AttemptView]:
        """The one that counts first, the others newest first."""
        views = [self._attempt(sheet) for sheet in reversed(self.desk.sheets)]
        return sorted(views, key=lambda attempt: not attempt.counts)

    @cached_property
    def _counting(self) -> int | None:
        placement, terms = self.desk.placement, self.desk.terms
        if placement.grade_on == Placement.GradeOn.COMPLETION or terms.override or terms.is_exempt:
            return None
        results = self.desk.work.results
        grade = counted(results, which_counts=placement.which_counts, grade_on=Placement.GradeOn.QUIZ)
        return grade.number if grade else None

    def _attempt(self, sheet: Sheet) -> AttemptView:
        attempt = sheet.attempt
        outcomes = self._outcomes(sheet)
        questions = reading.rendered(attempt.byte).questions
        return AttemptView(
            number=attempt.number,
            begun_at=attempt.started_at,
            submitted_at=attempt.submitted_at,
            points="" if attempt.points is None else _points(attempt.points, attempt.points_possible),
            counts=attempt.number == self._counting,
            is_voided=sheet.is_voided,
            language=attempt.byte.language,
            answers=[_answer(section, outcomes.get(section.question_key)) for section in questions],
        )

    def _outcomes(self, sheet: Sheet) -> Mapping[str, Outcome]:
        """Learners see what the activity reveals to them, those who teach see all."""
        if self.is_own and not self.launch.is_staff:
            return self.desk.outcomes(sheet)
        return in_full(sheet.attempt, sheet.answers)


def _answer(section: QuestionSection, outcome: Outcome | None) -> AnswerView:
    chosen = outcome.chosen_keys if outcome else ()
    right = (outcome.correct_keys or ()) if outcome else ()
    return AnswerView(
        section=section,
        options=[OptionView(card, card.key in chosen, card.key in right) for card in section.options],
        outcome=outcome,
        feedback=[reading.html(choice.text) for choice in outcome.feedback] if outcome else [],
        explanation=reading.html(outcome.explanation) if outcome and outcome.explanation else SafeString(""),
        points=_points(outcome.points, outcome.points_possible) if outcome else "",
    )


def _points(points: Decimal, possible: int) -> str:
    return _("%(points)s of %(possible)s") % {"points": in_words(points), "possible": possible}
