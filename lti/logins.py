"""Logins that we began: their state, nonce and browser binding, kept in our own table (CORE-08)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.db.models import F

from lti import addresses
from lti.errors import LaunchRefused
from lti.models import Login, Registration
from lti.prepared import Prepared, insert
from lti.proofs import hash_secret, new_secret
from lti.rows import new

LIFETIME = timedelta(minutes=10)
# Hints are signed tokens at some LMSs; longer than this no address works.
HINT_LENGTH = 8000
_STORAGE_TARGET = re.compile(r"[\w.-]{1,64}", re.ASCII)
_NO_STORAGE_TARGETS = frozenset(
    ("top", "opener", "parent", "self", "location", "frames", "window", "constructor", "__proto__", "prototype")
)


@dataclass(frozen=True)
class Initiation:
    """What the LMS sent to begin a login; unsigned, so believed in nothing (CORE-06). "" where it said nothing."""

    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str
    message_hint: str
    deployment_hint: str
    storage_target: str

    @classmethod
    def read(cls, parameter: Callable[[str], str]) -> "Initiation":
        """`parameter` answers the text sent under a name. Unknown ones are ignored (CORE-02). Raises LaunchRefused."""
        initiation = cls(
            issuer=parameter("iss"),
            login_hint=parameter("login_hint"),
            target_link_uri=parameter("target_link_uri"),
            client_id=parameter("client_id"),
            message_hint=parameter("lti_message_hint"),
            deployment_hint=parameter("lti_deployment_id"),
            storage_target=_storage_target(parameter("lti_storage_target")),
        )
        for name in ("issuer", "login_hint", "target_link_uri"):
            if not getattr(initiation, name):
                raise LaunchRefused("login_incomplete", detail=name)
        is_too_long = (
            max(len(initiation.login_hint), len(initiation.message_hint)) > HINT_LENGTH
            or len(initiation.target_link_uri) > 2000
            or len(initiation.deployment_hint) > 255
        )
        if is_too_long:
            raise LaunchRefused("request_malformed", detail="too long")
        return initiation


@dataclass(frozen=True)
class LoginStart:
    """A login that was begun. `secret` goes to the browser only; `auth_url` is complete."""

    login: Login
    state: str
    secret: str
    auth_url: str


def begin(initiation: Initiation, registration: Registration, *, redirect_uri: str, now: datetime) -> LoginStart:
    """Save a login with fresh randomness: 192 bits for state and nonce, 256 for the browser's secret. One INSERT."""
    state, nonce, secret = token_urlsafe(24), token_urlsafe(24), new_secret()
    login = new(
        Login,
        state_hash=hash_secret(state),
        nonce=nonce,
        binding_hash=hash_secret(secret),
        registration=registration,
        target_link_uri=initiation.target_link_uri,
        deployment_hint=initiation.deployment_hint,
        storage_target=initiation.storage_target,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    insert(login)
    url = _auth_url(initiation, registration, redirect_uri=redirect_uri, state=state, nonce=nonce)
    return LoginStart(login=login, state=state, secret=secret, auth_url=url)


# What a launch asks for only when something went wrong before, or not at all.
_SELDOM_READ = (
    *("registration__jwks_failed_at", "registration__jwks_missed_at", "registration__jwks_missed_kid"),
    *(f"registration__services_{name}" for name in ("paused_until", "failures", "error", "error_at")),
    *("registration__created_at", "created_at"),
)
_logins = Prepared(
    lambda state_hash: (
        Login.objects.select_related("registration")
        .defer(*_SELDOM_READ)
        .annotate(became=F("launch"))
        .filter(state_hash=state_hash)
    ),
    state_hash=Login._meta.get_field("state_hash"),
)


def find(state: str, *, now: datetime) -> Login:
    """The login that issued this state, with its registration; not yet used and in time. One SELECT.

    Raises LaunchRefused: state_missing, state_unknown, state_used, state_expired.
    """
    if not state:
        raise LaunchRefused("state_missing")
    login: Any = _logins.first(state_hash=hash_secret(state))
    if login is None:
        raise LaunchRefused("state_unknown")
    if login.became is not None:
        raise LaunchRefused("state_used", registration=login.registration)
    if login.expires_at <= now:
        raise LaunchRefused("state_expired", registration=login.registration)
    known: Login = login
    return known


def check_target(target_link_uri: str, login: Login) -> None:
    """The signed target must be the one that was asked for, and ours (CORE-25). Raises LaunchRefused."""
    if target_link_uri and target_link_uri != login.target_link_uri:
        raise LaunchRefused("target_mismatch")
    if not addresses.is_ours(target_link_uri or login.target_link_uri):
        raise LaunchRefused("target_external")


def _auth_url(initiation: Initiation, registration: Registration, *, redirect_uri: str, state: str, nonce: str) -> str:
    """The authentication request (CORE-07), behind a query that the LMS's address may have already."""
    asked = {"login_hint": initiation.login_hint, "state": state, "nonce": nonce}
    if initiation.message_hint:
        asked["lti_message_hint"] = initiation.message_hint
    return f"{_asking(registration.auth_login_url, registration.client_id, redirect_uri)}&{urlencode(asked)}"


@lru_cache(maxsize=1024)
def _asking(auth_login_url: str, client_id: str, redirect_uri: str) -> str:
    """What is the same in all requests of one registration."""
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
    }
    parts = urlsplit(auth_login_url)
    query = "&".join(filter(None, [parts.query, urlencode(asked)]))
    return urlunsplit(parts._replace(query=query, fragment=""))


def _storage_target(value: str) -> str:
    """The name of a frame; anything that could mean more than a name is dropped (CK-18)."""
    return value if _STORAGE_TARGET.fullmatch(value) and value not in _NO_STORAGE_TARGETS else ""
