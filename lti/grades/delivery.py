"""Sends one score: claim it, find its column, post it, and write down what came of it.

A claim (`claims`) is a lease. A newer wish may overtake a score that is on its way; then the newer one stays due. No
network inside a transaction.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction

from lti import health, metrics, scopes
from lti.grades import claims, line_items, messages, overrides, sendings
from lti.grades.claims import Claim, Report
from lti.models import Deployment, Membership, Registration, Score
from lti.outcomes import (
    GIVE_UP_AFTER,
    STALE_LIMIT,
    Outcome,
    ServiceProblem,
    Verdict,
    backoff,
    judge,
)
from lti.prepared import change
from lti.services import SCORE_TYPE, Kept, Services, with_path

# While a platform is switched off its scores wait; nobody is asked, so asking often costs nothing.
SWITCHED_OFF_DELAY = timedelta(hours=1)

log = structlog.get_logger("lti.delivery")

type Result = tuple[Outcome, Decimal | None]
"""What became of it, and what the gradebook was seen to show, if one looked."""


def deliver(score_id: int, *, now: datetime) -> Report:
    """Send the score if it is due and nobody else is at it. Raises nothing that the LMS could cause."""
    claimed = claims.claim(score_id, now=now)
    if isinstance(claimed, Report):
        return claimed
    outcome, observed = attempt(claimed, now=now)
    health.note(claimed.score.line_item.deployment.registration, outcome, now=now)
    return settle(claimed, outcome, observed=observed, now=now)


def attempt(claimed: Claim, *, now: datetime, kept: Kept | None = None) -> Result:
    """`send` with an outcome for whatever happens."""
    try:
        return send(claimed, now=now, kept=kept)
    except ServiceProblem as problem:
        return problem.outcome, None
    except Exception:
        # Whatever it is, the grade must not be lost with it.
        log.exception("lti.score_crashed", score=claimed.score.pk)
        return Outcome(Verdict.RETRY, "internal"), None


def send(claimed: Claim, *, now: datetime, kept: Kept | None = None) -> Result:
    """All the network there is to one score. `kept`: tokens that are at hand."""
    score = claimed.score
    line_item = score.line_item
    if not _is_active(line_item.deployment):
        return Outcome(Verdict.RETRY, "platform_disabled", delay=SWITCHED_OFF_DELAY), None
    body = messages.score_body(score, product=line_item.deployment.registration.product)
    if body is None:
        return Outcome(Verdict.WITHHELD), None
    if _has_left(score) if claimed.has_left is None else claimed.has_left:
        return Outcome(Verdict.FINAL, "not_in_course"), None
    services = Services.of_line_item(line_item, now=now, kept=kept)
    url = line_items.address(line_item, services, score_maximum=score.score_maximum, now=now)
    if overrides.is_look_needed(score, services) and not overrides.was_seen_unchanged(services, url, score):
        cell = overrides.look(services, url, score)
        if cell and cell.is_changed(overrides.remembered(score)):
            return _changed(cell, score)
        if cell and overrides.is_unsure(score) and cell.shows(overrides.sent_now(score)):
            # It did arrive. Canvas would take it once more, and show its comment twice.
            return Outcome(Verdict.SENT, status=200), cell.on_scale_of(score.score_maximum)
    claimed.check_time()
    outcome = _post(services, url, body)
    if outcome.verdict is Verdict.GONE:
        url = line_items.find_again(line_item, services, now=now)
        if not url:
            return replace(outcome, verdict=Verdict.FINAL), None
        claimed.check_time()
        outcome = _post(services, url, body)
    if outcome.verdict is Verdict.STALE:
        return _judge_stale(services, url, score, outcome)
    if outcome.verdict is Verdict.GONE:
        return replace(outcome, verdict=Verdict.FINAL), None
    return outcome, None


def _has_left(score: Score) -> bool:
    """Who the roster no longer lists is not graded (AGS-28); a launch or the next roster makes them active again."""
    seats = Membership.objects.filter(user=score.user, context__resource_links=score.line_item.resource_link_id)
    return seats.exclude(status=Membership.Status.ACTIVE).exists()


def _is_active(deployment: Deployment) -> bool:
    registration = deployment.registration
    return registration.status == Registration.Status.ACTIVE and deployment.status == Deployment.Status.ACTIVE


def _post(services: Services, url: str, body: dict[str, Any]) -> Outcome:
    answer = services.call(
        "POST", with_path(url, "scores"), wants=[scopes.SCORE], content_type=SCORE_TYPE, content=body
    )
    return judge(answer.status, answer.headers, answer.body, now=services.now)


def _judge_stale(services: Services, url: str, score: Score, outcome: Outcome) -> Result:
    """The LMS has a newer entry: our own, whose answer was lost; a teacher's, which stays; or nothing that we see."""
    cell = overrides.look(services, url, score)
    if cell is None:
        return outcome, None
    if cell.shows(overrides.sent_now(score)):
        return Outcome(Verdict.SENT, status=outcome.status), cell.on_scale_of(score.score_maximum)
    if cell.is_changed(score.ours) and not overrides.may_overwrite(score):
        return _changed(cell, score)
    return outcome, cell.on_scale_of(score.score_maximum)


def _changed(cell: overrides.Cell, score: Score) -> Result:
    # It answered: that is a sign of health.
    return Outcome(Verdict.CHANGED, "changed_in_lms", 200), cell.on_scale_of(score.score_maximum)


def settle(claimed: Claim, outcome: Outcome, *, observed: Decimal | None, now: datetime) -> Report:
    """Write down what came of it, unless a newer wish has come meanwhile; then that one is rung for."""
    score = claimed.score
    changes = changes_by(claimed, outcome, observed=observed, now=now)
    with transaction.atomic(savepoint=False):
        mine = {"lease_until": claimed.lease_until}
        if change(Score, score.pk, {**changes, "lease_until": None}, where={**mine, "version": score.version}):
            sendings.note(score, outcome, observed=observed, now=now)
            return Report(outcome.verdict.value, changes.get("next_try_at"))
        # Overtaken. What was sent was sent, but the newer wish stays due.
        sent = {name: value for name, value in changes.items() if name.startswith("sent_")}
        if not change(Score, score.pk, {**sent, "lease_until": None}, where=mine):
            return Report("lease lost")
        sendings.note(score, outcome, observed=observed, now=now)
        newer = Score.objects.get(pk=score.pk)
    return Report("overtaken", newer.next_try_at if newer.state == Score.State.DUE else None)


def changes_by(claimed: Claim, outcome: Outcome, *, observed: Decimal | None, now: datetime) -> dict[str, Any]:
    """What the outcome changes in the score's row, told to log and numbers."""
    score = claimed.score
    changes = _changes(score, outcome, now=now)
    if observed is not None:
        changes |= {"observed": observed, "observed_at": now}
    log.info(
        "lti.score_" + outcome.verdict.name.lower(),
        score=score.pk,
        code=outcome.code,
        status=outcome.status,
        try_=score.tries + 1,
    )
    _count(score, outcome, now=now)
    return changes


def _count(score: Score, outcome: Outcome, *, now: datetime) -> None:
    registration = str(score.line_item.deployment.registration.uuid)
    metrics.DELIVERIES.labels(registration, outcome.verdict.name.lower()).inc()
    if outcome.verdict is Verdict.SENT:
        metrics.DELIVERY_SECONDS.labels(registration).observe(max(0.0, (now - score.timestamp).total_seconds()))


def _changes(score: Score, outcome: Outcome, *, now: datetime) -> dict[str, Any]:
    if outcome.verdict in {Verdict.SENT, Verdict.WITHHELD}:
        return _sent(score, outcome, now=now)
    if outcome.verdict is Verdict.BUSY:
        return {"next_try_at": now + (outcome.delay or timedelta(seconds=1))}
    tries, first_failed_at = score.tries + 1, score.first_failed_at or now
    changes = {
        "tries": tries,
        "first_failed_at": first_failed_at,
        "last_error": outcome.code,
        "last_status": outcome.status,
        "rung_at": None,
    }
    if outcome.verdict is Verdict.CHANGED:
        return {**changes, "state": Score.State.CHANGED, "next_try_at": None, "first_failed_at": None}
    is_hopeless = outcome.verdict is Verdict.STALE and tries >= STALE_LIMIT
    if outcome.verdict is Verdict.FINAL or is_hopeless or now - first_failed_at >= GIVE_UP_AFTER:
        return {**changes, "state": Score.State.FAILED, "next_try_at": None}
    if outcome.verdict is Verdict.STALE:
        # Open a newer timestamp; the first one after a second, for the LMS only compares (AGS-22).
        timestamp = max(now, score.timestamp + timedelta(seconds=1))
        delay = timedelta(seconds=1) if tries == 1 else backoff(tries)
        return {**changes, "timestamp": timestamp, "next_try_at": max(timestamp, now + delay)}
    return {**changes, "next_try_at": now + (outcome.delay or backoff(tries))}


def _sent(score: Score, outcome: Outcome, *, now: datetime) -> dict[str, Any]:
    changes = {
        "state": Score.State.SENT,
        "sent_at": now,
        "next_try_at": None,
        "tries": score.tries + 1,
        "first_failed_at": None,
        "last_error": "",
        "last_status": outcome.status,
    }
    if outcome.verdict is Verdict.SENT:
        # The newest submission that the LMS has heard of: an older one that counts again is no new attempt (AGS-32).
        submissions = [moment for moment in (score.submitted_at, score.sent_submitted_at) if moment]
        changes |= {
            "sent_given": score.score_given,
            "sent_submitted_at": max(submissions, default=None),
            "ours": [overrides.sent_now(score)],
            "overwrites": False,
        }
    return changes
