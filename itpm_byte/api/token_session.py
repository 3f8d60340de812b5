"""Who a program is: the token in its Authorization header, how often it may ask, and what it may do."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from itpm_byte.api import tokens
from itpm_byte.api.models import ApiToken
from itpm_byte.api.problems import Problem

CHALLENGE = 'Bearer realm="ITPM Byte"'
WINDOW = 60  # seconds


class TokenSession(BaseAuthentication):
    """request.auth is the ApiToken. Every request with a genuine token counts towards its limit, refused ones too."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise Problem("not_authenticated", WWW_Authenticate=CHALLENGE)
        now = timezone.now()
        try:
            token = tokens.find(text.strip(), now=now)
        except tokens.TokenRefused as refused:
            challenge = f'{CHALLENGE}, error="invalid_token"'
            raise Problem(f"token_{refused.reason}", WWW_Authenticate=challenge) from refused
        left = settings.API_REQUESTS_PER_MINUTE - tokens.count_use(token, now=now)
        headers = limit_headers(left, seconds=WINDOW - now.second)
        if left < 0:
            raise Problem("throttled", **headers, Retry_After=str(WINDOW - now.second))
        request._request.limit_headers = headers  # type: ignore[attr-defined]  # for the answer
        return token.created_by or AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def limit_headers(left: int, *, seconds: int) -> dict[str, str]:
    """As the IETF's RateLimit header fields say it: what is allowed in how many seconds, what is left for how long."""
    return {
        "RateLimit-Policy": f'"minute";q={settings.API_REQUESTS_PER_MINUTE};w={WINDOW}',
        "RateLimit": f'"minute";r={max(left, 0)};t={seconds}',
    }


class HasScope(BasePermission):
    """The token may do what the view's `scope` says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            raise Problem("not_authenticated", WWW_Authenticate=CHALLENGE)
        if view.scope not in token.scopes:
            challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{view.scope}"'
            raise Problem("scope_missing", f"It needs the scope {view.scope}.", WWW_Authenticate=challenge)
        return True
