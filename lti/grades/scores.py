"""What the gradebook should show, written down in the same transaction as the attempt; a worker sends it later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any, Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from lti import references, tasks
from lti.grades import advice
from lti.models import LineItem, Membership, PlatformUser, ResourceLink, Role, Score
from lti.prepared import Prepared, insert_unless_there, update
from lti.rows import new

# Moodle compares whole seconds (AGS-22).
STEP = timedelta(seconds=1)
FINAL = "FullyGraded"
ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
BATCH = 500
# What a resend changes.
RENEWED = (
    *("timestamp", "version", "state", "next_try_at", "tries"),
    *("first_failed_at", "rung_at", "last_error", "last_status", "reference"),
)
GRADING = (FINAL, "Pending", "PendingManual", "Failed", "NotReady")


class NotGradable(ValueError):
    """Only learners whose identity the LMS vouches for are graded (AGS-28)."""


@dataclass(frozen=True)
class GradeStatus:
    """What a learner is told about the grade. Times are None where they mean nothing; `advice` is in words."""

    state: Literal["none", "sent", "waiting", "failed", "unavailable", "changed"]
    score_given: Decimal | None = None
    score_maximum: Decimal | None = None
    sent_at: datetime | None = None
    next_try_at: datetime | None = None
    advice: str = ""
    # What the gradebook shows instead, on the scale of score_maximum; only where it was changed there.
    shown: Decimal | None = None


@dataclass(frozen=True)
class _Wish:
    score_given: Decimal | None
    score_maximum: Decimal
    activity_progress: str
    grading_progress: str
    started_at: datetime | None
    submitted_at: datetime | None
    comment: str

    @property
    def is_clearing(self) -> bool:
        return (
            self.score_given is None and self.grading_progress == "NotReady" and self.activity_progress == ACTIVITY[0]
        )

    def check(self) -> None:
        """Raises ValueError for what no LMS takes (AGS-20, AGS-21)."""
        if self.activity_progress not in ACTIVITY or self.grading_progress not in GRADING:
            raise ValueError(f"unknown progress {self.activity_progress}/{self.grading_progress}")
        if self.score_maximum <= 0 or (self.score_given is not None and self.score_given < 0):
            raise ValueError("points are never negative and the maximum is more than zero")

    def is_in(self, score: Score) -> bool:
        return all(getattr(score, name) == value for name, value in self.__dict__.items())

    def put_into(self, score: Score) -> None:
        for name, value in self.__dict__.items():
            setattr(score, name, value)


def queue(
    *,
    resource_link: ResourceLink,
    user: PlatformUser,
    score_given: Decimal | None,
    score_maximum: Decimal,
    activity_progress: str,
    grading_progress: str,
    started_at: datetime | None = None,
    submitted_at: datetime | None = None,
    comment: str = "",
    now: datetime,
) -> Score:
    """Write down what the gradebook should show; the newest wish wins (AGS-30). Part of the caller's transaction.

    Points are raw (AGS-27); None is "no grade", zero is a score. The same wish again changes nothing, unless sending
    it had failed. A status without a final grade never replaces a final grade that was asked for (AGS-23).
    Raises NotGradable, and ValueError for values that AGS does not know.
    """
    wish = _Wish(score_given, score_maximum, activity_progress, grading_progress, started_at, submitted_at, comment)
    wish.check()
    line_item = _line_item(resource_link, user)
    with transaction.atomic(savepoint=False):
        score, is_new = _locked(line_item, user, wish, now=now)
        if not is_new and not _is_news(wish, score):
            return score
        if not is_new:
            wish.put_into(score)
            _renew(score, line_item, now=now)
            update(score, *wish.__dict__, *RENEWED)
        _ring(score)
    return score


def clear(*, resource_link: ResourceLink, user: PlatformUser, score_maximum: Decimal, now: datetime) -> Score:
    """Empty the cell in the gradebook (AGS-24)."""
    return queue(
        resource_link=resource_link,
        user=user,
        score_given=None,
        score_maximum=score_maximum,
        activity_progress="Initialized",
        grading_progress="NotReady",
        now=now,
    )


def resend(score: Score, *, now: datetime, overwrites: bool = False) -> None:
    """Send the score (once more) as soon as can be: what is sent or failed with a new timestamp, else LMSs ignore it.

    What waits for its next try only waits no longer; asking often makes nothing worse. `overwrites`: also over a grade
    that a teacher changed in the LMS (AGS-31); only people who may grade there should be able to ask for that.
    """
    with transaction.atomic():
        locked = Score.objects.select_for_update().get(pk=score.pk)
        locked.overwrites = locked.overwrites or overwrites
        if locked.state == Score.State.DUE:
            locked.next_try_at = max(now, locked.timestamp)
        else:
            line_item = LineItem.objects.select_related("resource_link").get(pk=locked.line_item_id)
            _renew(locked, line_item, now=now)
        locked.save()
        _ring(locked)


def resend_all(score_ids: Iterable[int], *, now: datetime) -> int:
    """As `resend`, for many: the sweep rings for them. Never over a grade that was changed in the LMS. How many."""
    done = 0
    with transaction.atomic():
        for keys in batched(sorted(set(score_ids)), BATCH):
            rows = Score.objects.select_for_update(of=("self",)).select_related("line_item__resource_link")
            locked = list(rows.filter(pk__in=keys).order_by("pk"))
            for score in locked:
                if score.state != Score.State.DUE:
                    _renew(score, score.line_item, now=now)
                # Overdue at once, so that one sweep rings for all of them: nobody waits here for hundreds of rings.
                score.next_try_at = now - tasks.GRACE if score.timestamp <= now else score.timestamp
                score.rung_at = None
            Score.objects.bulk_update(locked, RENEWED, batch_size=BATCH)
            done += len(locked)
        if done:
            tasks.sweep.enqueue()
    return done


def wake(resource_link: ResourceLink, *, now: datetime) -> int:
    """A launch brought other grade services for this link: try again what they had stopped. How many scores that is.

    Call it inside the launch's transaction, only when the AGS claim differs from what was stored.
    """
    stopped = Q(state=Score.State.UNAVAILABLE) | Q(state=Score.State.FAILED, last_error__in=advice.CURED_BY_NEW_CLAIM)
    line_item = LineItem.objects.select_related("resource_link").filter(resource_link=resource_link).first()
    if line_item is None or not line_item.takes_scores:
        return 0
    # Overdue at once, so that the sweep rings for all of them: a launch doesn't wait for hundreds of rings.
    woken = line_item.scores.filter(stopped).update(
        state=Score.State.DUE,
        next_try_at=now - tasks.GRACE,
        tries=0,
        first_failed_at=None,
        last_error="",
        rung_at=None,
    )
    if woken:
        tasks.sweep.enqueue()
    return woken


def status_of(score: Score | None, *, product: str = "") -> GradeStatus:
    """What to tell the learner, from the row alone. `product`: the registration's, for words of its own."""
    if score is None or (score.score_given is None and score.grading_progress != FINAL and not score.sent_given):
        return GradeStatus("none")
    states: dict[str, Literal["sent", "waiting", "failed", "unavailable", "changed"]] = {
        Score.State.SENT: "sent",
        Score.State.DUE: "waiting",
        Score.State.FAILED: "failed",
        Score.State.UNAVAILABLE: "unavailable",
        Score.State.CHANGED: "changed",
    }
    state = states[score.state]
    return GradeStatus(
        state=state,
        score_given=score.score_given,
        score_maximum=score.score_maximum,
        sent_at=score.sent_at,
        next_try_at=score.next_try_at if state == "waiting" else None,
        advice=str(advice.for_learner(score.last_error, state, product)),
        shown=score.observed if state == "changed" else None,
    )


def _locked(line_item: Any, user: PlatformUser, wish: _Wish, *, now: datetime) -> tuple[Score, bool]:
    """The learner's row in the column of `_line_item`, locked; made from the wish when there is none. Is it new?"""
    if line_item.has_score and (found := _scores.first(line_item=line_item.pk, user=user.pk)):
        return found, False
    state = _first_state(line_item)
    times = {"timestamp": now, "next_try_at": now, "reference": references.current()}
    made = new(Score, line_item=line_item, user=user, state=state, **times, **wish.__dict__)
    if insert_unless_there(made):
        return made, True
    return _scores.rows(line_item=line_item.pk, user=user.pk)[0], False


_scores = Prepared(
    lambda line_item, user: Score.objects.select_for_update().filter(line_item=line_item, user=user),
    line_item=LineItem._meta.pk,
    user=PlatformUser._meta.pk,
)


def _line_item(resource_link: ResourceLink, user: PlatformUser) -> Any:
    """The link's grade column, whether the LMS has one yet or not, with `has_score`. Refuses who is not graded, in the
    same query."""
    if user.is_anonymous or user.erased_at is not None:
        raise NotGradable("nobody can say whose grade this is")
    line_item: Any = _columns.first(link=resource_link.pk, user=user.pk)
    if line_item is None:
        LineItem.objects.get_or_create(
            resource_link=resource_link, defaults={"deployment_id": resource_link.deployment_id}
        )
        line_item = _columns.rows(link=resource_link.pk, user=user.pk)[0]
    if line_item.bars_user:
        raise NotGradable("only learners are graded")
    return line_item


def _with_what_is_known(link: Any, user: Any) -> QuerySet[LineItem]:
    """The column, whether the course knows this user as anybody but a learner, and whether there is a score."""
    others = Membership.objects.filter(user=user, context__resource_links=link).exclude(
        role=Role.LEARNER, is_test_user=False
    )
    known = Score.objects.filter(line_item=OuterRef("pk"), user=user)
    found = LineItem.objects.select_related("resource_link").annotate(bars_user=Exists(others), has_score=Exists(known))
    return found.filter(resource_link=link)


_columns = Prepared(_with_what_is_known, link=ResourceLink._meta.pk, user=PlatformUser._meta.pk)


def _first_state(line_item: LineItem) -> str:
    return Score.State.DUE if line_item.takes_scores else Score.State.UNAVAILABLE


def _is_news(wish: _Wish, score: Score) -> bool:
    if wish.grading_progress != FINAL and not wish.is_clearing and score.score_given is not None:
        return False
    return score.state == Score.State.FAILED or not wish.is_in(score)


def _renew(score: Score, line_item: LineItem, *, now: datetime) -> None:
    """A new version with its own timestamp, due at once, but never before that timestamp has come."""
    score.timestamp = max(now, score.timestamp + STEP)
    score.version += 1
    score.state = _first_state(line_item)
    score.next_try_at = score.timestamp
    score.tries = 0
    score.first_failed_at = score.rung_at = None
    score.last_error, score.last_status = "", None
    score.reference = references.current()


def _ring(score: Score) -> None:
    """Heard when the transaction is through: tasks in the database are part of it, a broker's messages wait for it."""
    if score.state == Score.State.DUE:
        tasks.ring(score.pk, at=score.next_try_at)
