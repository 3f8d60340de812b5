"""OAuth 2 access tokens of the LMSs: asked for once, shared by all processes, encrypted at rest (AGS-01 … AGS-05)."""

import functools
import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.db.models import Q

from lti import http, keys, metrics, secrets
from lti.models import AccessToken, Deployment, Registration
from lti.outcomes import Outcome, ServiceProblem, Verdict, retry_after

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEPLOYMENT_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/deployment_id"
# Moodle allows no second of difference; five minutes in all is the longest that platforms must take (AGS-01).
BACKDATED = timedelta(seconds=30)
ASSERTION_LIFETIME = timedelta(minutes=4)
DEFAULT_LIFETIME = timedelta(hours=1)
EXPIRES_EARLIER = timedelta(seconds=60)
LEASE = timedelta(seconds=60)
# What may stand in a header (RFC 6750 §2.1 allows less, LMSs may not).
_BEARER = re.compile(r"[\x21-\x7e]{1,16000}")
BRIGHTSPACE_HOST = "auth.brightspace.com"
BRIGHTSPACE_AUDIENCE = "https://api.brightspace.com/auth/token"

log = structlog.get_logger("lti.tokens")


def bearer(deployment: Deployment, scopes: Sequence[str], *, now: datetime) -> str:
    """A token for these scopes, from the cache or from the LMS. `deployment.registration` should be loaded.

    One process at a time asks the LMS. Raises ServiceProblem: BUSY while another one is asking, scope_missing when the
    LMS grants none of them, token_refused and token_unavailable.
    """
    row = _row(deployment, scopes)
    if known := _fresh(row, now=now):
        return _usable(row, scopes, known)
    free = AccessToken.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), pk=row.pk)
    # As it was read: somebody else may have been quicker, and be done already.
    if not free.filter(token_encrypted=row.token_encrypted, expires_at=row.expires_at).update(lease_until=now + LEASE):
        row.refresh_from_db()
        if known := _fresh(row, now=now):
            return _usable(row, scopes, known)
        raise ServiceProblem(Outcome(Verdict.BUSY, delay=timedelta(seconds=1)))
    try:
        fields = _ask(deployment, scopes, now=now)
    except BaseException:
        AccessToken.objects.filter(pk=row.pk).update(lease_until=None)
        raise
    for name, value in fields.items():
        setattr(row, name, value)
    AccessToken.objects.filter(pk=row.pk).update(lease_until=None, **fields)
    return _usable(row, scopes, _plain(row))


def drop(deployment: Deployment, scopes: Sequence[str], token: str) -> None:
    """The LMS no longer takes this token (AGS-05). A newer one that another process brought stays."""
    row = _row(deployment, scopes)
    if _plain(row) == token:
        same = AccessToken.objects.filter(pk=row.pk, token_encrypted=row.token_encrypted)
        same.update(token_encrypted="", expires_at=None)  # nosec B106


def _row(deployment: Deployment, scopes: Sequence[str]) -> AccessToken:
    row, _ = AccessToken.objects.get_or_create(
        registration_id=deployment.registration_id,
        deployment=deployment,
        scope_key=hashlib.sha256(" ".join(sorted(scopes)).encode()).hexdigest(),
    )
    return row


def _fresh(row: AccessToken, *, now: datetime) -> str:
    return _plain(row) if row.expires_at and row.expires_at > now else ""


def _plain(row: AccessToken) -> str:
    """The token itself; "" if there is none, or none that our keys can read (they may have been changed)."""
    try:
        return secrets.decrypt(row.token_encrypted) if row.token_encrypted else ""
    except secrets.SecretUnreadable:
        return ""


def _usable(row: AccessToken, scopes: Sequence[str], token: str) -> str:
    """Asked for several, granted a part: good enough as long as it holds one of them (AGS-03)."""
    if not set(scopes) & set(row.granted_scopes):
        raise ServiceProblem.final("scope_missing")
    return token


def _ask(deployment: Deployment, scopes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    registration = deployment.registration
    calls = functools.partial(metrics.TOKEN_CALLS.labels, str(registration.uuid))
    try:
        answer = request(deployment, scopes, now=now)
    except http.Unreachable as problem:
        calls("unreachable").inc()
        log.warning("lti.token_unreachable", registration=registration.pk, cause=str(problem))
        raise ServiceProblem.retry("unreachable", is_strike=True) from problem
    calls("answered" if answer.status < 400 else "refused").inc()
    return _read(registration, answer, scopes, now=now)


def request(
    deployment: Deployment, scopes: Sequence[str], *, now: datetime, patience: float = http.READ_SECONDS
) -> http.Answer:
    """Ask the LMS for a token; whatever it answers (AGS-01). Raises http.Unreachable."""
    registration = deployment.registration
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": keys.sign(_assertion(registration, deployment, now=now), now),
        "scope": " ".join(sorted(scopes)),
    }
    host = urlsplit(registration.auth_token_url).hostname or ""
    return http.request(
        "POST",
        registration.auth_token_url,
        headers={"Accept": "application/json"},
        data=form,
        allow_hosts=frozenset({host}),
        patience=patience,
    )


def _assertion(registration: Registration, deployment: Deployment, *, now: datetime) -> dict[str, Any]:
    return {
        "iss": registration.client_id,
        "sub": registration.client_id,
        # One string, letter for letter as stored: Canvas refuses a slash more, Brightspace a list (AGS-02).
        "aud": audience(registration),
        "iat": int((now - BACKDATED).timestamp()),
        "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        "jti": str(uuid.uuid4()),
        DEPLOYMENT_CLAIM: deployment.deployment_id,
    }


def audience(registration: Registration) -> str:
    """As stored; else the token address, but for Brightspace, which has the same one for all its customers (AGS-02)."""
    if registration.audience:
        return registration.audience
    is_brightspace = urlsplit(registration.auth_token_url).hostname == BRIGHTSPACE_HOST
    return BRIGHTSPACE_AUDIENCE if is_brightspace else registration.auth_token_url


def _read(registration: Registration, answer: http.Answer, scopes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """Moodle calls its JSON text/html, and answers 404 with a page when it can't read our keys: look at the body."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    said = body if isinstance(body, dict) else {}
    token = said.get("access_token")
    if 200 <= answer.status < 300 and isinstance(token, str) and _BEARER.fullmatch(token):
        granted = said.get("scope")
        return {
            "token_encrypted": secrets.encrypt(token),
            # Left out means: as asked (RFC 6749 §5.1).
            "granted_scopes": _scopes(granted) if isinstance(granted, str) and granted else sorted(scopes),
            "expires_at": now + _lifetime(said.get("expires_in")),
        }
    code = "token_refused" if answer.status in {400, 401, 403} and "error" in said else "token_unavailable"
    if answer.status == 429:
        code = "rate_limited"
    # Only OAuth's own error word: the rest of the answer may repeat what we sent.
    log.error(f"lti.{code}", registration=registration.pk, status=answer.status, error=str(said.get("error", ""))[:40])
    delay = retry_after(answer.headers, now=now)
    raise ServiceProblem(Outcome(Verdict.RETRY, code, answer.status, delay, is_strike=True))


def _scopes(granted: str) -> list[str]:
    return [scope for scope in granted.split() if scope.isascii() and scope.isprintable()]


def _lifetime(expires_in: Any) -> timedelta:
    """A minute less than said; half of what is said when that is short."""
    try:
        said = timedelta(seconds=min(float(expires_in), 86_400))
    except (TypeError, ValueError, OverflowError):
        said = DEFAULT_LIFETIME
    return max(said - EXPIRES_EARLIER, said / 2)
