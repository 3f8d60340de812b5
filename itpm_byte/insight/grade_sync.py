"""What the gradebook should show for each learner, what was sent, and what it shows: behind page, file and API.

    rows = grade_sync.grades(placement)            # those of roster.learners, with the score beside
    rows = roster.in_order(roster.narrowed(rows, wish), sort)
    for grade in grade_sync.read(rows, placement): …

Filters and sorting are those of `roster`, and SORTS here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Learner
from itpm_byte.insight.standing import flag
from itpm_byte.learning.models import Placement
from itpm_byte.learning.scoring import in_words
from lti.models import Membership, PlatformUser, Score
from lti.prepared import Prepared


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
        return has_grade and not self.learner.has_left and not self.learner.is_inactive


def grades(placement: Placement) -> QuerySet[PlatformUser]:
    return _with_score(roster.learners(placement))


def _with_score(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    return rows.annotate(
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


def everybody(placement: Placement, sort: str) -> Iterator[Grade]:
    """As `roster.everybody`."""
    return _read(_EVERYBODY.get(sort, _EVERYBODY["name"]).rows(**roster.known_of(placement)), placement)


def read(rows: QuerySet[PlatformUser], placement: Placement, *, in_chunks: bool = False) -> Iterator[Grade]:
    """As `roster.read`."""
    return _read(rows.iterator(chunk_size=roster.CHUNK) if in_chunks else rows, placement)


def _read(rows: Iterable[Any], placement: Placement) -> Iterator[Grade]:
    product, groups = placement.resource_link.deployment.registration.product, roster.groups_by_learner(placement)
    for row in rows:
        yield grade_of(row, product=product, groups=groups.get(row.pk, ()))


def _sorted_by(sort: str) -> Prepared[PlatformUser]:
    return Prepared(lambda **known: roster.in_order(_with_score(roster.listed(**known)), sort), **roster.SLOTS)


_EVERYBODY = {way + name: _sorted_by(way + name) for name in roster.SORTS for way in ("", "-")}


def grade_of(row: Any, *, product: str = "", groups: tuple[str, ...] = ()) -> Grade:
    """From a row of `grades`."""
    return Grade(
        learner=roster.learner_of(row, product=product, groups=groups),
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


# Who has a grade and may get one: not who left, nor who is suspended.
_RESENDABLE = (Q(seat_status__isnull=True) | Q(seat_status=Membership.Status.ACTIVE)) & ~Q(grade=GradeState.NONE)
# What a resend may help: stopped, or not there any more; never a teacher's own grade.
_FAILED = _RESENDABLE & (Q(score_state__in=[Score.State.FAILED, Score.State.UNAVAILABLE]) | Q(is_missing=True))


def failed(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    """Those of `grades` that a resend may help."""
    return rows.filter(_FAILED)


def resendable(rows: QuerySet[PlatformUser]) -> QuerySet[PlatformUser]:
    """Those of `grades` that have a grade and may get one."""
    return rows.filter(_RESENDABLE)


@dataclass(frozen=True)
class Counts:
    """How many of `learners` have a grade that is how far, and how many can be sent again."""

    learners: int
    by_state: dict[GradeState, int]
    failed: int
    resendable: int


def counts(placement: Placement) -> Counts:
    """Over everybody. Compiled once; two small queries."""
    by_state, failed_count, resendable_count = dict.fromkeys(GradeState, 0), 0, 0
    for state, is_failed, is_resendable, number in _GROUPED.tuples(**roster.known_of(placement)):
        by_state[GradeState(state)] += number
        failed_count += number if is_failed else 0
        resendable_count += number if is_resendable else 0
    return Counts(sum(by_state.values()), by_state, failed_count, resendable_count)


def _grouped(**known: Any) -> QuerySet[Any, Any]:
    rows = roster.listed(**known).annotate(is_failed=flag(_FAILED), is_resendable=flag(_RESENDABLE))
    return rows.values_list(F("grade"), F("is_failed"), F("is_resendable")).annotate(number=Count("pk"))


_GROUPED: Prepared[Any] = Prepared(_grouped, **roster.SLOTS)
