"""All that is due to one LMS, as fast as it takes it: claimed together, sent side by side, settled as answers come.

Whoever hears the ring for one score takes along what else its LMS should get, so that a class which submits at once
costs a few transactions instead of several for each learner. The rules for one score (`delivery`) hold for each of
them: a lease of its own, LTI_SCORES_AT_ONCE in all, one probe after a failure. No network inside a transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import Any, Protocol

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lti import health, references
from lti.grades import claims, delivery, overrides, sendings
from lti.grades.claims import Claim, Report
from lti.grades.delivery import Result
from lti.models import LineItem, Membership, Registration, Score, ScoreSending
from lti.prepared import Among, Keys, Prepared, change_each
from lti.services import Kept

# After so long the rest is left to another ring: scores of other LMSs may wait behind this one.
ROUND_SECONDS = 20.0
# After the first answer so long for others: one commit settles them all.
GATHER_SECONDS = 0.01
MOST_CLAIMED = 16
# So many scores of one LMS are looked up together, and then taken by their keys.
AHEAD = 500
# More than all threads of a worker could have under way together.
MOST_LANES = 64 * 100
_REGISTRATION = "line_item__deployment__registration"


class Ring(Protocol):
    """Asks a worker for a score; not before `at`."""

    def __call__(self, score_id: int, *, at: datetime | None = None) -> None: ...


def deliver(score_id: int, *, ring: Ring) -> Report:
    """Send this score, if it is due and nobody else is at it, and all else that is due to the same LMS.

    While others are at that LMS, it is left to them: they come back for it as they get answers.
    """
    first = claims.claim(score_id, now=timezone.now(), least_room=half())
    if isinstance(first, Report):
        return first
    return _Round(first, ring).run()


def half() -> int:
    """Half of what an LMS gets at once: with less room than that, it is left to those who are at it."""
    return max(1, settings.LTI_SCORES_AT_ONCE // 2)


def handful() -> int:
    """How many are claimed together; meanwhile the others are on their way. Few, or slow LMSs get theirs in waves."""
    return min(half(), MOST_CLAIMED)


def worth_ringing(score_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Those of them that somebody should send now: due, nobody is at it, and nobody is about to take it along."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    found = dict(
        Score.objects.filter(free, pk__in=list(score_ids), state=Score.State.DUE).values_list("pk", _REGISTRATION)
    )
    leased = Score.objects.filter(lease_until__gt=now, **{f"{_REGISTRATION}__in": set(found.values())})
    busy = dict(leased.values_list(_REGISTRATION).annotate(Count("pk")))
    most = settings.LTI_SCORES_AT_ONCE - half()
    return {score_id for score_id, registration_id in found.items() if busy.get(registration_id, 0) <= most}


@dataclass
class _Round:
    first: Claim
    ring: Ring
    kept: Kept = field(default_factory=dict)
    ahead: list[int] = field(default_factory=list)
    under_way: dict[Future[Result], Claim] = field(default_factory=dict)
    is_struck: bool = False
    report: Report = field(default_factory=lambda: Report("lease lost"))

    def run(self) -> Report:
        registration_id = self.first.score.line_item.deployment.registration_id
        until = monotonic() + ROUND_SECONDS
        # Alone: it brings the token, and finds out whether the LMS is well.
        self._settle([(self.first, _send(self.first, self.kept))])
        while True:
            is_over = self.is_struck or monotonic() > until
            if not is_over and len(self.under_way) <= settings.LTI_SCORES_AT_ONCE - handful():
                self._begin(claim_due(registration_id, self.ahead, now=timezone.now()))
            if not self.under_way:
                break
            wait(self.under_way, return_when=FIRST_COMPLETED)
            done, _ = wait(self.under_way, timeout=GATHER_SECONDS)
            self._settle([(self.under_way.pop(future), future.result()) for future in done])
        if is_over:
            self._hand_on(registration_id)
        return self.report

    def _begin(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.under_way[lanes().submit(_send_in_lane, claim, self.kept)] = claim

    def _settle(self, answered: Sequence[tuple[Claim, Result]]) -> None:
        """Always in the same order: who changes many scores at once must not wait for us while we wait for them."""
        in_order = sorted(answered, key=lambda pair: pair[0].score.pk)
        for claim, (outcome, _) in in_order:
            # An LMS that is away is away once, however many scores find that out together.
            if not (outcome.is_strike and self.is_struck):
                health.note(claim.score.line_item.deployment.registration, outcome, now=timezone.now())
            self.is_struck = self.is_struck or outcome.is_strike
        for claim, report in settle_together(in_order, now=timezone.now()):
            if claim is self.first:
                self.report = report
            elif report.ring_at:
                self.ring(claim.score.pk, at=report.ring_at)

    def _hand_on(self, registration_id: int) -> None:
        """One ring for all that is left when the time is over, or the LMS is not well: nobody else may ring for it."""
        due = _due(now=timezone.now(), **{_REGISTRATION: registration_id})
        left = due.order_by("next_try_at").values_list("pk", flat=True).first()
        if left is not None:
            self.ring(left)


def claim_due(registration_id: int, ahead: list[int], *, now: datetime) -> list[Claim]:
    """Some scores of this LMS, taken for this worker, if there is room; not those that a happening has locked.

    `ahead`: keys of scores that were due when somebody looked last. Those taken leave it; it is filled anew when none
    of it is left to take, for looking through all that waits costs more than taking some.
    """
    with transaction.atomic():
        registration = claims.locked(registration_id, now=now)
        if not (most := min(handful(), claims.room(registration, now=now))):
            return []
        if most < handful() and not registration.services_failures:
            return []  # others are at it
        lease_until = now + timedelta(seconds=settings.LTI_LEASE_SECONDS)
        rows = _take(ahead, most, now=now)
        if not rows:
            ahead[:] = [key for (key,) in _waiting.tuples(registration=registration_id, now=now)]
            rows = _take(ahead, most, now=now)
        leased = {"lease_until": lease_until, "rung_at": None}
        change_each(Score, [(score.pk, {**leased, "ours": overrides.remembered(score)}) for score in rows])
    _attach(rows, registration)
    taken = monotonic()
    return [Claim(score, lease_until, taken, vars(score)["has_left"]) for score in rows]


def _take(ahead: list[int], most: int, *, now: datetime) -> list[Score]:
    """The first of them that are still due and free, locked; they and those before them leave the list."""
    rows: list[Score] = []
    while ahead and len(rows) < most:
        place = most - len(rows)
        keys, ahead[:] = ahead[:place], ahead[place:]
        rows += _takable.rows(keys=keys, now=now)
    return rows


_waiting: Prepared[Any] = Prepared(
    lambda registration, now: (
        _due(now=now, **{_REGISTRATION: registration}).order_by("next_try_at").values_list("pk")[:AHEAD]
    ),
    registration=Registration._meta.pk,
    now=Score._meta.get_field("next_try_at"),
)
_takable = Prepared(
    lambda keys, now: (
        _due(Among("pk", keys), now=now)
        .select_related("user")
        .annotate(has_left=_has_left())
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("next_try_at")
    ),
    keys=Keys(),
    now=Score._meta.get_field("next_try_at"),
)


def settle_together(answered: Sequence[tuple[Claim, Result]], *, now: datetime) -> Iterator[tuple[Claim, Report]]:
    """As `delivery.settle` for each, in one transaction; those that a newer wish has overtaken one by one after it."""
    overtaken, reports = [], []
    rows: dict[tuple[str, ...], list[tuple[int, dict[str, Any]]]] = {}
    kept: list[ScoreSending] = []
    with transaction.atomic():
        keys = [claim.score.pk for claim, _ in answered]
        standing = {key: state for key, *state in _standing.tuples(keys=keys)}
        for claim, (outcome, observed) in answered:
            score = claim.score
            if standing.get(score.pk) != [claim.lease_until, score.version]:
                overtaken.append((claim, outcome, observed))
                continue
            with _doing(claim):
                changes = delivery.changes_by(claim, outcome, observed=observed, now=now)
            rows.setdefault(tuple(changes), []).append((score.pk, {**changes, "lease_until": None}))
            kept += sendings.row_of(score, outcome, observed=observed, now=now)
            reports.append((claim, Report(outcome.verdict.value, changes.get("next_try_at"))))
        for alike in rows.values():
            change_each(Score, alike)
        ScoreSending.objects.bulk_create(kept)
    yield from reports
    for claim, outcome, observed in overtaken:
        with _doing(claim):
            yield claim, delivery.settle(claim, outcome, observed=observed, now=now)


_standing: Prepared[Any] = Prepared(
    lambda keys: (
        Score.objects.select_for_update()
        .filter(Among("pk", keys))
        .order_by("pk")
        .values_list("pk", "lease_until", "version")
    ),
    keys=Keys(),
)


def _due(*which: Any, now: Any, **of: Any) -> QuerySet[Score]:
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    times = {"next_try_at__lte": now, "timestamp__lte": now}
    return Score.objects.filter(*which, is_free, state=Score.State.DUE, **times, **of)


def _has_left() -> Exists:
    seats = Membership.objects.filter(user=OuterRef("user"), context__resource_links__line_item=OuterRef("line_item"))
    return Exists(seats.exclude(status=Membership.Status.ACTIVE))


def _attach(rows: Sequence[Score], registration: Registration) -> None:
    """Columns, links and deployments are few: read once, whoever's score it is."""
    wanted = {score.line_item_id for score in rows}
    columns = {column.pk: column for column in _columns.rows(keys=wanted)}
    for column in columns.values():
        column.deployment.registration = registration
    for score in rows:
        score.line_item = columns[score.line_item_id]


_columns = Prepared(
    lambda keys: LineItem.objects.select_related("resource_link", "deployment").filter(Among("pk", keys)), keys=Keys()
)


def _send(claim: Claim, kept: Kept) -> Result:
    with _doing(claim):
        return delivery.attempt(claim, now=timezone.now(), kept=kept)


def _send_in_lane(claim: Claim, kept: Kept) -> Result:
    """A lane is a thread that mostly waits for the LMS, and needs the database for the unusual alone."""
    try:
        return _send(claim, kept)
    finally:
        connections.close_all()


def _doing(claim: Claim) -> AbstractContextManager[None]:
    """Lines of the log name the request that queued this score, whoever's ring it was."""
    return references.bound(claim.score.reference or references.current())


@lru_cache(maxsize=1)
def lanes() -> ThreadPoolExecutor:
    """Threads for all rounds of this process; made when none is free, and kept.

    No round waits for a lane, so LMSs that hang hold up no other: each round has at most LTI_SCORES_AT_ONCE under way.
    """
    return ThreadPoolExecutor(MOST_LANES, thread_name_prefix="scores")
