"""What a verified id_token says, as the few typed values that we use. Pure: no database, no request.

Ids keep every character (CORE-31); texts that people see may be shortened. Claims we don't know are ignored, optional
ones that are empty or odd count as absent; required ones that are missing or odd raise ClaimInvalid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti import offers, roles, values
from lti.errors import ClaimInvalid
from lti.models import Role

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINK = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = "DataPrivacyLaunchRequest"
# Tsugi registers the longer name (OTH-12).
_MESSAGE_TYPES = {
    **{name: name for name in (RESOURCE_LINK, DEEP_LINK, SUBMISSION_REVIEW, DATA_PRIVACY)},
    "LtiDataPrivacyLaunchRequest": DATA_PRIVACY,
}

_TARGETS = ("iframe", "frame", "window")


@dataclass(frozen=True)
class ContextClaim:
    id: str
    title: str = ""
    label: str = ""


@dataclass(frozen=True)
class ResourceLinkClaim:
    id: str
    title: str = ""


@dataclass(frozen=True)
class AgsClaim:
    """Where grades go; "" for an address that the LMS did not give or that we would not call."""

    lineitem: str
    lineitems: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """One launch. Texts are "" where the LMS said nothing."""

    message_type: str
    deployment_id: str
    sub: str
    """"" for an anonymous launch (CORE-28)."""
    target_link_uri: str
    name: str = ""
    email: str = ""
    locale: str = ""
    roles: tuple[str, ...] = ()
    role: Role = Role.NONE
    is_outsider: bool = False
    """An administrator of the LMS who is nobody in the course, but was let to its picker there (DL-02)."""
    is_test_user: bool = False
    context: ContextClaim | None = None
    resource_link: ResourceLinkClaim | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    return_url: str = ""
    document_target: str = ""
    ags: AgsClaim | None = None
    nrps_url: str = ""
    groups: offers.GroupsClaim | None = None
    notices_url: str = ""
    product: str = ""
    deep_linking: Mapping[str, Any] | None = None
    for_user: str = ""
    """Whose work or data the launch is about, a `sub` (OTH-10, OTH-12)."""
    mentor_of: tuple[str, ...] = ()
    """Whom a mentor may follow, as `sub`s (OTH-05)."""


def parse(body: Mapping[str, Any], *, allows_anonymous: bool = False) -> Claims:
    """The claims of a token whose signature, issuer, audience, times and nonce are already checked.

    Raises ClaimInvalid with the reasons of Cert §6.1.1: version, message_type, deployment, roles, …
    """
    message_type = _message_type(body)
    is_resource_link = message_type == RESOURCE_LINK
    named_roles = _roles(body, is_required=is_resource_link)
    is_outsider = message_type == DEEP_LINK and roles.administers_only(named_roles)
    presentation = values.as_object(body.get(LTI + "launch_presentation"))
    return Claims(
        message_type=message_type,
        deployment_id=values.identifier(body.get(LTI + "deployment_id"), "deployment", is_ascii=True),
        sub=_sub(body, allows_anonymous=allows_anonymous),
        target_link_uri=_target_link_uri(body, is_required=is_resource_link),
        name=_name(body),
        email=values.text(body.get("email"), 320),
        locale=values.locale(presentation.get("locale")) or values.locale(body.get("locale")),
        roles=named_roles,
        role=Role.ADMINISTRATOR if is_outsider else roles.role_of(named_roles),
        is_outsider=is_outsider,
        is_test_user=roles.is_test_user(named_roles),
        context=_context(body),
        resource_link=_resource_link(body, message_type),
        custom=_custom(body),
        return_url=return_url(body),
        document_target=next((name for name in _TARGETS if presentation.get("document_target") == name), ""),
        ags=_ags(body, is_required=message_type == SUBMISSION_REVIEW),
        nrps_url=values.service_url(values.as_object(body.get(NRPS)).get("context_memberships_url")),
        groups=offers.groups(body),
        notices_url=offers.notices_url(body),
        product=values.text(values.as_object(body.get(LTI + "tool_platform")).get("product_family_code"), 80),
        deep_linking=_deep_linking(body) if message_type == DEEP_LINK else None,
        for_user=_for_user(body, is_required=message_type in {SUBMISSION_REVIEW, DATA_PRIVACY}),
        mentor_of=_mentor_of(body, named_roles),
    )


def return_url(body: Mapping[str, Any]) -> str:
    """The way back to the LMS, "" if there is none that may become a link: https, in development also http."""
    return values.page_url(values.as_object(body.get(LTI + "launch_presentation")).get("return_url"))


# --- required, by Cert §6.1.1


def _message_type(body: Mapping[str, Any]) -> str:
    if body.get(LTI + "version") != "1.3.0":
        raise ClaimInvalid("version")
    message_type = body.get(LTI + "message_type")
    if not isinstance(message_type, str) or not message_type:
        raise ClaimInvalid("message_type", "missing")
    if message_type not in _MESSAGE_TYPES:
        raise ClaimInvalid("message_type", "unknown")
    return _MESSAGE_TYPES[message_type]


def _roles(body: Mapping[str, Any], *, is_required: bool) -> tuple[str, ...]:
    """An empty list is fine (OK-05), none at all is not (BAD-09)."""
    named = body.get(LTI + "roles")
    if named is None and not is_required:
        return ()
    if not isinstance(named, list):
        raise ClaimInvalid("roles", "missing" if named is None else "not a list")
    return tuple(name for name in named if isinstance(name, str))


def _sub(body: Mapping[str, Any], *, allows_anonymous: bool) -> str:
    if allows_anonymous and not body.get("sub"):
        return ""
    return values.identifier(body.get("sub"), "sub")


def _target_link_uri(body: Mapping[str, Any], *, is_required: bool) -> str:
    found = body.get(LTI + "target_link_uri")
    if not found and not is_required:
        return ""
    if not isinstance(found, str) or not found:
        raise ClaimInvalid("claim_missing", "target_link_uri")
    return found


def _resource_link(body: Mapping[str, Any], message_type: str) -> ResourceLinkClaim | None:
    """A review may name its activity's (OTH-10); in other messages it is not theirs to launch (CORE-26)."""
    link = body.get(LTI + "resource_link")
    if message_type == SUBMISSION_REVIEW and not values.as_object(link).get("id"):
        return None
    if message_type not in {RESOURCE_LINK, SUBMISSION_REVIEW}:
        return None
    if not isinstance(link, dict):
        raise ClaimInvalid("resource_link")
    return ResourceLinkClaim(
        id=values.identifier(link.get("id"), "resource_link"),
        title=values.text(link.get("title"), 500),
    )


def _context(body: Mapping[str, Any]) -> ContextClaim | None:
    context = body.get(LTI + "context")
    if not context:
        return None
    if not isinstance(context, dict):
        raise ClaimInvalid("context")
    return ContextClaim(
        id=values.identifier(context.get("id"), "context"),
        title=values.text(context.get("title"), 500),
        label=values.text(context.get("label"), 255),
    )


def _deep_linking(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings as they came: `data` must go back letter for letter (DL-12)."""
    wish = values.as_object(body.get(DEEP_LINKING))
    if not values.page_url(wish.get("deep_link_return_url")):
        raise ClaimInvalid("deep_linking", "deep_link_return_url")
    for name in ("accept_types", "accept_presentation_document_targets"):
        if not isinstance(wish.get(name), list):
            raise ClaimInvalid("deep_linking", name)
    return wish


# --- optional


def _name(body: Mapping[str, Any]) -> str:
    parts = [values.text(body.get(key), 250) for key in ("given_name", "family_name")]
    return values.text(body.get("name"), 500) or " ".join(filter(None, parts))


def _custom(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Values that are no strings, and variables that the LMS did not replace, count as absent (CORE-30)."""
    found = values.as_object(body.get(LTI + "custom"))
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, str) and not value.startswith("$") and values.is_storable(name + value)
    }


def odd_custom(body: Mapping[str, Any]) -> list[str]:
    """Names of custom parameters whose values are no texts, for the log (CORE-30)."""
    found = values.as_object(body.get(LTI + "custom"))
    return sorted(str(name)[:50] for name, value in found.items() if not isinstance(value, str))


def _for_user(body: Mapping[str, Any], *, is_required: bool) -> str:
    """Whom it is about, as `sub` (OTH-10, OTH-12); only those messages need it."""
    person = body.get(LTI + "for_user")
    if not is_required:
        return values.text(values.as_object(person).get("user_id"), values.ID_LENGTH)
    if not isinstance(person, dict):
        raise ClaimInvalid("claim_missing", "for_user")
    return values.identifier(person.get("user_id"), "claim_missing")


def _ags(body: Mapping[str, Any], *, is_required: bool) -> AgsClaim | None:
    found = values.as_object(body.get(AGS))
    if not found and is_required:
        raise ClaimInvalid("claim_missing", "endpoint")
    if not found:
        return None
    return AgsClaim(
        lineitem=values.service_url(found.get("lineitem")),
        lineitems=values.service_url(found.get("lineitems")),
        scopes=_scopes(found.get("scope")),
    )


def _scopes(named: Any) -> tuple[str, ...]:
    told = named if isinstance(named, list) else []
    return tuple(sorted({scope for scope in told if isinstance(scope, str) and values.is_storable(scope)}))


def _mentor_of(body: Mapping[str, Any], named_roles: tuple[str, ...]) -> tuple[str, ...]:
    people = body.get(LTI + "role_scope_mentor")
    if not isinstance(people, list) or not roles.is_mentor(named_roles):
        return ()
    return tuple(person for person in people if isinstance(person, str) and person)
