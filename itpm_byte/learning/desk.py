"""Everything one learner's page shows, read in one query, and a second one once the learner has begun."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.learning import placements
from itpm_byte.learning.errors import AnswerRefused, Closed, NoAttemptLeft, NotOpenYet, PlacementMissing
from itpm_byte.learning.models import Feedback, Placement, Progress
from itpm_byte.learning.outcomes import Outcome, outcomes_of
from itpm_byte.learning.sheets import Sheet, Work, read_work
from itpm_byte.learning.terms import Terms, terms_in, with_arranged
from lti.grades.scores import GradeStatus, status_of
from lti.models import PlatformUser, ResourceLink, Score
from lti.prepared import Prepared


@dataclass(frozen=True)
class Desk:
    """One learner's state at one placement at the time `now`.

    `byte` is the version to show: that of the open attempt, else the placement's. Its `document` is deferred: read it
    with content.reading. `work` is all attempts, oldest first, and the terms that hold for this learner.
    """

    placement: Placement
    byte: Byte
    progress: Progress | None
    feedback: Feedback | None
    score: Score | None
    work: Work
    now: datetime

    @property
    def terms(self) -> Terms:
        return self.work.terms

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return self.work.sheets

    @property
    def open_sheet(self) -> Sheet | None:
        return self.work.open_sheet

    @property
    def last_submitted(self) -> Sheet | None:
        return next(reversed(self.work.submitted), None)

    @property
    def attempt_number(self) -> int:
        """The number that the next answer belongs to."""
        current = self.open_sheet
        return current.attempt.number if current else self.work.next_number

    @property
    def attempts_submitted(self) -> int:
        return len(self.work.submitted)

    @property
    def attempts_left(self) -> int | None:
        """How many may still be submitted, the open one among them. None: no limit."""
        if self.terms.attempts_allowed is None:
            return None
        left = self.terms.attempts_allowed - self.attempts_submitted
        return max(left, 1 if self.open_sheet else 0)

    @property
    def is_last_attempt(self) -> bool:
        """Whether the next answer belongs to the last attempt that is allowed."""
        return self.attempts_left == 1

    @property
    def refusal(self) -> AnswerRefused | None:
        """Why no answer can be given now; None when it can."""
        if not self.terms.is_open_yet(self.now):
            return NotOpenYet()
        if self.terms.is_closed(self.now):
            return Closed()
        if self.open_sheet is None and not self.work.has_attempt_left:
            return NoAttemptLeft()
        return None

    @property
    def seen_sections(self) -> tuple[str, ...]:
        return tuple(self.progress.seen_sections) if self.progress else ()

    @cached_property
    def grade_status(self) -> GradeStatus:
        return status_of(self.score)

    def outcomes(self, sheet: Sheet) -> dict[str, Outcome]:
        """What is shown about one attempt's answered questions, by question key."""
        return outcomes_of(sheet, self.work, self.placement, now=self.now)


def open_desk(learner: PlatformUser, link: ResourceLink, *, now: datetime) -> Desk:
    """Read the desk; writes nothing, except that the placement moves to a newly published version.

    One query for somebody who has not begun (staff and previews too), two for others. Raises PlacementMissing.
    """
    placement = _desks.first(learner=learner.pk, link=link.pk)
    if placement is None:
        raise PlacementMissing
    placement.resource_link = link
    read_byte = placement.byte
    placements.refresh_version(placement, now=now)
    progress = getattr(placement, "own_progress", None)
    work = read_work(placement, learner) if progress else Work((), terms_in(placement))
    current = work.open_sheet
    byte = current.attempt.byte if current else placement.byte
    feedback = getattr(placement, "own_feedback", None)
    if byte != read_byte:
        feedback = Feedback.objects.filter(placement=placement, learner=learner, byte=byte).first()
    score = getattr(placement, "own_score", None)
    return Desk(placement, byte, progress, feedback, score, work, now)


def _joined(learner: Any, link: Any) -> QuerySet[Placement]:
    """The placement with this learner's rows beside it: each relation is filtered to at most one row."""
    scores = "resource_link__line_item__scores"
    return (
        with_arranged(Placement.objects.all(), learner)
        .annotate(
            own_progress=FilteredRelation("progress", condition=Q(progress__learner=learner)),
            own_feedback=FilteredRelation("feedback", condition=Q(feedback__learner=learner, feedback__byte=F("byte"))),
            own_score=FilteredRelation(scores, condition=Q(**{f"{scores}__user": learner})),
        )
        # django-stubs does not know that filtered relations can be selected.
        .select_related("byte", "own_progress", "own_feedback", "own_score")  # type: ignore[misc]
        .defer("created_at", "updated_at", "byte__document")
        .filter(resource_link=link)
    )


_desks = Prepared(_joined, learner=PlatformUser._meta.pk, link=ResourceLink._meta.pk)
