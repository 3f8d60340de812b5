"""The few numbers over a list of learners: how many are how far, what they scored, what keeps grades from arriving.

The database groups learners who are alike; the groups are few, however many learners there are.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Count, F, QuerySet

from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.learning.models import Placement
from lti.models import PlatformUser
from lti.prepared import Prepared

# Why a grade needs attention: state and error of its score, and whether the gradebook lost it.
type Cause = tuple[str | None, str | None, bool]


@dataclass(frozen=True)
class Headline:
    """`by_status` adds up to `learners`. Scores are per cents of those `scored` learners of whom something counts and
    who are not exempt and have not left; mean and median are None when there are none."""

    learners: int
    by_status: dict[Status, int]
    by_grade: dict[GradeState, int]
    exempt: int
    scored: int
    passed: int
    mean: float | None
    median: float | None
    causes: dict[Cause, int]
    """Of grades that need attention, of those who are here."""


# What learners are grouped by, so that all numbers come from few rows.
_ALIKE = ("status", "has_left", "grade", "is_exempt", "share", "has_passed", "score_state", "score_error", "is_missing")


def headline(rows: QuerySet[PlatformUser]) -> Headline:
    """Of `roster.learners`, narrowed or not. One query."""
    return _told(_grouped(rows))


def of_everybody(placement: Placement) -> Headline:
    """Of all `roster.learners`: compiled once."""
    return _told(_EVERYBODY.tuples(**roster.known_of(placement)))


def _grouped(rows: QuerySet[PlatformUser]) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(*(F(name) for name in _ALIKE)).annotate(number=Count("pk"))


_EVERYBODY: Prepared[Any] = Prepared(lambda **known: _grouped(roster.listed(**roster.unseen(known))), **roster.SLOTS)


def _told(groups: Iterable[tuple[Any, ...]]) -> Headline:
    by_status, by_grade_state = dict.fromkeys(Status, 0), dict.fromkeys(GradeState, 0)
    causes: dict[Cause, int] = {}
    exempt = passed = 0
    shares: list[tuple[float, int]] = []
    for status, has_left, grade, is_exempt, share, has_passed, state, error, is_missing, number in groups:
        by_status[Status(status)] += number
        by_grade_state[GradeState(grade)] += number
        exempt += number if is_exempt else 0
        if has_left:
            continue
        if share is not None:
            shares.append((float(share), number))
            passed += number if has_passed else 0
        if grade == GradeState.ATTENTION:
            cause = (state, error, bool(is_missing))
            causes[cause] = causes.get(cause, 0) + number
    scored = sum(number for _share, number in shares)
    return Headline(
        learners=sum(by_status.values()),
        by_status=by_status,
        by_grade=by_grade_state,
        exempt=exempt,
        scored=scored,
        passed=passed,
        mean=sum(share * number for share, number in shares) / scored if scored else None,
        median=_median(sorted(shares), scored) if scored else None,
        causes=causes,
    )


def _median(shares: list[tuple[float, int]], scored: int) -> float:
    """Of (share, how many), in order; the one in the middle, or the mean of the two."""
    ends = list(accumulate(number for _share, number in shares))
    low, high = (shares[bisect_right(ends, place)][0] for place in ((scored - 1) // 2, scored // 2))
    return (low + high) / 2


@dataclass(frozen=True)
class Trouble:
    """Grades that are not in the gradebook for one and the same reason; `words` for teachers."""

    count: int
    words: str


def troubles(told: Headline, *, product: str) -> list[Trouble]:
    """What keeps grades from the gradebook, most frequent first. Who left the course is left out."""
    counted: dict[str, int] = {}
    for (state, code, is_missing), number in told.causes.items():
        words = roster.words_of(state, code, is_missing, product=product)
        counted[words] = counted.get(words, 0) + number
    return [Trouble(number, words) for words, number in sorted(counted.items(), key=lambda found: -found[1])]
