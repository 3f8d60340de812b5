"""Encrypts all that is encrypted in the database with the first of FIELD_ENCRYPTION_KEYS."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from itpm_byte.reports.models import PhoneApp
from lti import secrets

ENDING = "_encrypted"


class Command(BaseCommand):
    help = (
        "Encrypt all secrets in the database with the first key of FIELD_ENCRYPTION_KEYS. Put a new key in front,"
        " restart all processes, run this; a day later, when no session needs the old key any more, take it away."
        " It may run while the service does, and again after it was cut off."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        renewed = unreadable = 0
        for model, column in columns():
            for key, old in model._default_manager.exclude(**{column: ""}).values_list("pk", column).iterator():
                try:
                    new = renew(old, is_short=model is PhoneApp)
                except secrets.SecretUnreadable:
                    unreadable += 1
                    self.stderr.write(f"{model._meta.label} {key}: no key in FIELD_ENCRYPTION_KEYS opens this row.")
                    continue
                # Whoever wrote a newer secret meanwhile has used the newest key.
                renewed += model._default_manager.filter(pk=key, **{column: old}).update(**{column: new})
        self.stdout.write(f"Encrypted anew: {renewed}.")
        if unreadable:
            raise CommandError(f"{unreadable} could not be read: put their own key behind the new one.")


def columns() -> Iterator[tuple[Any, str]]:
    """Each table and column with secrets: those whose name says so, and the one of django-otp's that we encrypt."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if field.name.endswith(ENDING):
                yield model, field.name
    yield PhoneApp, "key"


def renew(old: str, *, is_short: bool) -> str:
    return secrets.encrypt_short(secrets.decrypt_short(old)) if is_short else secrets.encrypt(secrets.decrypt(old))
