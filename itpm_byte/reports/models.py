"""The second step of staff, as django-otp keeps it, with nothing in the database that would let a thief in."""

import os
from base64 import b32encode

from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from lti import secrets

KEY_BYTES = 20  # RFC 4226, 4 (R6)
HASH_CHARACTERS = 16  # as many as django-otp's column holds: 80 bits


class PhoneApp(TOTPDevice):  # type: ignore[misc]  # django-otp has no types
    """django-otp's device, whose `key` column holds the key encrypted. Only this class reads it."""

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """What phone and service share. Raises SecretUnreadable."""
        return secrets.decrypt_short(self.key)


def new_key() -> str:
    return secrets.encrypt_short(os.urandom(KEY_BYTES))


def hash_of(recovery_code: str) -> str:
    """What is kept of a recovery code; without SECRET_KEY nobody can try out which code it belongs to."""
    hashed = salted_hmac("itpm_byte.recovery_code", recovery_code, algorithm="sha256").digest()
    return b32encode(hashed).decode()[:HASH_CHARACTERS].lower()
