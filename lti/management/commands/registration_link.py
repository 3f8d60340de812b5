"""Makes a link with which an LMS registers itself, once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lti import registrations
from lti.models import Registration
from lti.registering import links as registration_links


class Command(BaseCommand):
    help = (
        "Make a link that an LMS's administrator pastes into the LMS; the LMS then registers itself. It works once and"
        " is shown once: whoever has it can connect an LMS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What you call this LMS.")
        parser.add_argument("--institution", help="Who owns the data of its deployments. Default: the name.")
        parser.add_argument("--days", type=int, default=7, help="How long the link works (default: 7).")
        parser.add_argument("--active", action="store_true", help="Active at once; else somebody must approve it here.")
        parser.add_argument(
            "--unknown-deployments",
            choices=Registration.DeploymentPolicy.values,
            default=Registration.DeploymentPolicy.PENDING.value,
            help="Keep those that arrive later for approval (default), accept, or refuse them.",
        )
        parser.add_argument("--host", default="", help="Only the LMS on this host may use the link.")
        parser.add_argument("--issuer", default="", help="Accept this issuer from that host although it is elsewhere.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= 365:
            raise CommandError("--days: from 1 to 365.")
        if options["issuer"] and not options["host"]:
            raise CommandError("--issuer: say with --host which LMS may use it.")
        link, address = registration_links.make(
            name=options["name"][:200],
            institution=registrations.institution_named(options["institution"] or options["name"]),
            now=timezone.now(),
            lifetime=timedelta(days=options["days"]),
            is_preapproved=options["active"],
            deployment_policy=options["unknown_deployments"],
            host=options["host"],
            issuer=options["issuer"],
        )
        self.stdout.write(f"Works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(address)
