"""What holds for one learner at one placement: the teacher's settings, and what was arranged for this learner alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from itpm_byte.learning.models import Placement
from itpm_byte.learning.scoring import Counted

_OF_ARRANGEMENT = (
    *("extra_attempts", "opens_at", "due_at", "closes_at"),
    *("is_exempt", "override_points", "override_possible"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Attempts and dates as they are for this learner. `attempts_allowed` counts the extra ones; None is no limit.

    `extra_attempts` are this activity's and the standing ones together. `has_own_dates`: a date is another one than
    for everybody. `override` is the teacher's own grade; an exempt learner has no grade, whatever else there is.
    """

    attempts_allowed: int | None
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    extra_attempts: int = 0
    has_own_dates: bool = False
    is_exempt: bool = False
    override: Counted | None = None

    def is_open_yet(self, now: datetime) -> bool:
        return self.opens_at is None or self.opens_at <= now

    def is_closed(self, now: datetime) -> bool:
        return self.closes_at is not None and self.closes_at <= now


def with_arranged(placements: QuerySet[Placement], learner: Any) -> QuerySet[Placement]:
    """The same rows with what `terms_in` needs beside them, in the same query; no row becomes two."""
    standing = "resource_link__context__accommodations"
    joined = placements.annotate(
        own_arrangement=FilteredRelation("arrangements", condition=Q(arrangements__learner=learner)),
        own_standing=FilteredRelation(standing, condition=Q(**{f"{standing}__learner": learner})),
    )
    return joined.annotate(
        **{f"own_{name}": F(f"own_arrangement__{name}") for name in _OF_ARRANGEMENT},
        standing_attempts=F("own_standing__extra_attempts"),
        standing_days=F("own_standing__extra_days"),
    )


def terms_in(row: Any) -> Terms:
    """`row`: a placement out of a query `with_arranged`.

    An own date goes before the activity's; standing days come on top of the activity's due and closing dates.
    """
    extra_attempts = (row.own_extra_attempts or 0) + (row.standing_attempts or 0)
    more = timedelta(days=row.standing_days or 0)
    opens_at = row.own_opens_at or row.opens_at
    due_at = row.own_due_at or _later(row.due_at, more)
    closes_at = row.own_closes_at or _later(row.closes_at, more)
    return Terms(
        attempts_allowed=None if row.attempts_allowed is None else row.attempts_allowed + extra_attempts,
        opens_at=opens_at,
        due_at=due_at,
        closes_at=closes_at,
        extra_attempts=extra_attempts,
        has_own_dates=(opens_at, due_at, closes_at) != (row.opens_at, row.due_at, row.closes_at),
        is_exempt=bool(row.own_is_exempt),
        override=_override(row),
    )


def _later(at: datetime | None, more: timedelta) -> datetime | None:
    return None if at is None else at + more


def _override(row: Any) -> Counted | None:
    if row.own_override_points is None:
        return None
    return Counted(row.own_override_points, row.own_override_possible, None)
