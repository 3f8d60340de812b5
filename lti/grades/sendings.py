"""What was sent to the gradebook, when, and what came of it: one row for each try."""

from datetime import datetime
from decimal import Decimal

from lti.models import PlatformUser, ResourceLink, Score, ScoreSending
from lti.outcomes import Outcome, Verdict
from lti.prepared import insert
from lti.rows import new

MOST_SHOWN = 50


def note(score: Score, outcome: Outcome, *, observed: Decimal | None, now: datetime) -> None:
    """Part of the transaction that settles the try; `score` is as it was claimed."""
    for sending in row_of(score, outcome, observed=observed, now=now):
        insert(sending)


def row_of(score: Score, outcome: Outcome, *, observed: Decimal | None, now: datetime) -> list[ScoreSending]:
    """The row to keep, not yet saved; none for waiting for a worker, which is no try."""
    if outcome.verdict is Verdict.BUSY:
        return []
    return [
        new(
            ScoreSending,
            score=score,
            at=now,
            given=score.score_given,
            maximum=score.score_maximum,
            outcome=outcome.verdict.name.lower(),
            code=outcome.code,
            status=outcome.status,
            observed=observed,
        )
    ]


def of_learner(resource_link: ResourceLink, user: PlatformUser) -> list[ScoreSending]:
    """Newest first, MOST_SHOWN at most. One query."""
    found = ScoreSending.objects.filter(score__line_item__resource_link=resource_link, score__user=user)
    return list(found.order_by("-at", "-pk")[:MOST_SHOWN])
