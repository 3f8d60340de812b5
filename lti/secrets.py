"""Encryption of single database fields: private keys, LMS tokens, staff's second steps (SEC-18)."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """No key in FIELD_ENCRYPTION_KEYS opens this field: a key was lost, or the database belongs to another place."""

    def __init__(self) -> None:
        super().__init__("No key in FIELD_ENCRYPTION_KEYS opens this field.")


def encrypt(text: str) -> str:
    """ASCII text that only FIELD_ENCRYPTION_KEYS opens; encrypted with the first of them."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text again, whichever of the keys encrypted it. Raises SecretUnreadable."""
    try:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def encrypt_short(secret: bytes) -> str:
    """The same where a library's column has no room for more: 64 characters for 20 bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    return urlsafe_b64encode(nonce + _short_ciphers()[0].encrypt(nonce, secret, None)).decode()


def decrypt_short(encrypted: str) -> bytes:
    """What `encrypt_short` was given. Raises SecretUnreadable."""
    try:
        sealed = urlsafe_b64decode(encrypted.encode())
    except ValueError as error:
        raise SecretUnreadable from error
    for cipher in _short_ciphers():
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            continue
    raise SecretUnreadable


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _short_ciphers() -> tuple[ChaCha20Poly1305, ...]:
    return _ciphers_of(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _ciphers_of(keys: tuple[str, ...]) -> tuple[ChaCha20Poly1305, ...]:
    """Keys of their own, derived from the same ones: no key serves two ciphers."""
    derived = (HKDF(SHA256(), 32, salt=None, info=b"itpm_byte.short").derive(urlsafe_b64decode(key)) for key in keys)
    return tuple(ChaCha20Poly1305(key) for key in derived)
