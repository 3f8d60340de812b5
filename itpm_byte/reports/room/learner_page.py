"""What the page of one learner shows, read in a fixed number of queries however many attempts there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itpm_byte.content import reading
from itpm_byte.content.document import Option
from itpm_byte.content.models import Byte
from itpm_byte.insight.roster import Learner
from itpm_byte.learning import grades
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.models import Feedback, Response, SupportRequest, UnclearQuestion
from itpm_byte.learning.outcomes import in_full
from itpm_byte.learning.scoring import in_words
from itpm_byte.learning.sheets import Sheet
from lti.grades import advice, sendings
from lti.models import Launch, StaffAction

ACTIONS: Mapping[str, Promise] = {
    "attempts.given": gettext_lazy("Gave more attempts"),
    "dates.set": gettext_lazy("Set own dates"),
    "learner.exempted": gettext_lazy("Excused the learner"),
    "learner.included": gettext_lazy("Included the learner again"),
    "grade.overridden": gettext_lazy("Set an own grade"),
    "grade.override_withdrawn": gettext_lazy("Withdrew the own grade"),
    "attempt.reset": gettext_lazy("Reset an attempt"),
    "accommodation.set": gettext_lazy("Set a standing accommodation"),
    "accommodation.withdrawn": gettext_lazy("Withdrew the standing accommodation"),
    "grade.resent": gettext_lazy("Sent the grade again"),
    "grade.sent_over": gettext_lazy("Sent the grade over the gradebook's"),
}
NOT_ARRIVED = gettext_lazy("did not arrive")
OUTCOMES: Mapping[str, Promise] = {
    "sent": gettext_lazy("arrived"),
    "withheld": gettext_lazy("not sent: this gradebook would have erased the grade"),
    "retry": gettext_lazy("did not arrive; it is tried again"),
    "stale": gettext_lazy("the gradebook holds something newer"),
    "changed": gettext_lazy("not sent: changed in the gradebook"),
}
FIELDS: Mapping[str, Promise] = {
    "extra_attempts": gettext_lazy("more attempts"),
    "extra_days": gettext_lazy("more days"),
    "opens_at": gettext_lazy("opens"),
    "due_at": gettext_lazy("due"),
    "closes_at": gettext_lazy("closes"),
    "override_points": gettext_lazy("points"),
    "number": gettext_lazy("attempt"),
}
# Deeds that are listed, newest first.
MOST_ACTIONS = 50


@dataclass(frozen=True, slots=True)
class AnswerView:
    prompt: str
    options: Sequence[tuple[Option, bool, bool]]
    """Each with whether it was chosen and whether it is right."""
    answered_at: datetime | None
    points: str
    feedback: Sequence[SafeString]


@dataclass(frozen=True, slots=True)
class AttemptView:
    number: int
    version: int
    language: str
    begun_at: datetime
    submitted_at: datetime | None
    voided_at: datetime | None
    points: str
    counts: bool
    answers: Sequence[AnswerView]


@dataclass(frozen=True, slots=True)
class ActionView:
    at: datetime
    who: str
    what: str
    details: str
    reason: str


@dataclass(frozen=True, slots=True)
class SendingView:
    at: datetime
    sent: str
    what: str | Promise
    advice: str
    shown: Decimal | None


@dataclass(frozen=True)
class LearnerPage:
    attempts: Sequence[AttemptView]
    grade_words: str
    ratings: Sequence[Feedback]
    unclear: Sequence[UnclearQuestion]
    requests: Sequence[SupportRequest]
    actions: Sequence[ActionView]
    sendings: Sequence[SendingView]
    desk: Desk

    @property
    def is_changed_in_lms(self) -> bool:
        return self.desk.score is not None and self.desk.score.state == "changed"


def read(launch: Launch, desk: Desk, learner: Learner) -> LearnerPage:
    mine: dict[str, Any] = {"placement": desk.placement, "learner": learner.user}
    responses = Response.objects.filter(attempt__placement=desk.placement, attempt__learner=learner.user)
    times = {
        (attempt, question): at
        for attempt, question, at in responses.values_list("attempt", "question__key", "answered_at")
    }
    versions = Byte.objects.defer("document").in_bulk({sheet.attempt.byte_id for sheet in desk.sheets})
    for sheet in desk.sheets:
        sheet.attempt.byte = versions[sheet.attempt.byte_id]
    grade = grades.of(desk.placement, desk.work)
    return LearnerPage(
        attempts=[_attempt(sheet, times, grade.number if grade else None) for sheet in desk.sheets],
        grade_words=_grade_words(desk),
        ratings=list(Feedback.objects.filter(**mine).select_related("byte").order_by("updated_at")),
        unclear=list(UnclearQuestion.objects.filter(**mine).select_related("question").order_by("updated_at")),
        requests=list(SupportRequest.objects.filter(**mine).order_by("created_at")),
        actions=_actions(launch, learner),
        sendings=_sendings(launch, desk, learner),
        desk=desk,
    )


def _attempt(sheet: Sheet, times: Mapping[tuple[int, str], datetime], counting: int | None) -> AttemptView:
    attempt = sheet.attempt
    questions, outcomes = reading.rendered(attempt.byte).questions, in_full(attempt, sheet.answers)
    answers = []
    for section in questions:
        chosen = sheet.answers.get(section.question_key, frozenset())
        outcome = outcomes.get(section.question_key)
        right = (outcome.correct_keys or ()) if outcome else ()
        answers.append(
            AnswerView(
                prompt=section.prompt,
                options=[(option, option.key in chosen, option.key in right) for option in section.options],
                answered_at=times.get((attempt.pk, section.question_key)),
                points=_points(outcome.points, outcome.points_possible) if outcome else "",
                feedback=[reading.html(words.text) for words in outcome.feedback] if outcome else [],
            )
        )
    return AttemptView(
        number=attempt.number,
        version=attempt.byte.version,
        language=attempt.byte.language,
        begun_at=attempt.started_at,
        submitted_at=attempt.submitted_at,
        voided_at=attempt.voided_at,
        points="" if attempt.points is None else _points(attempt.points, attempt.points_possible),
        counts=attempt.number == counting,
        answers=answers,
    )


def _grade_words(desk: Desk) -> str:
    grade, terms = grades.of(desk.placement, desk.work), desk.terms
    if terms.is_exempt:
        return _("Excused: nothing counts.")
    if grade is None:
        return _("Nothing counts yet.")
    words = _points(grade.points, grade.possible)
    return _("%(points)s, set by a teacher") % {"points": words} if terms.override is not None else words


def _points(points: Decimal, possible: int) -> str:
    return _("%(points)s of %(possible)s") % {"points": in_words(points), "possible": possible}


def _actions(launch: Launch, learner: Learner) -> list[ActionView]:
    """What staff did to this learner in this course, and for whom it was done nowhere else."""
    seat = launch.membership
    rows = StaffAction.objects.filter(context=seat.context_id if seat else None, subject=learner.user)
    rows = rows.exclude(context=None).select_related("teacher").order_by("-at", "-pk")[:MOST_ACTIONS]
    return [
        ActionView(
            at=row.at,
            who=row.teacher.display_name if row.teacher else _("Staff of the service"),
            what=str(ACTIONS.get(row.action, row.action)),
            details=_details(row),
            reason=row.reason,
        )
        for row in rows
    ]


def _sendings(launch: Launch, desk: Desk, learner: Learner) -> list[SendingView]:
    """What was sent to the gradebook, newest first, with the words for what came of it."""
    product = launch.deployment.registration.product
    return [
        SendingView(
            at=row.at,
            sent=_("no grade") if row.given is None else f"{in_words(row.given)} / {in_words(row.maximum)}",
            what=OUTCOMES.get(row.outcome, NOT_ARRIVED),
            advice=str(advice.for_teacher(row.code, product)),
            shown=row.observed,
        )
        for row in sendings.of_learner(desk.placement.resource_link, learner.user)
    ]


def _details(row: StaffAction) -> str:
    """What was so before and after, of what people can read."""
    before, after = row.before or {}, row.after or {}
    told = [
        f"{label}: {_cell(before.get(name))} → {_cell(after[name])}"
        if name in before
        else f"{label}: {_cell(after[name])}"
        for name, label in FIELDS.items()
        if name in after and before.get(name) != after[name]
    ]
    if row.action == "attempt.reset":
        told = [f"{FIELDS['number']}: {before.get('number')}"]
    return "; ".join(told)


def _cell(value: object) -> str:
    return "–" if value is None else str(value)
