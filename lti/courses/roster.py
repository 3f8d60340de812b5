"""Who is in a course (NRPS): launches ask for the list, a worker fetches it, `members` writes it down.

At most once per course and LTI_ROSTER_MINUTES. What can't be fetched as a whole leaves the list as it was, with the
cause beside it and the time of the last good answer (NRPS-07).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti import health, services
from lti.courses import groups, members
from lti.models import Context, Deployment, Registration
from lti.outcomes import Outcome, ServiceProblem, Verdict, backoff
from lti.services import Roster, Services

# A hint only: some LMSs list ten people per page when nothing is said.
PAGE_SIZE = 200
# Differences are asked for in between; once a day everybody (NRPS-03).
COMPLETE_EVERY = timedelta(days=1)
# After a failure that may pass, the next launch may ask again this soon.
ASK_AGAIN = timedelta(minutes=5)
# So soon somebody who looks at the list may have it fetched anew.
BY_HAND = timedelta(minutes=1)
TRIES = 4

log = structlog.get_logger("lti.roster")

_PASSING = _("The learning platform did not answer as it should. The next opening of the activity asks again.")
WORDS: dict[str, Promise] = {
    "forbidden": _("The learning platform does not let us see who is in the course. Ask its administrator."),
    "scope_missing": _("The tool is not allowed to see who is in the course. Ask the platform's administrator."),
    "address_refused": _("The list's address does not belong to this learning platform. Ask its administrator."),
    "column_gone": _("The learning platform has no list of people for this course any more."),
    "not_accepted": _("The learning platform did not accept our question for the list. Ask its administrator."),
    "roster_empty": _("The learning platform said that nobody is in the course, so the earlier list was kept."),
    "roster_too_large": _("There are more people in this course than can be listed here."),
    "platform_disabled": _("The connection to this learning platform is switched off."),
    "token_refused": _("The learning platform does not know the tool. Ask its administrator to compare id and keys."),
}


@dataclass(frozen=True)
class Freshness:
    """How far a course's list can be trusted. `synced_at`: when the answer that is kept was asked for."""

    is_offered: bool
    synced_at: datetime | None
    advice: str
    """Why a later try failed, in words; "" when the last one was good."""


def freshness_of(context: Context) -> Freshness:
    """From the row alone."""
    advice = WORDS.get(context.roster_error, _PASSING) if context.roster_error else ""
    return Freshness(bool(context.memberships_url), context.roster_synced_at, str(advice))


def ask(context: Context, *, now: datetime, at_most_every: timedelta | None = None) -> bool:
    """Ring for the list if it is due. Costs no statement when it is not; of many at once only one rings."""
    interval = at_most_every or timedelta(minutes=settings.LTI_ROSTER_MINUTES)
    asked = context.roster_asked_at
    if not context.memberships_url or (asked is not None and asked > now - interval):
        return False
    if not Context.objects.filter(pk=context.pk, roster_asked_at=asked).update(roster_asked_at=now):
        return False
    context.roster_asked_at = now
    # Robust: a launch must not fail because nobody could be rung for.
    transaction.on_commit(partial(sync.enqueue, context.pk), robust=True)
    return True


@task
def sync(context_id: int, tries: int = 0) -> str:
    """Fetch one course's list. The answer is a word for the task's record."""
    outcome = update(context_id, now=timezone.now())
    may_pass = outcome.verdict in {Verdict.RETRY, Verdict.BUSY, Verdict.UNAUTHORIZED} and tries < TRIES
    # Engines that can't wait leave it to the next launch.
    if may_pass and sync.get_backend().supports_defer:
        delay = outcome.delay or backoff(tries + 1)
        sync.using(run_after=timezone.now() + delay).enqueue(context_id, tries + 1)
    return outcome.code or outcome.verdict.value


def update(context_id: int, *, now: datetime) -> Outcome:
    """Fetch the list and write it down, or write down why not. Raises nothing that the LMS could cause."""
    context = Context.objects.select_related("deployment__registration").filter(pk=context_id).first()
    if context is None or not context.memberships_url:
        return Outcome(Verdict.FINAL, "nothing_to_ask")
    registration = context.deployment.registration
    try:
        found, is_complete = _fetch(context, now=now)
    except ServiceProblem as problem:
        health.note(registration, problem.outcome, now=now)
        return _failed(context, problem.outcome, now=now)
    outcome = Outcome(Verdict.SENT, status=200)
    health.note(registration, outcome, now=now)
    written = members.write(context, found, is_complete=is_complete, begun_at=now)
    if written is not None:
        log.info("lti.roster_synced", context=context.pk, is_complete=is_complete, **written)
        groups.update(context, found.members, now=now)
    return outcome


def _fetch(context: Context, *, now: datetime) -> tuple[Roster, bool]:
    """Everybody, or only what changed where the LMS tells that. The flag: is it everybody?"""
    _check_open(context.deployment, now=now)
    at = Services.of_context(context, now=now)
    if _may_ask_for_differences(context, now=now):
        try:
            return services.members(at, context.roster_differences_url), False
        except ServiceProblem as problem:
            if problem.outcome.verdict in {Verdict.RETRY, Verdict.BUSY}:
                raise
            log.info("lti.roster_differences_refused", context=context.pk, code=problem.outcome.code)
    found = _everybody(at, context)
    if not found.members:
        # Somebody launched from this course: a list without anybody is not the truth.
        raise ServiceProblem.final("roster_empty")
    return found, True


def _everybody(at: Services, context: Context) -> Roster:
    """With our wishes for it; an LMS that minds parameters that it does not know is asked without any (NRPS-02)."""
    try:
        return services.roster(at, context.memberships_url, limit=PAGE_SIZE, with_groups=bool(context.groups_url))
    except ServiceProblem as problem:
        if problem.outcome.status not in {400, 422}:
            raise
    return services.roster(at, context.memberships_url)


def _may_ask_for_differences(context: Context, *, now: datetime) -> bool:
    complete_at = context.roster_complete_at
    return bool(context.roster_differences_url) and complete_at is not None and complete_at > now - COMPLETE_EVERY


def _check_open(deployment: Deployment, *, now: datetime) -> None:
    """Raises ServiceProblem while this LMS is switched off, or wants a pause."""
    registration = deployment.registration
    if registration.status != Registration.Status.ACTIVE or deployment.status != Deployment.Status.ACTIVE:
        raise ServiceProblem.final("platform_disabled")
    paused_until = registration.services_paused_until
    if paused_until is not None and paused_until > now:
        raise ServiceProblem(Outcome(Verdict.BUSY, "paused", delay=paused_until - now))


def _failed(context: Context, outcome: Outcome, *, now: datetime) -> Outcome:
    log.warning("lti.roster_failed", context=context.pk, code=outcome.code, status=outcome.status)
    changes: dict[str, object] = {}
    if outcome.verdict is not Verdict.BUSY:
        changes["roster_error"] = outcome.code
    if outcome.verdict is not Verdict.FINAL:
        interval = timedelta(minutes=settings.LTI_ROSTER_MINUTES)
        changes["roster_asked_at"] = min(now, now - interval + max(ASK_AGAIN, outcome.delay or ASK_AGAIN))
    Context.objects.filter(pk=context.pk).update(**changes)
    return outcome
