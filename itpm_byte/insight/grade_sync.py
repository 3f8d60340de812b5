"""What the gradebook should show for each learner, what was sent, and what it shows: behind page, file and API.

    rows = grade_sync.grades(placement)            # those of roster.learners, with the score beside
    rows = roster.in_order(roster.narrowed(rows, wish), sort)
    for grade in grade_sync.read(rows, placement): …

Filters and sorting are those of `roster`, and SORTS here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Learner, Status
from itpm_byte.learning.models import Placement
from itpm_byte.learning.scoring import in_words
from lti.models import Membership, PlatformUser, Score


@dataclass(frozen=True, slots=True)
class Grade:
    """One learner's grade on its way. All points are on the scale of `maximum`; `sent` None with `sent_at` set means
    that a cell was cleared, or that only "started" was sent. `observed` is what the gradebook showed at `observed_at`.
    """

    learner: Learner
    score_id: int | None
    wanted: Decimal | None
    maximum: Decimal | None
    sent: Decimal | None
    sent_at: datetime | None
    observed: Decimal | None
    observed_at: datetime | None
    next_try_at: datetime | None
    tries: int

    @property
    def is_changed(self) -> bool:
        """The gradebook shows a grade that isn't ours; it stays until somebody sends over it."""
        return self.learner.sync == Score.State.CHANGED

    @property
    def state_words(self) -> str:
        """As the outbox says it; in the words of the overview as long as there is nothing to send."""
        if self.learner.grade == GradeState.NONE or self.learner.sync not in Score.State.values:
            return str(GradeState.NONE.label)
        return str(Score.State(self.learner.sync).label)

    @property
    def wanted_words(self) -> str:
        return self._of_maximum(self.wanted)

    @property
    def sent_words(self) -> str:
        return self._of_maximum(self.sent)

    @property
    def observed_words(self) -> str:
        return self._of_maximum(self.observed)

    def _of_maximum(self, points: Decimal | None) -> str:
        if points is None or self.maximum is None:
            return "–"
        return str(_("%(points)s of %(maximum)s")) % {
            "points": in_words(points),
            "maximum": in_words(self.maximum),
        }

    @property
    def may_resend(self) -> bool:
        """There is something to send, and the LMS would take it: who left, or is suspended, gets no grades."""
        has_grade = self.score_id is not None and self.learner.grade != GradeState.NONE
        return has_grade and self.learner.status != Status.LEFT and not self.learner.is_inactive


def grades(placement: Placement) -> QuerySet[PlatformUser]:
    return roster.learners(placement).annotate(
        score_id=F("own_score__pk"),
        score_given=F("own_score__score_given"),
        score_maximum=F("own_score__score_maximum"),
        score_sent=F("own_score__sent_given"),
        score_sent_at=F("own_score__sent_at"),
        score_observed=F("own_score__observed"),
        score_observed_at=F("own_score__observed_at"),
        score_next_try_at=F("own_score__next_try_at"),
        score_tries=Coalesce(F("own_score__tries"), 0),
    )


def read(rows: QuerySet[PlatformUser], placement: Placement, *, in_chunks: bool = False) -> Iterator[Grade]:
    """As `roster.read`."""
    product = placement.resource_link.deployment.registration.product
    found = roster.with_groups(rows, placement)
    for row in found.iterator(chunk_size=roster.CHUNK) if in_chunks else found:
        yield grade_of(row, product=product)


def grade_of(row: Any, *, product: str = "") -> Grade:
    """From a row of `grades`."""
    return Grade(
        learner=roster.learner_of(row, product=product),
        score_id=row.score_id,
        wanted=row.score_given,
        maximum=row.score_maximum,
        sent=row.score_sent,
        sent_at=row.score_sent_at,
        observed=row.score_observed,
        observed_at=row.score_observed_at,
        next_try_at=row.score_next_try_at if row.score_state == Score.State.DUE else None,
        tries=row.score_tries,
    )


def failed(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    """Those of `grades` that a resend may help: stopped, or not there any more; never a teacher's own grade."""
    is_stopped = Q(score_state__in=[Score.State.FAILED, Score.State.UNAVAILABLE])
    return resendable(rows).filter(is_stopped | Q(is_missing=True))


def resendable(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    """Those that have a grade and may get one: not who left, nor who is suspended."""
    is_here = Q(seat_status__isnull=True) | Q(seat_status=Membership.Status.ACTIVE)
    return rows.filter(is_here).exclude(Q(grade=GradeState.NONE))
