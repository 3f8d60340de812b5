"""Prints what the environment of a new installation needs."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand
from django.core.management.utils import get_random_secret_key


class Command(BaseCommand):
    help = "Print a new SECRET_KEY and a new FIELD_ENCRYPTION_KEYS, ready for the environment. Keep them secret."
    # It is run before there are settings to check.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # Without characters that shells and env files read in their own way.
        secret = "".join(get_random_secret_key() + get_random_secret_key())
        self.stdout.write(f"SECRET_KEY={''.join(filter(str.isalnum, secret))}")
        self.stdout.write(f"FIELD_ENCRYPTION_KEYS={Fernet.generate_key().decode()}")
