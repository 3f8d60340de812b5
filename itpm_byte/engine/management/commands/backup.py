"""`manage.py backup FILE`: the whole database in one file, while the service runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itpm_byte.engine import backups


class Command(BaseCommand):
    help = "Copy the whole database into one new file, while the service runs. Only its owner can read it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            backups.take(file)
        except backups.BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Written: {file}. Keep FIELD_ENCRYPTION_KEYS elsewhere: it opens the keys in it.")
