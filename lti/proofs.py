"""What a browser shows to prove that a launch is its own.

Proofs are sealed: encrypted and signed by us, kept by the browser alone. So the return URL, which may hold a secret of
the LMS's user, travels with the browser and is never stored or logged here.
"""

import hashlib
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import constant_time_compare

# Browsers drop cookies over 4096 bytes, name and attributes included.
MAX_SEALED = 3500
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Proof:
    """Opens the session of one launch: a cookie's value, and the bearer token where cookies are refused."""

    launch_id: UUID
    person: str
    """Who launched, as `person_key` says it: lets a browser's next launch notice that somebody else sits there."""
    secret: str
    """Its hash stands in Launch.proof_hash."""
    issued_at: int
    """Seconds since 1970."""
    return_url: str = ""


@dataclass(frozen=True)
class Ticket:
    """A launch that is valid but whose browser is not yet proven; useless without the browser's secret (CK-16)."""

    launch_id: UUID
    path: str
    """Where the browser goes once it is proven."""
    return_url: str = ""


def new_secret() -> str:
    """256 random bits, safe in URLs, cookies and JSON."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hexadecimal; secrets are random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret_of(secret: str, stored_hash: str) -> bool:
    """Compare in constant time. An empty hash matches nothing."""
    return bool(stored_hash) and constant_time_compare(hash_secret(secret), stored_hash)


def person_key(issuer: str, sub: str) -> str:
    """The same for one person at one LMS, whichever of its registrations launched."""
    return hashlib.sha256(f"{issuer}\0{sub}".encode()).hexdigest()[:24]


def seal(proof: Proof) -> str:
    """The proof as ASCII text. An overlong return URL is left out: without it the session still works."""
    content: dict[str, Any] = {
        "launch": proof.launch_id.hex,
        "person": proof.person,
        "secret": proof.secret,
        "at": proof.issued_at,
        "back": proof.return_url,
    }
    sealed = _encrypt("proof", content)
    return sealed if len(sealed) <= MAX_SEALED else seal(replace(proof, return_url=""))


def unseal(sealed: str) -> Proof | None:
    """The proof, or None for anything that we did not seal as one."""
    content = _decrypt("proof", sealed)
    if content is None:
        return None
    return Proof(
        launch_id=UUID(content["launch"]),
        person=content["person"],
        secret=content["secret"],
        issued_at=content["at"],
        return_url=content["back"],
    )


def seal_ticket(ticket: Ticket) -> str:
    return _encrypt("ticket", {"launch": ticket.launch_id.hex, "path": ticket.path, "back": ticket.return_url})


def unseal_ticket(sealed: str) -> Ticket | None:
    content = _decrypt("ticket", sealed)
    if content is None:
        return None
    return Ticket(launch_id=UUID(content["launch"]), path=content["path"], return_url=content["back"])


def _encrypt(use: str, content: dict[str, Any]) -> str:
    """AES-GCM with a random nonce (RFC 5116): safe for 2^32 seals by one key, which is years of launches."""
    nonce = os.urandom(_NONCE_BYTES)
    return urlsafe_b64encode(nonce + _ciphers()[0].encrypt(nonce, json.dumps(content).encode(), use.encode())).decode()


def _decrypt(use: str, sealed: str) -> dict[str, Any] | None:
    """What was sealed for this use; a ticket is no proof."""
    try:
        opened = urlsafe_b64decode(sealed)
    except ValueError:
        return None
    for cipher in _ciphers():
        try:
            content: dict[str, Any] = json.loads(
                cipher.decrypt(opened[:_NONCE_BYTES], opened[_NONCE_BYTES:], use.encode())
            )
        except (InvalidTag, ValueError):
            continue
        return content
    return None


def _ciphers() -> tuple[AESGCM, ...]:
    return _ciphers_of(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _ciphers_of(keys: Sequence[str]) -> tuple[AESGCM, ...]:
    """Keys of our own, derived: what encrypts database fields never opens a session."""
    return tuple(AESGCM(hashlib.sha256(b"lti.proofs " + key.encode()).digest()) for key in keys)
