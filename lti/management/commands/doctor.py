"""Look at connections to LMSs from all sides and name what is wrong."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lti.doctor import examination as doctor
from lti.doctor import words as doctor_words
from lti.models import Registration


class Command(BaseCommand):
    help = "Looks at connections to LMSs: keys, clocks, access, column, roster. Exit code 1 if something is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--registration", metavar="UUID", help="this one")
        which.add_argument("--all", action="store_true", help="also those that are switched off or wait for approval")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = [self._look(registration, as_json=options["json"]) for registration in _chosen(options)]
        if not reports and not options["json"]:
            self.stdout.write("No learning platform is connected, or none is switched on (--all looks at the others).")
        if options["json"]:
            self.stdout.write(json.dumps(reports, indent=2, ensure_ascii=False))
        if any(report["verdict"] == "broken" for report in reports):
            sys.exit(1)

    def _look(self, registration: Registration, *, as_json: bool) -> dict[str, Any]:
        now = timezone.now()
        findings = list(doctor.examine(registration, now=now))
        overall = doctor.conclude(registration, findings, now=now)
        if not as_json:
            self.stdout.write(doctor_words.report(registration, findings, overall=overall, now=now))
        return {
            "registration": str(registration.uuid),
            "name": registration.name,
            "product": registration.product,
            "looked_at": now.isoformat(),
            "verdict": overall,
            "checks": [
                {
                    **finding.as_json(),
                    "what": doctor_words.what(finding, registration, now=now),
                    "todo": doctor_words.todo(finding, registration, now=now),
                }
                for finding in findings
            ],
        }


def _chosen(options: dict[str, Any]) -> list[Registration]:
    rows = Registration.objects.order_by("name", "pk")
    if options["registration"]:
        try:
            found = list(rows.filter(uuid=options["registration"]))
        except ValidationError:
            found = []
        if not found:
            raise CommandError("There is no such registration. Its UUID stands in its login address.")
        return found
    return list(rows if options["all"] else rows.filter(status=Registration.Status.ACTIVE))
