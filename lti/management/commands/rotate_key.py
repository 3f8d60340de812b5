"""Makes a new key pair for signing what we send to LMSs."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from lti import keys


class Command(BaseCommand):
    help = (
        "Make a new key pair. It is published at once and signs after 24 hours, because LMSs keep our key set that"
        " long; the old key stays published for another 24 hours. The very first key signs at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", action="store_true", help="Sign with the new key at once: for a key that leaked.")

    def handle(self, *args: Any, **options: Any) -> None:
        key = keys.rotate(now=timezone.now(), overlap=timedelta(0) if options["now"] else keys.OVERLAP)
        self.stdout.write(f"New key {key.kid}, signs from {key.activates_at:%Y-%m-%d %H:%M} UTC.")
