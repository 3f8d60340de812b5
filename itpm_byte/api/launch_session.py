"""Lets the page of a launch use the API: by the launch's cookie, or by its bearer token."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from itpm_byte.api.problems import Problem
from lti.models import Launch
from lti.sessions import SessionEnded, resolve


class LaunchSession(BaseAuthentication):
    """For views at addresses with `<uuid:launch_id>`: request.auth is the Launch, request.user its PlatformUser.

    Reads only: with a cookie there is no CSRF check here.
    """

    def authenticate(self, request: Request) -> tuple[Any, Launch]:
        try:
            launch = resolve(request._request, request.parser_context["kwargs"]["launch_id"], now=timezone.now())
        except SessionEnded as ended:
            raise Problem("session_ended", WWW_Authenticate="Bearer") from ended
        return launch.user, launch

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
