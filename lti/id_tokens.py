"""The id_token as a JWT: its form, its signature, and the claims of the security framework (CORE-12 to CORE-20)."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.crypto import constant_time_compare
from jwt.algorithms import get_default_algorithms
from jwt.exceptions import PyJWTError

from lti import keysets
from lti.errors import KeysUnavailable, LaunchRefused
from lti.models import Registration

# Asymmetric ones only (Cert §4.2). A registration accepts RS256, and others only where it names them.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
LTI_CLAIMS = "https://purl.imsglobal.org/spec/lti"
MAX_LENGTH = 64 * 1024
LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)

# PyJWT's own `decode` looks at a token letter by letter, which takes longer than checking the signature.
_ALGORITHMS = get_default_algorithms()


@dataclass(frozen=True)
class Header:
    kid: str
    algorithm: str


def read_header(id_token: str, registration: Registration) -> Header:
    """Names of key and algorithm, to select a key by; nothing else of a header is ever believed (CORE-13).

    Raises LaunchRefused: token_too_large, token_malformed, algorithm, kid_missing.
    """
    if len(id_token) > MAX_LENGTH:
        raise LaunchRefused("token_too_large")
    parts = id_token.split(".")
    if len(parts) != 3:
        raise LaunchRefused("token_malformed", detail="parts")
    try:
        header = json.loads(decoded(parts[0]))
    except (ValueError, RecursionError):
        raise LaunchRefused("token_malformed", detail="header") from None
    if not isinstance(header, dict) or "crit" in header:
        raise LaunchRefused("token_malformed", detail="header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS.intersection(registration.algorithms):
        raise LaunchRefused("algorithm")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("kid_missing")
    return Header(kid, algorithm)


def public_key(header: Header, registration: Registration, *, now: datetime) -> keysets.PublicKey:
    """The key of this registration, never of another one (SEC-05). Raises LaunchRefused."""
    try:
        key = keysets.public_key(registration, header.kid, header.algorithm, now=now)
    except KeysUnavailable as problem:
        raise LaunchRefused("keys_unavailable", detail=str(problem)) from problem
    if key is None:
        raise LaunchRefused("kid_unknown")
    return key


def verify(id_token: str, header: Header, key: keysets.PublicKey) -> dict[str, Any]:
    """The claims, now that their signature is good. Raises LaunchRefused: signature, token_malformed."""
    signed, _, signature = id_token.rpartition(".")
    try:
        is_good = _ALGORITHMS[header.algorithm].verify(signed.encode("ascii"), key, decoded(signature))
    except (PyJWTError, ValueError, TypeError):
        is_good = False
    if not is_good:
        raise LaunchRefused("signature")
    try:
        body = json.loads(decoded(signed.partition(".")[2]))
    except (ValueError, RecursionError):
        raise LaunchRefused("token_malformed", detail="payload") from None
    if not isinstance(body, dict):
        raise LaunchRefused("token_malformed", detail="payload is no object")
    return body


def decoded(part: str) -> bytes:
    """base64url without padding (RFC 7515)."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check_origin(body: Mapping[str, Any], registration: Registration, *, nonce: str) -> None:
    """Is it from this LMS, for us, for this login? From here on the token is trustworthy (CORE-16 to 18, CORE-20).

    Raises LaunchRefused: not_lti, issuer, audience, azp, nonce.
    """
    if not any(name.startswith(LTI_CLAIMS) for name in body):
        raise LaunchRefused("not_lti")
    if body.get("iss") != registration.issuer:
        raise LaunchRefused("issuer")
    check_audience(body, registration)
    sent = body.get("nonce")
    # Ours are ASCII; half a character, which JSON can express, would have no bytes to compare.
    if not isinstance(sent, str) or not sent.isascii() or not constant_time_compare(sent, nonce):
        raise LaunchRefused("nonce", detail="missing" if not sent else "of another login")


def check_audience(body: Mapping[str, Any], registration: Registration) -> None:
    """Is it for us? Raises LaunchRefused: audience, azp."""
    said = body.get("aud")
    audiences = [said] if isinstance(said, str) else said
    if not isinstance(audiences, list) or registration.client_id not in audiences:
        raise LaunchRefused("audience")
    trusted = [registration.client_id, *registration.trusted_audiences]
    if any(audience not in trusted for audience in audiences):
        raise LaunchRefused("audience", detail="untrusted audience beside ours")
    party = body.get("azp")
    if party is None and len(audiences) > 1:
        raise LaunchRefused("azp", detail="missing")
    if party is not None and party != registration.client_id and registration.is_azp_strict:
        raise LaunchRefused("azp")


def check_times(body: Mapping[str, Any], *, now: datetime) -> None:
    """Both times are required; a minute of difference between clocks is normal (CORE-19). Raises LaunchRefused."""
    expires, issued = _moment(body.get("exp")), _moment(body.get("iat"))
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    if expires is None or expires <= seconds - leeway:
        raise LaunchRefused("exp", detail=_difference(expires, seconds))
    if issued is None or issued > seconds + leeway or issued < seconds - OLDEST.total_seconds() - leeway:
        raise LaunchRefused("iat", detail=_difference(issued, seconds))


def _moment(value: Any) -> float | None:
    """Seconds since 1970; None for what is no number (NaN compares with nothing) or no moment."""
    if not isinstance(value, int | float) or not abs(value) < 1e12:
        return None
    return float(value)


def _difference(moment: float | None, seconds: float) -> str:
    return "missing" if moment is None else f"{moment - seconds:+.0f} s"
