"""One reference number for a request and all that it causes: on its error page, in each of its lines in the log.

Tasks take it along (`engine.database_backend`), so the line that says why a score was refused names the request that
queued it. It is always made here: what a caller sends is never believed. The answer tells it as X-Request-Id.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.core.signals import request_finished
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, unbind_contextvars

HEADER = "X-Request-Id"
KEY = "reference"
# 32 letters and digits that nobody mixes up when they are read out loud.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new() -> str:
    letters = "".join(_LETTERS[byte & 31] for byte in secrets.token_bytes(8))
    return f"{letters[:4]}-{letters[4:]}"


def current() -> str:
    """The number of what is being done now; "" outside of requests, tasks and jobs by the clock."""
    return str(get_contextvars().get(KEY, ""))


def for_page() -> str:
    """What an error page shows."""
    return current() or new()


def bound(reference: str = "") -> AbstractContextManager[None]:
    """All lines of the log inside carry this number; a new one for ""."""
    return bound_contextvars(**{KEY: reference or new()})


class ReferenceMiddleware:
    """Stands first, so that no line of a request comes before its number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Not when we return: Django writes a line after that, and a streamed answer has only begun.
        request_finished.connect(_forget, dispatch_uid="lti.references")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reference = new()
        bind_contextvars(**{KEY: reference})
        response = self.get_response(request)
        response.headers[HEADER] = reference
        return response


def _forget(**_: object) -> None:
    unbind_contextvars(KEY)
