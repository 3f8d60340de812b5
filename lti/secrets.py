"""Encryption of single database fields: private keys and LMS tokens (SEC-18)."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(Exception):
    """No key in FIELD_ENCRYPTION_KEYS opens this field: a key was lost, or the database belongs to another place."""


def encrypt(text: str) -> str:
    """ASCII text that only FIELD_ENCRYPTION_KEYS opens; encrypted with the first of them."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text again, whichever of the keys encrypted it. Raises SecretUnreadable."""
    try:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("No key in FIELD_ENCRYPTION_KEYS opens this field.") from error


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
