"""The WSGI application of the pretend LMS, and the check that nobody runs it where real people learn."""

import os
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from itpm_byte.sandbox.lms import Lms


def refuse_where_it_does_not_belong() -> None:
    """Raises ImproperlyConfigured unless this was asked for, and never in production."""
    if os.environ.get("ITPM_ENVIRONMENT", "").strip().lower() == "production":
        raise ImproperlyConfigured(
            "ITPM_ENVIRONMENT says production. The sandbox LMS lets anybody in as anybody: it never runs in production."
        )
    if os.environ.get("ITPM_SANDBOX") != "1":
        raise ImproperlyConfigured(
            "The sandbox LMS is a pretend LMS for trying and testing. If that is what you want, set ITPM_SANDBOX=1."
        )


def make_application(lms: Lms) -> WSGIApplication:
    refuse_where_it_does_not_belong()
    os.environ["DJANGO_SETTINGS_MODULE"] = "itpm_byte.sandbox.settings"
    django_application = get_wsgi_application()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["sandbox.lms"] = lms
        environ.setdefault("sandbox.hang_up", _cannot_hang_up)
        return django_application(environ, start_response)

    return application


def _cannot_hang_up() -> None:
    """Only our own server can close a connection without an answer; behind another one the fault is a plain 503."""


def __getattr__(name: str) -> Any:
    """`application` for any WSGI server, made when asked for: SANDBOX_URL and SANDBOX_TOOL_URL say the addresses."""
    if name != "application":
        raise AttributeError(name)
    refuse_where_it_does_not_belong()
    return make_application(
        Lms(
            os.environ.get("SANDBOX_URL", "http://localhost:8001"),
            os.environ.get("SANDBOX_TOOL_URL", "http://127.0.0.1:8000"),
            manner=os.environ.get("SANDBOX_MANNER", "moodle"),
        )
    )
