"""Writes down a verified launch: who came from where, in which role, and that the login is used up (CORE-20, CORE-40).

One SELECT finds all that is known, one transaction writes what is new or has changed. The launch's own row consumes
the login: the database lets no second one in, whichever process tries.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction

from lti.claims import DEEP_LINK, AgsClaim, Claims
from lti.courses import members, notices, roster
from lti.errors import LaunchRefused
from lti.grades import scores
from lti.known import Known, known_of
from lti.models import (
    Context,
    Deployment,
    Launch,
    LineItem,
    Membership,
    PlatformUser,
    Registration,
    ResourceLink,
    Role,
)
from lti.prepared import insert
from lti.protocol import Verified
from lti.rows import new

# Two people's first launches in a new course write the same rows; whoever comes second reads them and goes on.
TRIES = 3

log = structlog.get_logger("lti.launch")


def record(verified: Verified, *, now: datetime, proof_hash: str = "") -> Launch:
    """Save the launch and all it tells, and consume the login. The session is open when `proof_hash` is given.

    Two statements for somebody who was here before, besides the launch's own; more only where something is new.
    Raises LaunchRefused: state_used, deployment_unknown, deployment_pending, deployment_disabled.
    """
    for tried in range(1, TRIES + 1):
        known = _look_up(verified, now=now)
        try:
            with transaction.atomic():
                return _write(verified, known, now=now, proof_hash=proof_hash)
        except IntegrityError:
            if Launch.objects.filter(login=verified.login).exists():
                raise _refusal(verified, "state_used") from None
            if tried == TRIES:
                raise
    raise AssertionError("unreachable")


def _refusal(verified: Verified, reason: str) -> LaunchRefused:
    return LaunchRefused(reason, return_url=verified.claims.return_url, registration=verified.registration)


# --- reading


def _look_up(verified: Verified, *, now: datetime) -> Known:
    registration = verified.registration
    known = known_of(registration, verified.claims) or Known(_new_deployment(verified))
    known.deployment.registration = registration
    if known.deployment.status == Deployment.Status.PENDING:
        raise _refusal(verified, "deployment_pending")
    if known.deployment.status != Deployment.Status.ACTIVE:
        raise _refusal(verified, "deployment_disabled")
    return known


def _new_deployment(verified: Verified) -> Deployment:
    """A deployment that nobody entered here: what happens is the registration's policy (CORE-24)."""
    registration = verified.registration
    if registration.deployment_policy == Registration.DeploymentPolicy.REJECT:
        raise _refusal(verified, "deployment_unknown")
    is_welcome = registration.deployment_policy == Registration.DeploymentPolicy.AUTO
    deployment, is_new = Deployment.objects.get_or_create(
        registration=registration,
        deployment_id=verified.claims.deployment_id,
        defaults={
            "institution_id": registration.institution_id,
            "status": Deployment.Status.ACTIVE if is_welcome else Deployment.Status.PENDING,
        },
    )
    if is_new:
        log.info("lti.deployment_arrived", deployment=deployment.pk, status=deployment.status)
    return deployment


# --- writing


def _write(verified: Verified, known: Known, *, now: datetime, proof_hash: str) -> Launch:
    claims, deployment = verified.claims, known.deployment
    context = _context(claims, known)
    # Courses are locked before people, here as where a roster is written down.
    _ask_for_more(claims, deployment, context, now=now)
    link = _link(claims, known, context, now=now)
    user = _user(claims, known, verified.registration)
    if claims.product and not verified.registration.product:
        _update(verified.registration, product=claims.product)
    launch = new(
        Launch,
        login=verified.login,
        deployment=deployment,
        user=user,
        membership=_membership(claims, known, context, user, now=now),
        resource_link=link,
        message_type=claims.message_type,
        role=_role(claims),
        is_test_user=claims.is_test_user,
        locale=claims.locale,
        document_target=claims.document_target,
        proof_hash=proof_hash,
        created_at=now,
        expires_at=now + timedelta(hours=settings.LTI_SESSION_HOURS),
    )
    launch.of_product = known.of_product
    return insert(launch)


def _ask_for_more(claims: Claims, deployment: Deployment, context: Context | None, *, now: datetime) -> None:
    """Ring for what the LMS can tell beside this launch, if it is due; mostly it is not, and costs nothing."""
    if context is not None and claims.nrps_url:
        roster.ask(context, now=now)
    if claims.notices_url:
        notices.ask(deployment, claims.notices_url, now=now)


def _context(claims: Claims, known: Known) -> Context | None:
    if claims.context is None:
        return None
    told = {"title": claims.context.title, "label": claims.context.label, "memberships_url": claims.nrps_url}
    if claims.groups:
        told |= {"groups_url": claims.groups.groups, "group_sets_url": claims.groups.sets}
    if known.context is None:
        return Context.objects.create(deployment=known.deployment, context_id=claims.context.id, **told)
    _update(known.context, **_said(told))
    return known.context


def _link(claims: Claims, known: Known, context: Context | None, *, now: datetime) -> ResourceLink | None:
    if claims.resource_link is None:
        return None
    told: dict[str, Any] = _said({"title": claims.resource_link.title})
    if claims.ags is not None:
        told |= {"lineitems_url": claims.ags.lineitems, "ags_scopes": list(claims.ags.scopes)}
    link = known.link
    if link is None:
        link = ResourceLink.objects.create(
            deployment=known.deployment, context=context, resource_link_id=claims.resource_link.id, **told
        )
        has_changed = False
    else:
        has_changed = _update(link, **_said({"context_id": context and context.pk}), **told)
    if claims.ags is not None:
        line_item: LineItem | None = getattr(known.link, "line_item", None)
        has_changed |= _grade_column(claims.ags, link, line_item)
        if has_changed and known.link is not None:
            scores.wake(link, now=now)
    return link


def _grade_column(ags: AgsClaim, link: ResourceLink, line_item: LineItem | None) -> bool:
    """Each launch says anew where the grades go (AGS-15). Is another address known now than before?"""
    if line_item is not None and ags.lineitem in {"", line_item.url}:
        return False
    url = ags.lineitem or None
    if url and LineItem.objects.filter(deployment_id=link.deployment_id, url=url).exists():
        # Open edX may name the first of several columns; one column takes the grades of one link only.
        log.warning("lti.column_shared", resource_link=link.pk)
        url = None
    if line_item is None:
        link.line_item = LineItem.objects.create(deployment_id=link.deployment_id, resource_link=link, url=url)
        return True
    return url is not None and _update(line_item, url=url)


def _user(claims: Claims, known: Known, registration: Registration) -> PlatformUser:
    """Known by `sub` alone (CORE-33); name, e-mail and language as they are now, also when they are gone (CORE-34)."""
    told: dict[str, Any] = {"name": claims.name, "email": claims.email, "locale": claims.locale}
    if not claims.sub:
        sub = f"anonymous-{uuid.uuid4()}"
        return PlatformUser.objects.create(registration=registration, sub=sub, is_anonymous=True)
    if known.user is None:
        return insert(new(PlatformUser, registration=registration, sub=claims.sub, **told))
    known.user.registration = registration
    _update(known.user, **told)
    return known.user


def _membership(
    claims: Claims, known: Known, context: Context | None, user: PlatformUser, *, now: datetime
) -> Membership | None:
    """The role is the newest launch's (SEC-14). Who is anonymous, or only administers the LMS, is in no course."""
    if context is None or user.is_anonymous or claims.is_outsider:
        return None
    told = {
        "role": _role_in_course(claims, known),
        "status": Membership.Status.ACTIVE,
        "is_test_user": claims.is_test_user,
        "last_launch_at": now,
    }
    if known.membership is None:
        return insert(new(Membership, context=context, user=user, **told))
    known.membership.context, known.membership.user = context, user
    _update(known.membership, **told)
    return known.membership


def _role_in_course(claims: Claims, known: Known) -> Role:
    """As launched; whom the LMS lets choose activities is no assistant, whatever its list said before."""
    if claims.message_type == DEEP_LINK:
        return claims.role
    return members.known_as(claims.role, known.membership, product=known.deployment.registration.product)


def _role(claims: Claims) -> Role:
    """Nobody whom nobody knows gets to see what staff see (CORE-28)."""
    if claims.sub or claims.role == Role.LEARNER:
        return claims.role
    return Role.NONE


def _said(told: dict[str, Any]) -> dict[str, Any]:
    """What the LMS left out this time stays as it was."""
    return {name: value for name, value in told.items() if value}


def _update(row: models.Model, **values: Any) -> bool:
    """UPDATE only the fields that differ, only if some do. Did any?"""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)
