"""What the people who run the service decide about LMSs: who may come in (CORE-24, CORE-43, REG-22, SEC-17).

Switching off blocks launches at once and keeps all data; nothing is deleted here. Each decision is written down
(`lti.audit`). `by` is an account of this site, None for a command on the server.
"""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from lti import audit, registrations
from lti.models import Deployment, Institution, Registration

log = structlog.get_logger("lti.approvals")


class CanNotMove(ValueError):
    """A deployment in use keeps its institution: what was learned there belongs to it."""


def approve(registration: Registration, *, by: Any, now: datetime) -> None:
    """Let this LMS in, for the first time or again."""
    _change(registration, "registration.approved", by=by, now=now, status=Registration.Status.ACTIVE)


def disable(registration: Registration, *, by: Any, now: datetime) -> None:
    """No login, no launch, no open session from now on."""
    _change(registration, "registration.disabled", by=by, now=now, status=Registration.Status.DISABLED)


def choose_policy(registration: Registration, policy: str, *, by: Any, now: datetime) -> None:
    """`policy`: a value of Registration.DeploymentPolicy; counts from the next launch on."""
    _change(registration, "registration.policy_chosen", by=by, now=now, deployment_policy=policy)


@transaction.atomic
def approve_deployment(deployment: Deployment, *, institution: Institution, by: Any, now: datetime) -> None:
    """Let it in, as this institution's. Raises CanNotMove."""
    row = Deployment.objects.select_for_update().get(pk=deployment.pk)
    if row.institution_id != institution.pk and row.contexts.exists():
        raise CanNotMove
    before = {"institution": row.institution_id, "status": row.status}
    row.institution, row.status = institution, Deployment.Status.ACTIVE
    row.save(update_fields=["institution", "status"])
    after = {"institution": institution, "status": row.status}
    audit.record("deployment.approved", by=by, now=now, on=row, institution=institution, before=before, after=after)
    log.info("lti.deployment_approved", deployment=row.pk, institution=institution.pk, by=_key(by))


@transaction.atomic
def disable_deployment(deployment: Deployment, *, by: Any, now: datetime) -> None:
    row = Deployment.objects.select_for_update().select_related("institution").get(pk=deployment.pk)
    before, row.status = {"status": row.status}, Deployment.Status.DISABLED
    row.save(update_fields=["status"])
    after = {"status": row.status}
    owner = row.institution
    audit.record("deployment.disabled", by=by, now=now, on=row, institution=owner, before=before, after=after)
    log.info("lti.deployment_disabled", deployment=row.pk, by=_key(by))


@transaction.atomic
def claim_deployment(
    registration: Registration, deployment_id: str, *, institution: Institution, by: Any, now: datetime
) -> None:
    """Enter a deployment before its first launch, or take one that waits. Raises ValidationError, CanNotMove."""
    deployment = registrations.deploy(registration, deployment_id, institution=institution)
    approve_deployment(deployment, institution=institution, by=by, now=now)


@transaction.atomic
def _change(registration: Registration, action: str, *, by: Any, now: datetime, **values: str) -> None:
    before = {name: getattr(registration, name) for name in values}
    for name, value in values.items():
        setattr(registration, name, value)
    registration.save(update_fields=list(values))
    owner = registration.institution
    audit.record(action, by=by, now=now, on=registration, institution=owner, before=before, after=values)
    log.info("lti.registration_decided", registration=str(registration.uuid), by=_key(by), **values)


def _key(by: Any) -> int | None:
    return None if by is None else int(by.pk)
