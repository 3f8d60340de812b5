"""What the answers of all doors have in common."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """Answers a POST with a GET address, so that reload and back never send it again (CORE-21)."""

    status_code = 303
