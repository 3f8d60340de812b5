"""Connects an LMS by hand: what its administrator told us in, what he must paste out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lti import addresses, keys, registrations
from lti.models import Registration
from lti.registering import presets
from lti.registering.presets import PRESETS, Derived, PresetUnfit
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
        parser.add_argument("--preset", choices=PRESETS, help="Which LMS: derives its addresses from --lms-url.")
        parser.add_argument("--lms-url", help="Where the LMS is, as in https://moodle.example.edu.")
        parser.add_argument("--own-id", default="", help="Id within its addresses, where an LMS has one per tool.")
        parser.add_argument("--issuer", help="Its issuer (platform id), letter for letter.")
        parser.add_argument("--client-id", required=True)
        parser.add_argument("--auth-url", help="Authentication request URL.")
        parser.add_argument("--token-url", help="Access token URL.")
        parser.add_argument("--jwks-url", help="Public keyset URL.")
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
        details = _details(options)
        try:
            registration, is_new = registrations.enter(details)
        except ValidationError as error:
            raise CommandError("\n".join(_lines(error))) from error
        keys.ensure(now=timezone.now())
        self.stdout.write(f"{'Connected' if is_new else 'Updated'}: {registration.name}")
        self.stdout.write("Enter this at the LMS:")
        for label, value in addresses.for_lms(registration):
            self.stdout.write(f"  {label}: {value}")


def _details(options: dict[str, Any]) -> PlatformDetails:
    """What was said, and below it what the preset knows."""
    derived = _derived(options)
    known = presets.fields(options["preset"], derived) if derived else {}
    said = {
        "audience": options["audience"],
        "product": options["product"],
        "is_default": options["default"],
        "signing_algorithms": options["algorithm"],
        "frame_origins": options["frame_origin"],
        "trusted_audiences": options["trusted_audience"],
        "deployment_policy": options["unknown_deployments"],
        "allows_anonymous": options["allow_anonymous"],
        "is_azp_strict": False if options["any_azp"] else None,
    }
    return PlatformDetails(
        name=options["name"],
        client_id=options["client_id"],
        issuer=_address(options, "issuer", derived),
        auth_login_url=_address(options, "auth_login_url", derived),
        auth_token_url=_address(options, "auth_token_url", derived),
        jwks_url=_address(options, "jwks_url", derived),
        deployment_ids=tuple(options["deployment_id"]),
        institution=options["institution"],
        optional={**known, **{name: value for name, value in said.items() if value is not None}},
    )


def _derived(options: dict[str, Any]) -> Derived | None:
    if bool(options["preset"]) != bool(options["lms_url"]):
        raise CommandError("--preset and --lms-url belong together.")
    if not options["preset"]:
        return None
    try:
        return presets.derive(
            options["preset"], options["lms_url"], client_id=options["client_id"], own_id=options["own_id"]
        )
    except PresetUnfit as unfit:
        raise CommandError(f"--lms-url: {unfit}") from unfit


def _address(options: dict[str, Any], field: str, derived: Derived | None) -> str:
    option = OPTIONS[field]
    value = options[option.removeprefix("--").replace("-", "_")] or (getattr(derived, field) if derived else "")
    if not value:
        also = " The LMS shows it; or say --own-id, the id in its addresses." if derived else ""
        raise CommandError(f"{option} is missing.{also}")
    return str(value)


def _lines(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{OPTIONS.get(name, name)}: {text}" for name, texts in error.message_dict.items() for text in texts]
