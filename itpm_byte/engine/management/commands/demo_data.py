"""`manage.py demo_data`: a made-up crowd, for measuring and for showing reports."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from itpm_byte.content.models import Byte
from itpm_byte.engine.crowd.making import Making, Size
from lti.models import Institution

BYTE = "fixtures/bytes/it-project-manager"


class Command(BaseCommand):
    help = "Add made-up institutions, courses, learners, attempts and grades. The same seed and day make the same rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--courses", type=int, default=20)
        parser.add_argument("--learners", type=int, default=1_000)
        parser.add_argument("--progress", type=int, default=3_000, help="learners who began an activity, over all")
        parser.add_argument("--attempts", type=int, default=9_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", type=_day, default=None, help="last day of it all, as 2026-05-31; today")
        parser.add_argument("--yes", action="store_true", help="also in production")

    def handle(self, *, seed: int, until: datetime | None, yes: bool, **told: Any) -> None:
        if settings.IS_PRODUCTION and not yes:
            raise CommandError("This adds made-up people to a production database. If you mean it, say --yes.")
        numbers = {name: told[name] for name in ("courses", "learners", "progress", "attempts")}
        _check(numbers)
        if Institution.objects.filter(slug__startswith=f"demo-{seed}-").exists():
            raise CommandError(f"The crowd of seed {seed} is there already. Say another --seed.")
        if not Byte.objects.exists():
            call_command("load_byte", str(settings.BASE_DIR / BYTE), verbosity=0)
        began = time.monotonic()
        day = until or timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        versions = list(Byte.objects.order_by("slug", "language", "-version"))
        Making(Size(**numbers, seed=seed, until=day), versions, self._tell).run()
        self.stdout.write(f"Made in {time.monotonic() - began:.0f} seconds.")

    def _tell(self, words: str) -> None:
        self.stdout.write(words)


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _check(numbers: dict[str, int]) -> None:
    if min(numbers.values()) < 1:
        raise CommandError("Every number must be at least 1.")
    if numbers["courses"] > numbers["learners"]:
        raise CommandError("Say at least as many learners as courses.")
