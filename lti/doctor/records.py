"""What our own records say about a connection: is it switched on, who came last, what waits. No network."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from lti.doctor.visit import Finding, Visit
from lti.models import Deployment, Launch, Login, Registration, Score

# A score that was due and that nobody took: then no worker runs.
UNTOUCHED = timedelta(minutes=3)
NOTABLE_WAIT = timedelta(minutes=30)
# A login that never came back as a launch is no sign before that.
ON_ITS_WAY = timedelta(minutes=1)
SHOWN_CAUSES = 3


def state(visit: Visit) -> Iterator[Finding]:
    status = visit.registration.status
    if status == Registration.Status.ACTIVE:
        yield Finding("state", "ok", "switched_on")
    else:
        cause = "switched_off" if status == Registration.Status.DISABLED else "waits_for_approval"
        yield Finding("state", "broken", cause)


def deployments(visit: Visit) -> Iterator[Finding]:
    registration = visit.registration
    rows = registration.deployments.values_list("status").annotate(number=Count("pk"))
    by_status = dict(rows.order_by("status"))
    facts = {
        "active": by_status.get(Deployment.Status.ACTIVE, 0),
        "pending": by_status.get(Deployment.Status.PENDING, 0),
    }
    if facts["pending"]:
        yield Finding("deployments", "look", "deployments_wait", facts)
    elif facts["active"]:
        yield Finding("deployments", "ok", "deployments_seen", facts)
    elif by_status:
        yield Finding("deployments", "broken", "deployments_off", facts)
    elif registration.deployment_policy == Registration.DeploymentPolicy.REJECT:
        yield Finding("deployments", "broken", "deployments_refused", facts)
    else:
        yield Finding("deployments", "look", "deployments_none", facts)


def launches(visit: Visit) -> Iterator[Finding]:
    """The last launch, and whether people set out who never arrived."""
    rows = Launch.objects.filter(deployment__registration=visit.registration)
    last = rows.aggregate(last=Max("created_at"))["last"]
    lost = Login.objects.filter(
        registration=visit.registration, launch=None, created_at__lte=visit.now - ON_ITS_WAY
    ).aggregate(number=Count("pk"), last=Max("created_at"))
    if lost["last"] and (last is None or lost["last"] > last):
        facts = {"count": lost["number"], "at": lost["last"].isoformat()}
        yield Finding("launches", "look", "logins_without_launch", facts)
    elif last is None:
        yield Finding("launches", "look", "never_launched")
    else:
        yield Finding("launches", "ok", "launched", {"at": last.isoformat()})


def grades(visit: Visit) -> Iterator[Finding]:
    """What was sent, what waits and since when, what failed and why."""
    registration, now = visit.registration, visit.now
    rows = Score.objects.filter(line_item__deployment__registration=registration)
    is_due = Q(state=Score.State.DUE)
    told = rows.aggregate(
        sent_at=Max("sent_at"),
        waiting=Count("pk", filter=is_due),
        oldest=Min("timestamp", filter=is_due),
        untouched=Count("pk", filter=is_due & Q(lease_until=None, next_try_at__lte=now - UNTOUCHED)),
        changed=Count("pk", filter=Q(state=Score.State.CHANGED)),
        failed=Count("pk", filter=Q(state=Score.State.FAILED)),
    )
    facts: dict[str, Any] = {name: told[name] for name in ("waiting", "changed", "failed")}
    facts |= {"sent_at": _iso(told["sent_at"]), "oldest": _iso(told["oldest"])}
    if told["untouched"]:
        yield Finding("grades", "broken", "worker_silent", facts | {"untouched": told["untouched"]})
    elif told["waiting"] and now - told["oldest"] > NOTABLE_WAIT:
        yield Finding("grades", "look", "grades_wait", facts | {"code": registration.services_error})
    elif told["sent_at"] is None:
        is_begun = told["waiting"] or told["failed"]
        yield Finding("grades", "ok", "grades_begun" if is_begun else "no_grades_yet", facts)
    else:
        yield Finding("grades", "ok", "grades_flow", facts)
    failed = rows.filter(state=Score.State.FAILED).values_list("last_error").annotate(number=Count("pk"))
    for code, number in failed.order_by("-number", "last_error")[:SHOWN_CAUSES]:
        yield Finding("grades_failed", "look", "grades_failed", {"code": code, "count": number})
    if told["changed"]:
        yield Finding("grades_changed", "ok", "grades_changed", {"count": told["changed"]})


def _iso(moment: Any) -> str:
    return moment.isoformat() if moment else ""
