"""Which registration a login belongs to, and entering one by hand."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lti import audit, http, keysets
from lti.errors import LaunchRefused
from lti.id_tokens import ALGORITHMS
from lti.models import Deployment, Institution, Registration
from lti.prepared import Prepared

# What neither a login nor a page of a session asks for; to read it each time would take longer than all that they do.
SELDOM_READ = (
    *("jwks", "jwks_fetched_at", "jwks_failed_at", "jwks_expires_at", "jwks_missed_at", "jwks_missed_kid"),
    *("signing_algorithms", "trusted_audiences", "is_azp_strict", "allows_anonymous", "deployment_policy"),
    *("services_paused_until", "services_failures", "services_error", "services_error_at", "created_at"),
)


def for_login(*, issuer: str, client_id: str, deployment_hint: str, registration_uuid: UUID | None) -> Registration:
    """By the address's own id, else by client id, else the only active one, else the default (CORE-03, CORE-04).

    One query. Raises LaunchRefused: platform_unknown, platform_ambiguous, registration_inactive, deployment_disabled.
    """
    said = {"issuer": issuer, "uuid": registration_uuid, "client_id": client_id, "hint": deployment_hint}
    given = {name: value for name, value in said.items() if value}
    candidates = _candidates(tuple(given)).rows(**given)
    if not candidates:
        raise LaunchRefused("platform_unknown")
    active = [candidate for candidate in candidates if candidate.status == Registration.Status.ACTIVE]
    if not active:
        raise LaunchRefused("registration_inactive")
    chosen = active if len(active) == 1 else [candidate for candidate in active if candidate.is_default]
    if not chosen:
        raise LaunchRefused("platform_ambiguous", detail=f"{len(active)} registrations, none is the default")
    if getattr(chosen[0], "hinted_status", None) == Deployment.Status.DISABLED:
        raise LaunchRefused("deployment_disabled")
    return chosen[0]


@cache
def _candidates(given: tuple[str, ...]) -> Prepared[Registration]:
    """Up to 20 registrations by what the LMS said: issuer, and perhaps uuid, client_id, hint (of a deployment)."""
    fields: dict[str, Any] = {name: Registration._meta.get_field(name) for name in ("issuer", "uuid", "client_id")}
    fields["hint"] = Deployment._meta.get_field("deployment_id")
    return Prepared(_by, **{name: fields[name] for name in given})


def _by(hint: Any = None, **said: Any) -> QuerySet[Registration]:
    found = Registration.objects.filter(**said).defer(*SELDOM_READ).order_by("pk")
    if hint is not None:
        # Along with what we know of the deployment that the LMS announces (CORE-05).
        hinted = FilteredRelation("deployments", condition=Q(deployments__deployment_id=hint))
        found = found.annotate(hinted=hinted).annotate(hinted_status=F("hinted__status"))
    return found[:20]


@dataclass(frozen=True)
class PlatformDetails:
    """What an LMS's administrator tells us. `optional`: fields of Registration; None leaves a field as it is."""

    name: str
    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    jwks_url: str
    deployment_ids: Sequence[str] = ()
    institution: str | Institution | None = None
    """By name, made if there is none of that name; None: as it is, for a new one the LMS's name."""
    optional: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def enter(details: PlatformDetails, *, by: Any = None, now: datetime | None = None) -> tuple[Registration, bool]:
    """The registration and whether it is new. Found by issuer and client id; repeating changes nothing.

    `by`: who entered it, None for an LMS that registers itself and for commands on the server; written down as of
    `now`. Deployments are added, never taken away. Raises ValidationError with the field's name and words.
    """
    known = Registration.objects.filter(issuer=details.issuer, client_id=details.client_id).first()
    registration = known or Registration(issuer=details.issuer, client_id=details.client_id)
    if known is None or details.institution is not None:
        registration.institution = institution_named(details.institution or details.name)
    if registration.jwks_url != details.jwks_url:
        keysets.forget(registration)
    for name in ("name", "auth_login_url", "auth_token_url", "jwks_url"):
        setattr(registration, name, getattr(details, name))
    for name, value in details.optional.items():
        if value is not None:
            setattr(registration, name, value)
    check(registration)
    if registration.is_default:
        Registration.objects.filter(issuer=registration.issuer).exclude(pk=registration.pk).update(is_default=False)
    registration.full_clean()
    registration.save()
    for deployment_id in details.deployment_ids:
        deploy(registration, deployment_id)
    audit.record(
        "registration.entered" if known is None else "registration.entered_again",
        by=by,
        now=now or timezone.now(),
        on=registration,
        institution=registration.institution,
        after={"issuer": registration.issuer, "client_id": registration.client_id, "status": registration.status},
    )
    return registration, known is None


def check(registration: Registration) -> None:
    """What no database constraint can say. Raises ValidationError."""
    problems: dict[str, Any] = {}
    schemes = {"https", "http"} if settings.LTI_ALLOW_LOOPBACK_PLATFORMS else {"https"}
    parts = urlsplit(registration.issuer)
    if parts.scheme not in schemes or not parts.netloc or parts.query or parts.fragment:
        problems["issuer"] = _("Must be an https address without query, letter for letter as the LMS says it.")
    for name in ("auth_login_url", "auth_token_url", "jwks_url"):
        try:
            http.check_address(getattr(registration, name))
        except http.AddressRefused as refused:
            problems[name] = str(refused)
    unknown = sorted(set(registration.signing_algorithms) - ALGORITHMS)
    if unknown:
        problems["signing_algorithms"] = _("Not possible: %(names)s") % {"names": ", ".join(unknown)}
    if problems:
        raise ValidationError(problems)


def deploy(registration: Registration, deployment_id: str, *, institution: Institution | None = None) -> Deployment:
    """The deployment of this id, made if it is new, for `institution` or the registration's. Raises ValidationError."""
    if not deployment_id or len(deployment_id) > 255 or not deployment_id.isascii():
        raise ValidationError({"deployment_id": _("1 to 255 ASCII characters.")})
    owner = institution or registration.institution
    return Deployment.objects.get_or_create(
        registration=registration, deployment_id=deployment_id, defaults={"institution": owner}
    )[0]


def institution_named(name: str | Institution) -> Institution:
    """By its name's slug; names without Latin letters get a slug of their own."""
    if isinstance(name, Institution):
        return name
    slug = slugify(name)[:80] or "i-" + hashlib.sha256(name.encode()).hexdigest()[:12]
    return Institution.objects.get_or_create(slug=slug, defaults={"name": name[:200]})[0]
