"""Whether the gradebook still shows what we sent, or what a teacher made of it; the latter is not overwritten (AGS-31).

A look costs a request, so the first score of a learner goes out without one, and where many of one column wait, as
after a regrade, one look at the whole column serves them all for a minute. Cells that hold nothing are no change: there
is nothing to lose in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet

from lti import products, scopes
from lti.grades import results
from lti.grades.results import Result
from lti.models import LineItem, ResourceLink, Score
from lti.outcomes import ServiceProblem, Verdict
from lti.services import Services

# How many values of ours are remembered while nobody knows which of them arrived.
REMEMBERED = 6
# So many scores of one column that wait are looked at together.
TOGETHER = 10
FRESH = timedelta(minutes=1)
# LMSs round: to a hundredth of a point at worst.
NOT_IMPLEMENTED = 501
HALF_A_HUNDREDTH = Decimal("0.005")
A_THOUSANDTH = Decimal("0.001")

type Sent = list[str | None]
"""[given, maximum] as texts; given is None for a cell that we cleared."""


@dataclass(frozen=True)
class Cell:
    """What the gradebook shows for one learner. `share` is 0 … 1 of the maximum, None for an empty cell."""

    share: Decimal | None
    maximum: Decimal = Decimal(1)

    def on_scale_of(self, maximum: Decimal) -> Decimal | None:
        return None if self.share is None else round(self.share * maximum, 4)

    def shows(self, sent: Sent) -> bool:
        """Is it this value, as exactly as LMSs keep one?"""
        given, maximum = sent
        if given is None or self.share is None:
            return given is None and self.share is None
        share = Decimal(given) / Decimal(maximum or 1)
        if self.share == 1:
            # Some LMSs show no more than the maximum.
            share = min(share, Decimal(1))
        difference = abs(self.share - share)
        return difference <= max(A_THOUSANDTH, HALF_A_HUNDREDTH / self.maximum)

    def is_changed(self, ours: Sequence[Sent]) -> bool:
        """Does it hold a grade that isn't any of ours?"""
        return self.share is not None and not any(self.shows(sent) for sent in ours)


def sent_now(score: Score) -> Sent:
    """The score as it will be remembered."""
    return [None if score.score_given is None else _text(score.score_given), _text(score.score_maximum)]


def remembered(score: Score) -> list[Sent]:
    """What may be ours in the cell once this score is on its way."""
    now = sent_now(score)
    return [sent for sent in score.ours if sent != now][1 - REMEMBERED :] + [now]


def may_overwrite(score: Score) -> bool:
    """Did somebody allow it: for this score, for its link, or for the whole LMS?"""
    return score.overwrites or rule_of(score.line_item)


def rule_of(line_item: LineItem) -> bool:
    """Do all grades of this column go over what teachers changed in the LMS?"""
    by_rule = line_item.overwrites
    return line_item.deployment.registration.overwrites_changes if by_rule is None else by_rule


def is_look_needed(score: Score, services: Services) -> bool:
    """Before anything that may stand in the cell is overwritten; never before the very first try of a first score."""
    if may_overwrite(score) or scopes.RESULT_READ not in services.offered:
        return False
    was_sent = bool(score.ours) and score.sent_at is not None
    return was_sent or is_unsure(score) or any(sent != sent_now(score) for sent in score.ours)


def is_unsure(score: Score) -> bool:
    """The last try of this very score got no answer, or its worker died with it: it may have arrived."""
    is_unanswered = score.last_error == "unreachable" and score.last_status is None
    return (is_unanswered or _was_cut_off(score)) and sent_now(score) in score.ours


def _was_cut_off(score: Score) -> bool:
    """A claim of this very wish ended with its lease; whoever settles takes the lease off."""
    lease = timedelta(seconds=settings.LTI_LEASE_SECONDS)
    return score.lease_until is not None and score.timestamp <= score.lease_until - lease


def was_seen_unchanged(services: Services, line_item_url: str, score: Score) -> bool:
    """Did a look at the whole column, a moment ago or now if many wait, find what is ours? Else look at this one."""
    if is_unsure(score):
        return False
    if not _is_fresh(score, services):
        waiting = _waiting(score, services)
        if waiting.count() < TOGETHER or not _look_at_all(services, line_item_url, waiting):
            return False
        score.refresh_from_db(fields=["observed", "observed_at"])
    share = None if score.observed is None else score.observed / score.score_maximum
    return not Cell(share, score.score_maximum).is_changed(remembered(score))


def _is_fresh(score: Score, services: Services) -> bool:
    """Seen within a minute, and nothing sent since."""
    seen = score.observed_at
    return seen is not None and seen > services.now - FRESH and (score.sent_at is None or seen > score.sent_at)


def _waiting(score: Score, services: Services) -> QuerySet[Score]:
    """Scores of the same column that are due and went out before."""
    due = Score.objects.filter(line_item=score.line_item_id, state=Score.State.DUE, next_try_at__lte=services.now)
    return due.exclude(sent_at=None)


def _look_at_all(services: Services, line_item_url: str, waiting: QuerySet[Score]) -> bool:
    """Write down what each waiting score's cell shows. False where the column can't be read as a whole."""
    product = services.deployment.registration.product
    try:
        found = results.of_column(services, line_item_url)
    except ServiceProblem:
        return False
    cells = {result.user_id: cell_of(result, product) for result in found}
    rows = list(waiting.select_related("user"))
    for row in rows:
        row.observed = cells.get(row.user.sub, Cell(None)).on_scale_of(row.score_maximum)
        row.observed_at = services.now
    Score.objects.bulk_update(rows, ["observed", "observed_at"], batch_size=200)
    return True


def look(services: Services, line_item_url: str, score: Score) -> Cell | None:
    """What the cell shows; None if the LMS has no such service for us. Raises ServiceProblem for what passes."""
    if scopes.RESULT_READ not in services.offered:
        return None
    try:
        found = results.of_person(services, line_item_url, user_id=score.user.sub)
    except ServiceProblem as problem:
        is_refused = problem.outcome.verdict in {Verdict.FINAL, Verdict.GONE, Verdict.STALE}
        if is_refused or problem.outcome.status == NOT_IMPLEMENTED:
            return None
        raise
    product = services.deployment.registration.product
    return cell_of(found[0], product) if found else Cell(None)


def cell_of(result: Result, product: str) -> Cell:
    if result.score is not None:
        return Cell(result.score / result.maximum, result.maximum)
    # Moodle leaves the number out when it is zero, and the whole row when there is no grade (AGS-40).
    return Cell(Decimal(0)) if products.family(product) == "moodle" else Cell(None)


def set_rule(resource_link: ResourceLink, *, overwrites: bool | None) -> None:
    """May grades of this link go over what teachers changed in the LMS? None: as the LMS's registration says."""
    LineItem.objects.filter(resource_link=resource_link).update(overwrites=overwrites)


def _text(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.0001")), "f")
