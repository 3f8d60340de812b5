"""An LMS registers us by itself: we read its configuration, say who we are, keep what it answers (REG-02 to REG-10).

The LMS's registration token works once and not for long: nothing here is tried a second time.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from lti import addresses, http, keys, registrations
from lti.models import Registration, RegistrationLink
from lti.registering import canvas, openid_configuration, tool
from lti.registering import links as registration_links
from lti.registering.openid_configuration import Platform
from lti.registering.refusals import RegistrationRefused
from lti.registrations import PlatformDetails

MAX_BYTES = 256 * 1024
PATIENCE = 15  # seconds; the LMS may read our key set meanwhile
LONGEST_WORDS = 400
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
# Of the messages that we understand, those that can be registered; the others come without.
RESOURCE_LINK, DEEP_LINKING = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
KINDS = (RESOURCE_LINK, DEEP_LINKING, "LtiSubmissionReviewRequest")

log = structlog.get_logger("lti.registration")


@dataclass(frozen=True)
class Offer:
    """With what an LMS opens our registration address (LTI Dynamic Registration 1.0, §3.3)."""

    openid_configuration: str
    registration_token: str = ""


@dataclass(frozen=True)
class Granted:
    """What the LMS answered; an administrator may change all of it there later (REG-07)."""

    client_id: str
    deployment_id: str
    """"" where the LMS makes deployments later (Canvas)."""
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    registration: Registration
    is_new: bool
    has_deployment: bool
    missing_scopes: tuple[str, ...]
    """Asked for, offered by the LMS, and by its answer not granted."""


def register(link: RegistrationLink, offer: Offer, *, now: datetime) -> Outcome:
    """Use the link up for one registration. Raises RegistrationRefused; the link may then be used again."""
    registration_links.claim(link, now=now)
    try:
        keys.ensure(now=now)  # D2L reads our key set while it registers us
        platform = openid_configuration.read(
            offer.openid_configuration, token=offer.registration_token, accepted_issuer=link.issuer
        )
        own_id = uuid4()
        granted = ask(platform, token=offer.registration_token, own_id=own_id)
        outcome = _keep(link, platform, granted, own_id=own_id, now=now)
    except RegistrationRefused:
        registration_links.release(link)
        raise
    log.info(
        "lti.registered",
        registration=str(outcome.registration.uuid),
        link=link.pk,
        is_new=outcome.is_new,
        status=outcome.registration.status,
    )
    return outcome


def ask(platform: Platform, *, token: str, own_id: UUID) -> Granted:
    """One POST to the LMS's registration service (REG-06, REG-07). Raises RegistrationRefused with the LMS's words."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        answer = http.request(
            "POST",
            platform.registration_url,
            headers=headers,
            json=description(platform, own_id=own_id),
            max_bytes=MAX_BYTES,
            patience=PATIENCE,
        )
    except http.Unreachable as problem:
        raise RegistrationRefused("registration_unreachable", detail=str(problem)) from problem
    if answer.status not in {200, 201}:
        raise RegistrationRefused("registration_refused", said=words_of(answer.body), detail=f"status {answer.status}")
    return _granted(answer.body)


def description(platform: Platform, *, own_id: UUID) -> dict[str, Any]:
    """Who we are, as this LMS wants to read it (REG-06)."""
    claims = [claim for claim in tool.CLAIMS if not platform.claims or claim in platform.claims]
    configuration = {
        "domain": tool.domain(),
        "description": str(tool.DESCRIPTION),
        "target_link_uri": addresses.launch_url(),
        "custom_parameters": custom_parameters(platform),
        "claims": claims,
        "messages": messages(platform),
    }
    if is_canvas(platform):
        configuration |= canvas.REGISTRATION_EXTRAS
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": settings.PUBLIC_URL + reverse("lti:login", args=[own_id]),
        "redirect_uris": [addresses.launch_url()],
        "client_name": tool.NAME,
        "client_uri": settings.PUBLIC_URL,
        "jwks_uri": addresses.keyset_url(),
        "logo_uri": tool.icon_url(),
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(wanted_scopes(platform)),
        TOOL: configuration,
    }


def wanted_scopes(platform: Platform) -> list[str]:
    """Those that the LMS has; where it does not say which, those without which grades or the roster would not work."""
    known = [*tool.SCOPES, *tool.RARE_SCOPES]
    return [scope for scope in known if scope in platform.scopes] if platform.scopes else list(tool.SCOPES)


def messages(platform: Platform) -> list[dict[str, Any]]:
    """One message of a kind: of several deep links Moodle takes the last one and Sakai the first (REG-20)."""
    if is_canvas(platform):
        return canvas.messages(platform.messages.get(DEEP_LINKING, ()))
    kinds = [kind for kind in KINDS if kind in platform.messages] or [RESOURCE_LINK]
    found = [{"type": kind, "target_link_uri": addresses.launch_url(), "label": tool.NAME} for kind in kinds]
    return [{**each, "placements": ["ContentArea"]} if each["type"] == DEEP_LINKING else each for each in found]


def custom_parameters(platform: Platform) -> dict[str, str]:
    """Those variables that the LMS says it can fill; an LMS that lists none is asked for all."""
    known = platform.variables
    return {name: f"${said}" for name, said in tool.VARIABLES.items() if not known or said in known}


def is_canvas(platform: Platform) -> bool:
    return platform.product.lower().startswith("canvas")


def words_of(body: bytes) -> str:
    """What a refusal says, as plain text of one line: JSON's own words, or a page's without its marks."""
    text = body[:20_000].decode(errors="replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict):
        said = [told[name] for name in ("error", "error_description", "message", "errors") if told.get(name)]
        text = ": ".join(each if isinstance(each, str) else json.dumps(each) for each in said) or text
    text = re.sub(r"(?is)<(script|style|title|head)\b.*?</\1>|<[^>]*>", " ", text)
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:LONGEST_WORDS]


def _granted(body: bytes) -> Granted:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    client_id = _id_in(told, "client_id") if isinstance(told, dict) else ""
    if not isinstance(told, dict) or not client_id:
        raise RegistrationRefused("registration_invalid", detail="client_id")
    configuration = told.get(TOOL)
    nested = configuration if isinstance(configuration, dict) else {}
    scope = told.get("scope")
    return Granted(
        client_id=client_id,
        deployment_id=_id_in(nested, "deployment_id") or _id_in(told, "deployment_id"),
        scopes=tuple(scope.split()) if isinstance(scope, str) else (),
    )


def _id_in(told: Mapping[str, Any], name: str) -> str:
    """Text, or a number that somebody forgot to quote; "" if it is neither."""
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _keep(link: RegistrationLink, platform: Platform, granted: Granted, *, own_id: UUID, now: datetime) -> Outcome:
    try:
        with transaction.atomic():
            registration, is_new = _enter(link, platform, granted, own_id=own_id)
            RegistrationLink.objects.filter(pk=link.pk).update(
                used_at=now, claimed_until=None, registration=registration, granted_scopes=list(granted.scopes)
            )
    except (ValidationError, IntegrityError) as problem:
        named = ", ".join(getattr(problem, "error_dict", {})) or type(problem).__name__
        raise RegistrationRefused("not_storable", said=named, detail=named) from problem
    missing = set(wanted_scopes(platform)).difference(granted.scopes) if granted.scopes else set()
    return Outcome(
        registration=registration,
        is_new=is_new,
        has_deployment=registration.deployments.exists(),
        missing_scopes=tuple(sorted(missing)),
    )


def _enter(link: RegistrationLink, platform: Platform, granted: Granted, *, own_id: UUID) -> tuple[Registration, bool]:
    """A row of its own, or the one that is known by issuer and client id, if it belongs to the same owner (REG-08)."""
    same = Registration.objects.select_for_update().filter(issuer=platform.issuer, client_id=granted.client_id)
    known = same.first()
    if known is not None and known.institution_id != link.institution_id:
        raise RegistrationRefused("other_owner")
    return registrations.enter(
        PlatformDetails(
            name=known.name if known else link.name,
            issuer=platform.issuer,
            client_id=granted.client_id,
            auth_login_url=platform.auth_login_url,
            auth_token_url=platform.auth_token_url,
            jwks_url=platform.jwks_url,
            deployment_ids=(granted.deployment_id,) if granted.deployment_id else (),
            institution=None if known else link.institution,
            optional={
                # The LMS was told this login address just now, also where it had another one before.
                "uuid": own_id,
                "product": platform.product,
                "audience": platform.audience or None,
                # Blackboard may sign with RS512 (CORE-13).
                "signing_algorithms": list(platform.algorithms) if len(platform.algorithms) > 1 else None,
                "status": _status(link, known),
                "deployment_policy": None if known else link.deployment_policy,
            },
        )
    )


def _status(link: RegistrationLink, known: Registration | None) -> str:
    """What staff decided stays: an active LMS goes on while it is renewed, a disabled one stays disabled."""
    if known is not None and known.status != Registration.Status.PENDING:
        return known.status
    return Registration.Status.ACTIVE if link.is_preapproved else Registration.Status.PENDING
