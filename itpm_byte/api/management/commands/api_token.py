"""Makes, lists and revokes tokens of programs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itpm_byte.api import tokens
from itpm_byte.api.models import ApiToken
from itpm_byte.api.scopes import SCOPES
from lti.models import Institution


class Command(BaseCommand):
    help = "Tokens with which programs use the API. A token is printed once, when it is made."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        make = actions.add_parser("make", help="Make a token and print it.")
        make.add_argument("institution", help="The institution's slug: whose data it opens.")
        make.add_argument("name", help="What it is for.")
        make.add_argument("--scope", action="append", required=True, choices=list(SCOPES), help="May be repeated.")
        make.add_argument("--days", type=int, default=90, help="How long it works (default: 90, at most 366).")
        actions.add_parser("list", help="All tokens, newest first.")
        revoke = actions.add_parser("revoke", help="From now on it opens nothing.")
        revoke.add_argument("prefix", help="The part between the first two underscores.")

    def handle(self, *args: Any, **options: Any) -> None:
        {"make": self._make, "list": self._list, "revoke": self._revoke}[options["action"]](options)

    def _make(self, options: dict[str, Any]) -> None:
        try:
            institution = Institution.objects.get(slug=options["institution"])
        except Institution.DoesNotExist:
            known = ", ".join(Institution.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"No institution has the slug {options['institution']}. Known: {known}.") from None
        try:
            token, text = tokens.make(
                name=options["name"],
                institution=institution,
                scopes=options["scope"],
                days=options["days"],
                by=None,
                now=timezone.now(),
            )
        except tokens.TokenInvalid as invalid:
            raise CommandError(str(invalid)) from invalid
        self.stderr.write(f"Works until {token.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again:")
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        for token in ApiToken.objects.select_related("institution").order_by("-created_at"):
            state = "revoked" if token.is_revoked else "expired" if token.is_expired(now) else "works"
            used = f"{token.used_minute:%Y-%m-%d %H:%M}" if token.used_minute else "never"
            facts = (token.prefix, state, token.institution.slug, f"until {token.expires_at:%Y-%m-%d}", f"used {used}")
            self.stdout.write("  ".join((*facts, " ".join(token.scopes), token.name)))

    def _revoke(self, options: dict[str, Any]) -> None:
        token = ApiToken.objects.select_related("institution").filter(prefix=options["prefix"]).first()
        if token is None:
            raise CommandError("No token begins so. `api_token list` shows all.")
        is_new = tokens.revoke(token, by=None, now=timezone.now())
        self.stdout.write("Revoked." if is_new else "It was revoked before.")
