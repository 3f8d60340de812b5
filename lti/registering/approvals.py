"""What the people who run the service decide about LMSs: who may come in (CORE-24, CORE-43, REG-22, SEC-17).

Switching off blocks launches at once and keeps all data; nothing is deleted here.
"""

from typing import Any

import structlog
from django.db import transaction

from lti import registrations
from lti.models import Deployment, Institution, Registration

log = structlog.get_logger("lti.approvals")


class CanNotMove(ValueError):
    """A deployment in use keeps its institution: what was learned there belongs to it."""


def approve(registration: Registration, *, by: Any) -> None:
    """Let this LMS in, for the first time or again."""
    _set_status(registration, Registration.Status.ACTIVE, by=by)


def disable(registration: Registration, *, by: Any) -> None:
    """No login, no launch, no open session from now on."""
    _set_status(registration, Registration.Status.DISABLED, by=by)


def choose_policy(registration: Registration, policy: str, *, by: Any) -> None:
    """`policy`: a value of Registration.DeploymentPolicy; counts from the next launch on."""
    registration.deployment_policy = policy
    registration.save(update_fields=["deployment_policy"])
    log.info("lti.policy_chosen", registration=str(registration.uuid), policy=policy, by=by.pk)


@transaction.atomic
def approve_deployment(deployment: Deployment, *, institution: Institution, by: Any) -> None:
    """Let it in, as this institution's. Raises CanNotMove."""
    row = Deployment.objects.select_for_update().get(pk=deployment.pk)
    if row.institution_id != institution.pk and row.contexts.exists():
        raise CanNotMove
    row.institution, row.status = institution, Deployment.Status.ACTIVE
    row.save(update_fields=["institution", "status"])
    log.info("lti.deployment_approved", deployment=row.pk, institution=institution.pk, by=by.pk)


def disable_deployment(deployment: Deployment, *, by: Any) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(status=Deployment.Status.DISABLED)
    log.info("lti.deployment_disabled", deployment=deployment.pk, by=by.pk)


@transaction.atomic
def claim_deployment(registration: Registration, deployment_id: str, *, institution: Institution, by: Any) -> None:
    """Enter a deployment before its first launch, or take one that waits. Raises ValidationError, CanNotMove."""
    deployment = registrations.deploy(registration, deployment_id, institution=institution)
    approve_deployment(deployment, institution=institution, by=by)


def _set_status(registration: Registration, status: str, *, by: Any) -> None:
    registration.status = status
    registration.save(update_fields=["status"])
    log.info("lti.registration_decided", registration=str(registration.uuid), status=status, by=by.pk)
