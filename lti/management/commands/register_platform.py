"""Connects an LMS by hand: what its administrator told us in, what he must paste out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lti import addresses, keys, registrations
from lti.models import Registration
from lti.registrations import PlatformDetails

# What the fields are called on the command line.
OPTIONS = {
    "auth_login_url": "--auth-url",
    "auth_token_url": "--token-url",
    "jwks_url": "--jwks-url",
    "deployment_id": "--deployment-id",
    "issuer": "--issuer",
    "signing_algorithms": "--algorithm",
}


class Command(BaseCommand):
    help = (
        "Connect an LMS, or change what is known of it: a registration is found by issuer and client id. Prints what"
        " the LMS's administrator must enter on the other side."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="What you call this LMS.")
        parser.add_argument("--issuer", required=True, help="Its issuer (platform id), letter for letter.")
        parser.add_argument("--client-id", required=True)
        parser.add_argument("--auth-url", required=True, help="Authentication request URL.")
        parser.add_argument("--token-url", required=True, help="Access token URL.")
        parser.add_argument("--jwks-url", required=True, help="Public keyset URL.")
        parser.add_argument("--audience", help="Only if the LMS names one for access tokens (Brightspace).")
        parser.add_argument("--deployment-id", action="append", default=[], help="Repeat it for several.")
        parser.add_argument("--institution", help="Who owns the data of these deployments. Default: the name.")
        parser.add_argument("--product", help="moodle, canvas, blackboardlearn, desire2learn, sakai, …")
        parser.add_argument("--default", action="store_true", default=None, help="Use it where no client id is sent.")
        parser.add_argument("--algorithm", action="append", help="Other than RS256, if the LMS signs so. Repeatable.")
        parser.add_argument("--frame-origin", action="append", help="Further origin that shows us in a frame.")
        parser.add_argument("--trusted-audience", action="append", help="Audience that may stand beside ours.")
        parser.add_argument(
            "--unknown-deployments",
            choices=Registration.DeploymentPolicy.values,
            help="Refuse them (default), keep them for approval, or accept them.",
        )
        parser.add_argument("--allow-anonymous", action="store_true", default=None, help="Accept launches of nobody.")
        parser.add_argument("--any-azp", action="store_true", default=None, help="Accept a foreign authorized party.")

    def handle(self, *args: Any, **options: Any) -> None:
        details = PlatformDetails(
            name=options["name"],
            issuer=options["issuer"],
            client_id=options["client_id"],
            auth_login_url=options["auth_url"],
            auth_token_url=options["token_url"],
            jwks_url=options["jwks_url"],
            deployment_ids=tuple(options["deployment_id"]),
            institution=options["institution"],
            optional={
                "audience": options["audience"],
                "product": options["product"],
                "is_default": options["default"],
                "signing_algorithms": options["algorithm"],
                "frame_origins": options["frame_origin"],
                "trusted_audiences": options["trusted_audience"],
                "deployment_policy": options["unknown_deployments"],
                "allows_anonymous": options["allow_anonymous"],
                "is_azp_strict": False if options["any_azp"] else None,
            },
        )
        try:
            registration, is_new = registrations.enter(details)
        except ValidationError as error:
            raise CommandError("\n".join(_lines(error))) from error
        keys.ensure(now=timezone.now())
        self.stdout.write(f"{'Connected' if is_new else 'Updated'}: {registration.name}")
        self.stdout.write("Enter this at the LMS:")
        for label, value in addresses.for_lms(registration):
            self.stdout.write(f"  {label}: {value}")


def _lines(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{OPTIONS.get(name, name)}: {text}" for name, texts in error.message_dict.items() for text in texts]
