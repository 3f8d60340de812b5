"""What an LMS says about itself before it is registered: read with care, believed only as far as its host goes.

The source is REG-03 to REG-05, after LTI Dynamic Registration 1.0 and what LMSs in fact send.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from lti import http
from lti.id_tokens import ALGORITHMS
from lti.registering.refusals import RegistrationRefused

MAX_BYTES = 256 * 1024
PATIENCE = 5  # seconds; a person waits, and so does one of our web threads
SIGNING = "id_token_signing_alg_values_supported"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"

# Whose issuer is one for many hosts: hosts whose configuration may name it (REG-04).
SHARED_ISSUERS: dict[str, tuple[str, ...]] = {
    "https://canvas.instructure.com": ("sso.canvaslms.com", "*.instructure.com"),
    "https://canvas.beta.instructure.com": ("sso.beta.canvaslms.com", "*.beta.instructure.com"),
    "https://canvas.test.instructure.com": ("sso.test.canvaslms.com", "*.test.instructure.com"),
    "https://blackboard.com": ("developer.blackboard.com", "developer.anthology.com"),
}
# Services of vendors that serve LMSs on hosts of their customers (REG-05).
VENDOR_SERVICES = {
    "sso.canvaslms.com",
    "sso.beta.canvaslms.com",
    "sso.test.canvaslms.com",
    "developer.blackboard.com",
    "developer.anthology.com",
    "auth.brightspace.com",
}
# Below these, as below a country's two letters, a school has its name one step deeper: example.ac.uk.
_SECOND_LEVELS = {"ac", "co", "com", "edu", "gob", "gov", "gouv", "govt", "net", "org", "sch", "school", "k12", "or"}


@dataclass(frozen=True)
class Platform:
    """An LMS as its configuration describes it, checked against the host it was read from."""

    issuer: str
    auth_login_url: str
    auth_token_url: str
    jwks_url: str
    registration_url: str
    product: str
    audience: str = ""
    """What access tokens are asked from, "" for the token address itself (AGS-02)."""
    algorithms: tuple[str, ...] = ()
    """With which it may sign launches, of those that we accept; RS256 is always one of them."""
    scopes: frozenset[str] = frozenset()
    """None named: nothing is known."""
    claims: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Message type to the placements that the LMS has for it."""


def read(url: str, *, token: str, accepted_issuer: str = "") -> Platform:
    """Fetch the configuration once, following nothing. Raises RegistrationRefused.

    `token`: the LMS's registration token, which Canvas wants to see here, too. `accepted_issuer`: see `parse`.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        answer = http.request("GET", url, headers=headers, max_bytes=MAX_BYTES, patience=PATIENCE)
    except http.Unreachable as problem:
        raise RegistrationRefused("configuration_unreachable", detail=str(problem)) from problem
    if answer.status != 200:
        raise RegistrationRefused("configuration_unreachable", detail=f"status {answer.status}")
    if "json" not in answer.headers.get("Content-Type", "").lower():
        raise RegistrationRefused("configuration_invalid", detail="content type")
    return parse(_object(answer.body), url=url, accepted_issuer=accepted_issuer)


def parse(told: Mapping[str, Any], *, url: str, accepted_issuer: str = "") -> Platform:
    """The checked configuration. Raises RegistrationRefused with the name of what is wrong.

    `url`: where it was read; the issuer must live on that host (REG-04), be one of SHARED_ISSUERS with that host, or
    be `accepted_issuer`, which somebody of our staff wrote down for this LMS.
    """
    issuer = _text(told, "issuer")
    if issuer != accepted_issuer and not is_issuer_of(issuer, url):
        raise RegistrationRefused("issuer_mismatch", said=issuer[:255])
    addresses = {
        name: _endpoint(told, name, hosts=(_host(issuer), _host(url)))
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    }
    _must_contain(told, SIGNING, "RS256", is_required=True)
    _must_contain(told, "token_endpoint_auth_methods_supported", "private_key_jwt", is_required=False)
    platform = told.get(PLATFORM)
    if not isinstance(platform, dict):
        raise _incomplete(PLATFORM)
    return Platform(
        issuer=issuer,
        auth_login_url=addresses["authorization_endpoint"],
        auth_token_url=addresses["token_endpoint"],
        jwks_url=addresses["jwks_uri"],
        registration_url=addresses["registration_endpoint"],
        product=_text(platform, "product_family_code")[:80],
        audience=_audience(told),
        algorithms=tuple(sorted(ALGORITHMS.intersection(_texts(told.get(SIGNING))))),
        scopes=frozenset(_texts(told.get("scopes_supported"))),
        claims=frozenset(_texts(told.get("claims_supported"))),
        variables=frozenset(_texts(platform.get("variables"))),
        messages=_messages(platform),
    )


def is_issuer_of(issuer: str, url: str) -> bool:
    """May a configuration at this address speak for this issuer (REG-04)?"""
    if any(fnmatchcase(_host(url), pattern) for pattern in SHARED_ISSUERS.get(issuer, ())):
        return True
    try:
        parts, read_at = urlsplit(issuer), urlsplit(url)
        same = (parts.hostname, parts.port) == (read_at.hostname, read_at.port)
    except ValueError:
        return False
    return bool(parts.hostname) and same and not parts.query and not parts.fragment


def is_related(host: str, other: str) -> bool:
    """The same host, or two of one owner: as far as names show, without a list of all public suffixes."""
    return host == other or (_owner(host) == _owner(other) != "")


def _owner(host: str) -> str:
    labels = host.rstrip(".").split(".")
    if len(labels) < 2 or labels[-1].isdigit() or ":" in host:
        return ""
    is_deeper = len(labels[-1]) == 2 and (labels[-2] in _SECOND_LEVELS or len(labels[-2]) <= 2)
    needed = 3 if is_deeper else 2
    return ".".join(labels[-needed:]) if len(labels) >= needed else ""


def _endpoint(told: Mapping[str, Any], name: str, *, hosts: tuple[str, ...]) -> str:
    url = _text(told, name)
    try:
        http.check_address(url)
    except http.AddressRefused as refused:
        raise RegistrationRefused("configuration_invalid", said=f"{name} {refused}", detail=name) from refused
    host = _host(url)
    if host not in VENDOR_SERVICES and not any(is_related(host, other) for other in hosts):
        raise RegistrationRefused("endpoint_elsewhere", said=f"{name}: {host}", detail=name)
    return url


def _audience(told: Mapping[str, Any]) -> str:
    """D2L names its audience here as an address. Canvas names its bare host, which it then refuses as audience."""
    said = told.get("authorization_server")
    if not isinstance(said, str) or len(said) > 500:
        return ""
    try:
        http.check_address(said)
    except http.AddressRefused:
        return ""
    return said if said != told.get("token_endpoint") else ""


def _messages(platform: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    said = platform.get("messages_supported")
    if not isinstance(said, list):
        raise _incomplete("messages_supported")
    known = [each for each in said if isinstance(each, dict) and isinstance(each.get("type"), str)]
    return {each["type"]: tuple(_texts(each.get("placements"))) for each in known}


def _must_contain(told: Mapping[str, Any], name: str, value: str, *, is_required: bool) -> None:
    if name not in told and not is_required:
        return
    if value not in _texts(told.get(name)):
        raise RegistrationRefused("configuration_invalid", said=f"{name}: {value}", detail=name)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise _incomplete(name)
    return value


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _incomplete(name: str) -> RegistrationRefused:
    return RegistrationRefused("configuration_invalid", said=name, detail=name)


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise RegistrationRefused("configuration_invalid", detail="no JSON object")
    return told


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
