"""Single values of a token: of the right kind, storable, safe to use as a link or to call; else "" or a refusal."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from lti import http
from lti.errors import ClaimInvalid

ID_LENGTH = 255
URL_LENGTH = 2000
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def identifier(value: Any, reason: str, *, is_ascii: bool = False) -> str:
    """As it came, to the letter: at most 255 characters that every database can store."""
    if not isinstance(value, str):
        raise ClaimInvalid(reason, "missing" if value is None else "not a string")
    if not value:
        raise ClaimInvalid(reason, "empty")
    if len(value) > ID_LENGTH or not is_storable(value) or (is_ascii and not value.isascii()):
        raise ClaimInvalid(reason, "unfit")
    return value


def locale(value: Any) -> str:
    return value if isinstance(value, str) and _LOCALE.fullmatch(value) else ""


def service_url(value: Any) -> str:
    """An address that we may call, "" for any other (CORE-32)."""
    if not isinstance(value, str) or len(value) > URL_LENGTH:
        return ""
    try:
        http.check_address(value)
    except http.AddressRefused:
        return ""
    return value


def page_url(value: Any) -> str:
    """An address for the browser to go to, "" for any other."""
    if not isinstance(value, str) or len(value) > URL_LENGTH or not is_storable(value):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    schemes = {"https", "http"} if settings.LTI_ALLOW_LOOPBACK_PLATFORMS else {"https"}
    return value if parts.scheme in schemes and parts.hostname else ""


def as_object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def text(value: Any, limit: int) -> str:
    """For people's eyes: what a database can't store is left out, what is too long is cut."""
    if not isinstance(value, str):
        return ""
    text: str = value if is_storable(value) else _UNSTORABLE.sub("", value)
    return text[:limit].strip()


def is_storable(text: str) -> bool:
    """PostgreSQL stores no NUL, nothing stores half a character (which JSON can express)."""
    return _UNSTORABLE.search(text) is None
