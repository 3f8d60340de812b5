"""The key pairs we sign with: published before they are used, kept after they are replaced (OTH-15)."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction
from django.db.models import Q, QuerySet

from lti import audit, secrets
from lti.models import ToolKey

# LMSs keep our key set for up to a day: so long a new key is only shown, and so long an old one is still shown.
OVERLAP = timedelta(hours=24)
BITS = 2048


class NoKey(Exception):
    """There is no key to sign with: `manage.py rotate_key` makes one."""


def sign(claims: dict[str, Any], now: datetime) -> str:
    """A JWS of the claims by the newest active key, with its kid in the header. Raises NoKey."""
    key = signing_key(now=now)
    private = _private_key(key.private_key_encrypted)
    return jwt.encode(claims, private, algorithm=key.algorithm, headers={"kid": key.kid})


def signing_key(*, now: datetime) -> ToolKey:
    """The key we sign with now. Raises NoKey."""
    key = _not_retired(now).filter(activates_at__lte=now).order_by("-activates_at", "-pk").first()
    if key is None:
        raise NoKey("There is no key to sign with. Run manage.py rotate_key.")
    return key


def published(*, now: datetime) -> dict[str, Any]:
    """Our key set as LMSs read it: {"keys": [JWK, ...]}, newest first, keys to come and retiring ones included."""
    return {"keys": list(_not_retired(now).order_by("-activates_at", "-pk").values_list("public_jwk", flat=True))}


def rotate(*, now: datetime, overlap: timedelta = OVERLAP, by: Any = None) -> ToolKey:
    """Make a new key pair. It signs after `overlap` (the very first one at once); the others retire a day after that.

    A second call during the overlap makes a second successor; none of the kids is ever used again. `by`: who asked for
    it, None for the service itself and for commands on the server.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_jwk = _public_jwk(private.public_key())
    with transaction.atomic():
        predecessors = _not_retired(now).filter(activates_at__lte=now)
        activates_at = now + overlap if predecessors.exists() else now
        predecessors.filter(retires_at=None).update(retires_at=activates_at + OVERLAP)
        made = ToolKey.objects.create(
            kid=public_jwk["kid"],
            private_key_encrypted=secrets.encrypt(pem.decode()),
            public_jwk=public_jwk,
            activates_at=activates_at,
        )
        audit.record("key.rotated", by=by, now=now, on=made, after={"kid": made.kid, "activates_at": activates_at})
        return made


def ensure(*, now: datetime) -> None:
    """Make the first key if there is none that can sign."""
    if not _not_retired(now).filter(activates_at__lte=now).exists():
        rotate(now=now, overlap=timedelta(0))


def _not_retired(now: datetime) -> QuerySet[ToolKey]:
    return ToolKey.objects.filter(Q(retires_at=None) | Q(retires_at__gt=now))


@lru_cache(maxsize=16)
def _private_key(encrypted: str) -> rsa.RSAPrivateKey:
    """Reading a PEM key takes as long as many launches; the object stays in this process's memory only."""
    key = serialization.load_pem_private_key(secrets.decrypt(encrypted).encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _public_jwk(key: rsa.RSAPublicKey) -> dict[str, str]:
    """RFC 7517, with the thumbprint of RFC 7638 as kid: it names the key itself, so it can't be used twice."""
    numbers = key.public_numbers()
    needed = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    thumbprint = hashlib.sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    return {**needed, "alg": "RS256", "use": "sig", "kid": _base64url(thumbprint)}


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
