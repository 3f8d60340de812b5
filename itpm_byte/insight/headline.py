"""The few numbers over a list of learners: how many are how far, and what they scored. Worked out by the database."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Status
from lti.models import PlatformUser


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

    @property
    def in_course(self) -> int:
        return self.learners - self.by_status[Status.LEFT]


def headline(rows: QuerySet[PlatformUser]) -> Headline:
    """Of `roster.learners`, narrowed or not. Two queries."""
    rows = rows.order_by()
    counts_for = ~Q(status=Status.LEFT) & Q(share__isnull=False)
    numbers: dict[str, Any] = rows.aggregate(
        **{f"is_{status.value}": Count("pk", filter=Q(status=status)) for status in Status},
        **{f"grade_{state.value}": Count("pk", filter=Q(grade=state)) for state in GradeState},
        learners=Count("pk"),
        exempt=Count("pk", filter=Q(is_exempt=True)),
        scored=Count("pk", filter=counts_for),
        passed=Count("pk", filter=counts_for & Q(has_passed=True)),
        mean=Avg("share", filter=counts_for),
    )
    scored = numbers["scored"]
    # The one in the middle, or the two; no function for it that all databases have.
    middle = rows.filter(counts_for).order_by(F("share").asc()).values_list(F("share"), flat=True)
    found = [float(share) for share in middle[max(scored - 1, 0) // 2 : scored // 2 + 1]]
    return Headline(
        learners=numbers["learners"],
        by_status={status: numbers[f"is_{status.value}"] for status in Status},
        by_grade={state: numbers[f"grade_{state.value}"] for state in GradeState},
        exempt=numbers["exempt"],
        scored=scored,
        passed=numbers["passed"],
        mean=None if numbers["mean"] is None else float(numbers["mean"]),
        median=sum(found) / len(found) if found else None,
    )


def by_grade(rows: QuerySet[PlatformUser]) -> dict[GradeState, int]:
    """How many grades are how far. One query."""
    found = rows.order_by().aggregate(**{state.value: Count("pk", filter=Q(grade=state)) for state in GradeState})
    return {state: found[state.value] for state in GradeState}


@dataclass(frozen=True)
class Trouble:
    """Grades that are not in the gradebook for one and the same reason; `words` for teachers."""

    count: int
    words: str


def troubles(rows: QuerySet[PlatformUser], *, product: str) -> list[Trouble]:
    """What keeps grades from the gradebook, most frequent first. Who left the course is left out. One query."""
    stuck = rows.order_by().filter(Q(grade=GradeState.ATTENTION)).exclude(Q(status=Status.LEFT))
    causes = stuck.values_list(F("score_state"), F("score_error"), F("is_missing"))
    counted: dict[str, int] = {}
    for state, code, is_missing, count in causes.annotate(count=Count("pk")):
        words = roster.words_of(state, code, is_missing, product=product)
        counted[words] = counted.get(words, 0) + count
    return [Trouble(count, words) for words, count in sorted(counted.items(), key=lambda found: -found[1])]
