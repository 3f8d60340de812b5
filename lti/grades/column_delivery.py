"""Tells the LMS what a grade column should say; a worker's work (AGS-12). `columns` holds what should be told."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet

from lti import health
from lti.grades import line_items
from lti.models import Deployment, LineItem, Registration
from lti.outcomes import Outcome, ServiceProblem, Verdict, backoff
from lti.services import Services

# A column's name isn't worth three days of knocking.
TRIES = 12
GRACE = timedelta(seconds=30)

log = structlog.get_logger("lti.columns")


def tell(line_item_id: int, *, now: datetime) -> str:
    """Tell the LMS what the column should say. A word for what became of it. No network inside a transaction."""
    relations = ("resource_link", "deployment__registration")
    line_item = _waiting(now=now).select_related(*relations).filter(pk=line_item_id).first()
    if line_item is None:
        return "nothing to tell"
    deployment = line_item.deployment
    registration = deployment.registration
    wait_until = _wait_until(deployment, now=now)
    if wait_until:
        LineItem.objects.filter(pk=line_item.pk).update(tell_at=wait_until)
        return "later"
    try:
        with line_items.alone(line_item, now=now):
            line_items.update(line_item, Services.of_line_item(line_item, now=now), line_item.wishes)
        outcome = Outcome(Verdict.SENT, status=200)
    except ServiceProblem as problem:
        outcome = problem.outcome
    health.note(registration, outcome, now=now)
    _settle(line_item, outcome, now=now)
    log.info("lti.column_told", line_item=line_item.pk, verdict=outcome.verdict.name, code=outcome.code)
    return outcome.verdict.value


def overdue(*, now: datetime, limit: int = 100) -> list[int]:
    """Columns that nobody was rung for, or whose worker died. Each is named once in a while."""
    found = list(_waiting(now=now - GRACE).order_by("tell_at").values_list("pk", flat=True)[:limit])
    LineItem.objects.filter(pk__in=found, tell_at__lte=now - GRACE).update(tell_at=now)
    return found


def _waiting(*, now: datetime) -> QuerySet[LineItem]:
    return LineItem.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), tell_at__lte=now)


def _wait_until(deployment: Deployment, *, now: datetime) -> datetime | None:
    """The LMS is switched off here, or wants a pause."""
    registration = deployment.registration
    if registration.status != Registration.Status.ACTIVE or deployment.status != Deployment.Status.ACTIVE:
        return now + timedelta(hours=1)
    paused_until = registration.services_paused_until
    return paused_until if paused_until and paused_until > now else None


def _settle(line_item: LineItem, outcome: Outcome, *, now: datetime) -> None:
    """Unless the wishes have changed meanwhile: then the newer ones stay due."""
    same = LineItem.objects.filter(pk=line_item.pk, tell_at=line_item.tell_at, tell_tries=line_item.tell_tries)
    if outcome.verdict is Verdict.SENT:
        same.update(tell_at=None, tell_tries=0, tell_error="")
    elif outcome.verdict is Verdict.BUSY:
        same.update(tell_at=now + (outcome.delay or timedelta(seconds=2)))
    elif outcome.verdict in {Verdict.RETRY, Verdict.UNAUTHORIZED} and line_item.tell_tries + 1 < TRIES:
        tries = line_item.tell_tries + 1
        wait = outcome.delay or backoff(tries)
        same.update(tell_at=now + wait, tell_tries=tries, tell_error=outcome.code)
    else:
        same.update(tell_at=None, tell_tries=line_item.tell_tries + 1, tell_error=outcome.code)
