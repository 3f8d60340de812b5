"""What the answers of all doors have in common."""

import secrets

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """Answers a POST with a GET address, so that reload and back never send it again (CORE-21)."""

    status_code = 303


def new_reference() -> str:
    """Joins a page about a failure to its line in the log. Eight letters and digits that can be read out loud."""
    letters = "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
