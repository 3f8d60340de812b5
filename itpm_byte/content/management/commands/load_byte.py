"""manage.py load_byte PATH: publish a Byte from its file, or every Byte of a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from itpm_byte.content import loading
from itpm_byte.content.problems import LoadFailed, Problem


class Command(BaseCommand):
    help = "Publishes a Byte from its file (or all .yaml files of a folder): a new version if it changed, else nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="byte.yaml, or a folder with one file per language")
        parser.add_argument("--check", action="store_true", help="only check; store nothing")

    def handle(self, *_args: Any, path: Path, check: bool, **_options: Any) -> None:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise CommandError(f"{path} has no .yaml file.")
        problems: list[Problem] = []
        with transaction.atomic():
            for file in files:
                try:
                    self._load(file, only_check=check)
                except LoadFailed as error:
                    problems += error.problems
            if problems:
                for problem in problems:
                    self.stderr.write(str(problem))
                mistakes = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
                raise CommandError(f"Nothing was published: {mistakes} to mend.")

    def _load(self, file: Path, *, only_check: bool) -> None:
        if only_check:
            draft, warnings = loading.check(file)
            outcome = f"{draft.fields['title']} ({draft.fields['language']}): can be published."
        else:
            result = loading.load(file, now=timezone.now())
            byte, warnings = result.byte, result.warnings
            state = "published" if result.is_new else "unchanged"
            outcome = f"{byte.title} ({byte.language}), version {byte.version}: {state}."
        for warning in warnings:
            self.stdout.write(f"Warning: {warning}")
        self.stdout.write(outcome)
