"""Tokens: made once and shown once, looked up by their public part, compared in constant time, revoked at any time."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection, transaction

from itpm_byte.api.models import ApiToken
from itpm_byte.api.scopes import SCOPES
from lti import audit
from lti.models import Institution
from lti.prepared import Prepared

# `byte_` + public part + `_` + secret: greppable, so that secret scanners can find one that was committed somewhere.
MARK = "byte"
PUBLIC_BYTES, SECRET_BYTES = 5, 32
LONGEST_DAYS = 366
LONGEST_TEXT = 100

type WhyNot = Literal["unknown", "revoked", "expired"]


class TokenRefused(Exception):
    """This text opens nothing. `reason` is told only to who has the whole token."""

    def __init__(self, reason: WhyNot) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenInvalid(ValueError):
    """A token with these scopes or this end can't be made."""


def make(
    *,
    name: str,
    institution: Institution,
    scopes: Iterable[str],
    days: int,
    by: Any,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can show a second time. `by`: the account, None for the console.

    Raises TokenInvalid.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= SCOPES.keys():
        raise TokenInvalid(f"Choose scopes from: {', '.join(SCOPES)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenInvalid(f"A token lasts from 1 to {LONGEST_DAYS} days.")
    if not name.strip():
        raise TokenInvalid("Say what the token is for.")
    prefix = secrets.token_hex(PUBLIC_BYTES)
    text = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            prefix=prefix,
            secret_hash=_hash(text),
            name=name.strip()[:200],
            institution=institution,
            scopes=wanted,
            created_by=by,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        after = {"prefix": prefix, "scopes": wanted, "expires_at": token.expires_at}
        audit.record("api_token.made", by=by, now=now, on=token, institution=institution, after=after)
    return token, text


def revoke(token: ApiToken, *, by: Any, now: datetime) -> bool:
    """It opens nothing from now on. False if it was revoked before."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            return False
        audit.record(
            "api_token.revoked", by=by, now=now, on=token, institution=token.institution, after={"prefix": token.prefix}
        )
    return True


_WITH_PREFIX: Prepared[ApiToken] = Prepared(
    lambda prefix: ApiToken.objects.select_related("institution", "created_by").filter(prefix=prefix),
    prefix=ApiToken._meta.get_field("prefix"),
)


def find(text: str, *, now: datetime) -> ApiToken:
    """The token of this text. One query. Raises TokenRefused."""
    parts = text.split("_", 2)
    if len(text) > LONGEST_TEXT or not text.isascii() or len(parts) != 3 or parts[0] != MARK:
        raise TokenRefused("unknown")
    found = _WITH_PREFIX.first(prefix=parts[1])
    if not hmac.compare_digest(found.secret_hash if found else "", _hash(text)) or found is None:
        raise TokenRefused("unknown")
    if found.is_revoked:
        raise TokenRefused("revoked")
    if found.is_expired(now):
        raise TokenRefused("expired")
    return found


# One statement that several processes may send at once: each gets a number of its own.
_COUNT = """
UPDATE api_apitoken SET used_count = CASE WHEN used_minute = %s THEN used_count + 1 ELSE 1 END, used_minute = %s
WHERE id = %s RETURNING used_count
"""


def count_use(token: ApiToken, *, now: datetime) -> int:
    """How many requests this is in the current minute, over all processes."""
    minute = connection.ops.adapt_datetimefield_value(now.replace(second=0, microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [minute, minute, token.pk])
        row = cursor.fetchone()
    return int(row[0]) if row else 1


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
