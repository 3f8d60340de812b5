"""`manage.py restore FILE`: the database as a backup says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itpm_byte.engine import backups


class Command(BaseCommand):
    help = "Make the database what a backup says. Stop web servers and workers first."
    # Django's checks may ask tables that are not there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="what is in the database now is lost")

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        try:
            backups.put_back(file, replaces=replace)
        except backups.BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("The database is as the backup says. Run manage.py migrate if this version is newer than it.")
        if not backups.opens_keys():
            raise CommandError(
                "FIELD_ENCRYPTION_KEYS does not open the keys in it, so no LMS would believe us. Set it as it was when "
                "the backup was taken."
            )
