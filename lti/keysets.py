"""The LMS's public keys: stored on the registration's row, shared by all processes (CORE-14, SEC-16)."""

import json
import re
import time
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db.models import Q
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from lti import http
from lti.errors import KeysUnavailable
from lti.models import Registration
from lti.values import is_storable

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
DEFAULT_AGE = timedelta(hours=2)
# After a failure, and between two looks for an unknown key.
PAUSE = timedelta(seconds=60)
MAX_BYTES = 512 * 1024
SMALLEST_RSA = 2048  # bits
# How long a request waits for the keys that another process is fetching right now.
WAIT_SECONDS, WAIT_STEP = 3.0, 0.1

type PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_KEYSET_FIELDS = (
    "jwks", "jwks_url", "jwks_fetched_at", "jwks_failed_at", "jwks_missed_at", "jwks_expires_at",
)  # fmt: skip
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=(\d{1,9})")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

log = structlog.get_logger("lti.keysets")


def public_key(registration: Registration, kid: str, algorithm: str, *, now: datetime) -> PublicKey | None:
    """The LMS's key of this name for this algorithm, None if it has no such key. Raises KeysUnavailable.

    No database query and no network while the stored set is fresh and knows the key.
    """
    stored = stored_keys(registration)
    if stored is None or registration.jwks_expires_at is None or registration.jwks_expires_at <= now:
        stored = _renew(registration, now=now)
    found = _choose(stored, kid, algorithm)
    if found is None:
        # The LMS may have changed its keys since we asked (OK-21).
        found = _choose(_look_again(registration, kid, now=now), kid, algorithm)
    return found


def known_key(registration: Registration, kid: str, algorithm: str) -> PublicKey | None:
    """The key if the stored set knows it, however old that is. Never asks the LMS."""
    return _choose(stored_keys(registration) or [], kid, algorithm)


def stored_keys(registration: Registration) -> list[dict[str, Any]] | None:
    """The last good set, however old; None if there is none from the registration's present address (CORE-43)."""
    stored = registration.jwks
    if not isinstance(stored, dict) or stored.get("url") != registration.jwks_url:
        return None
    keys: list[dict[str, Any]] = stored["keys"]
    return keys


def fetch(registration: Registration, *, now: datetime) -> list[dict[str, Any]]:
    """Ask the LMS and keep its keys. A failure is remembered and leaves the last good set. Raises KeysUnavailable."""
    rows = Registration.objects.filter(pk=registration.pk)
    try:
        answer = http.request("GET", registration.jwks_url, headers={"Accept": "application/json"}, max_bytes=MAX_BYTES)
        keys = keys_in(answer)
    except (http.Unreachable, ValueError) as problem:
        cause = str(problem)
        log.warning("lti.keyset_unavailable", registration=registration.pk, cause=cause)
        rows.update(jwks_failed_at=now, jwks_expires_at=now + PAUSE)
        registration.jwks_failed_at, registration.jwks_expires_at = now, now + PAUSE
        raise KeysUnavailable(cause) from problem
    registration.jwks = {"url": registration.jwks_url, "keys": keys}
    registration.jwks_fetched_at, registration.jwks_expires_at = now, now + _age(answer)
    rows.filter(jwks_url=registration.jwks_url).update(
        jwks=registration.jwks, jwks_fetched_at=now, jwks_failed_at=None, jwks_expires_at=registration.jwks_expires_at
    )
    return keys


def _renew(registration: Registration, *, now: datetime) -> list[dict[str, Any]]:
    """The set is too old, or there is none. One process asks; the others go on with the old one."""
    stored = stored_keys(registration)
    if stored is None and registration.jwks_failed_at and now - registration.jwks_failed_at < PAUSE:
        raise KeysUnavailable("failed a moment ago")
    turn = Registration.objects.filter(Q(jwks_expires_at=None) | Q(jwks_expires_at__lte=now), pk=registration.pk)
    if not turn.update(jwks_expires_at=now + PAUSE):
        return stored if stored is not None else _wait_for_other(registration, known=None)
    try:
        return fetch(registration, now=now)
    except KeysUnavailable:
        if stored is None:
            raise
        return stored


def _look_again(registration: Registration, kid: str, *, now: datetime) -> list[dict[str, Any]]:
    """A token names a key that we don't have. Once a minute somebody may ask again (SEC-16); others wait for him."""
    stored = stored_keys(registration)
    if registration.jwks_fetched_at == now:
        return stored or []
    turn = Registration.objects.filter(Q(jwks_missed_at=None) | Q(jwks_missed_at__lte=now - PAUSE), pk=registration.pk)
    # Which one it was helps whoever looks for the cause (lti.doctor).
    if not turn.update(jwks_missed_at=now, jwks_missed_kid=kid[:255]):
        return _wait_for_other(registration, known=stored)
    try:
        return fetch(registration, now=now)
    except KeysUnavailable:
        if not stored:
            raise
        return stored


def _wait_for_other(registration: Registration, *, known: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Another process asks the LMS at this moment: take what it brings, or go on with what is known."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        registration.refresh_from_db(fields=_KEYSET_FIELDS)
        stored = stored_keys(registration)
        if stored is not None and (stored != known or not _is_under_way(registration)):
            return stored
        if stored is None and _has_failed(registration):
            raise KeysUnavailable("failed a moment ago")
        if time.monotonic() >= deadline:
            if known is None:
                raise KeysUnavailable("another process is still asking")
            return known
        time.sleep(WAIT_STEP)


def _is_under_way(registration: Registration) -> bool:
    """Was the LMS asked for an unknown key without an answer so far?"""
    asked = registration.jwks_missed_at
    ends = [moment for moment in (registration.jwks_fetched_at, registration.jwks_failed_at) if moment is not None]
    return asked is not None and all(moment < asked for moment in ends)


def _has_failed(registration: Registration) -> bool:
    """Did the newest try fail? Whoever begins one says that nobody else should, for the length of a pause."""
    failed, until = registration.jwks_failed_at, registration.jwks_expires_at
    return failed is not None and until is not None and failed >= until - PAUSE


def keys_in(answer: http.Answer) -> list[dict[str, Any]]:
    """The usable keys of a key set. Raises ValueError: not a key set, or none in it (BAD-44)."""
    if answer.status != 200:
        raise ValueError(f"status {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    keys = found.get("keys") if isinstance(found, dict) else None
    usable = [_public_part(key) for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    if not usable:
        raise ValueError("no keys")
    return usable


def _public_part(key: dict[str, Any]) -> dict[str, Any]:
    """An LMS that publishes its private key by mistake should not find it in our database, too.

    Only texts, as all of these are, and only such as a database can keep.
    """
    told = {name: key.get(name) for name in ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y")}
    return {name: value for name, value in told.items() if isinstance(value, str) and is_storable(value)}


def _age(answer: http.Answer) -> timedelta:
    """How long the LMS lets us keep the set, between five minutes and a day."""
    match = _MAX_AGE.search(answer.headers.get("Cache-Control", ""))
    said = timedelta(seconds=int(match[1])) if match else DEFAULT_AGE
    return min(max(said, SHORTEST), LONGEST)


def _choose(keys: list[dict[str, Any]], kid: str, algorithm: str) -> PublicKey | None:
    """Keys may leave out `alg` (Brightspace); where it is said it must be the token's (CORE-13, CORE-14)."""
    for key in keys:
        is_it = key.get("kid") == kid and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
        if is_it:
            fields = tuple(str(key.get(name, "")) for name in ("kty", "n", "e", "crv", "x", "y"))
            return _parsed(algorithm, *fields)
    return None


def usable_kids(keys: list[dict[str, Any]], algorithms: list[str]) -> list[str]:
    """The names of those keys that could check a launch by one of these algorithms."""
    named = (str(key["kid"]) for key in keys if key.get("kid"))
    return [kid for kid in named if any(_choose(keys, kid, algorithm) for algorithm in algorithms)]


@lru_cache(maxsize=512)
def _parsed(algorithm: str, kty: str, n: str, e: str, crv: str, x: str, y: str) -> PublicKey | None:
    """Reading a key costs as much as using it ten times. None if it is not one for this algorithm."""
    try:
        if algorithm.startswith("ES") and kty == "EC" and crv == _CURVES.get(algorithm):
            curve_key = ECAlgorithm.from_jwk({"kty": kty, "crv": crv, "x": x, "y": y})
            return curve_key if isinstance(curve_key, ec.EllipticCurvePublicKey) else None
        if algorithm.startswith(("RS", "PS")) and kty == "RSA":
            rsa_key = RSAAlgorithm.from_jwk({"kty": kty, "n": n, "e": e})
            if isinstance(rsa_key, rsa.RSAPublicKey) and rsa_key.key_size >= SMALLEST_RSA:
                return rsa_key
    except (ValueError, PyJWTError):
        return None
    return None


def forget(registration: Registration) -> None:
    """The address of the key set has changed: what came from the old one counts no more (CORE-43). Doesn't save."""
    registration.jwks = registration.jwks_fetched_at = registration.jwks_failed_at = None
    registration.jwks_missed_at = registration.jwks_expires_at = None
    registration.jwks_missed_kid = ""
