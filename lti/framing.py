"""Who may show us in a frame, and the headers and cookies that a frame needs (SEC-10, SEC-22, CK-01, CK-24)."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from http.cookies import Morsel
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.csp import CSP, build_policy

if TYPE_CHECKING:
    from lti.models import Registration

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
# A host as CSP can name it; an administrator may write a wildcard for a vendor's customer domains.
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")


class FramingMiddleware:
    """Adds to every response what Django has no setting for. Before whoever answers, so that nothing leaves without."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        teach_cookies_partitioned()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        for morsel in response.cookies.values():
            if str(morsel["samesite"]).lower() == "none":
                # Without it browsers that block third-party cookies drop ours, Django's own for forms, too.
                morsel["partitioned"] = True
        return response


def teach_cookies_partitioned() -> None:
    """Python's cookies know `Partitioned` from 3.14 on; older ones can be taught (CK-02)."""
    morsel = cast(Any, Morsel)
    morsel._reserved.setdefault("partitioned", "Partitioned")
    morsel._flags.add("partitioned")


def framed[R: HttpResponseBase](
    response: R,
    registration: "Registration",
    *,
    return_url: str = "",
    form_action: Iterable[str] = (),
) -> R:
    """Let the LMS of this registration show the response in a frame, and let nobody cache it.

    `return_url` comes from a verified token only; its origin is the LMS page that frames us where the issuer is shared
    by many hosts (CORE-04). `form_action`: further origins to which a form on the page posts.
    """
    ancestors = [CSP.SELF, *frame_origins(registration, return_url)]
    _set_policy(response, ancestors, [CSP.SELF, *filter(None, map(origin_of, form_action))])
    return response


def posting_to[R: HttpResponseBase](response: R, url: str) -> R:
    """Let forms of this page post to the origin of `url`, too, whoever frames the page before or after (DL-19).

    Only for an address that was looked at: `is_of_lms`.
    """
    page = cast(Any, response)
    page.posts_to = origin_of(url)
    if hasattr(page, "policy_parts"):
        _set_policy(response, *page.policy_parts)
    return response


def is_of_lms(url: str, registration: "Registration", return_url: str = "") -> bool:
    """Whether the address is on a host of this LMS, or below one: issuer, endpoints, added origins, return URL."""
    wanted = urlsplit(origin_of(url))
    known = [urlsplit(origin) for origin in frame_origins(registration, return_url)]
    return bool(wanted.hostname) and any(_is_below(wanted.hostname or "", origin.hostname or "") for origin in known)


def framed_anywhere[R: HttpResponseBase](response: R) -> R:
    """For words to a person whose LMS we don't know. Only for pages without anybody's data and without actions."""
    _set_policy(response, ["*"], [CSP.NONE])
    return response


def framed_with_forms[R: HttpResponseBase](response: R) -> R:
    """As `framed_anywhere`, with forms to ourselves: for the page on which an LMS that we don't know registers itself.

    Its form holds all it needs and no cookie counts: who frames it gains nothing that its address did not give anyway.
    """
    _set_policy(response, ["*"], [CSP.SELF])
    return response


def frame_origins(registration: "Registration", return_url: str = "") -> list[str]:
    """Origins that may frame pages of this registration, each once, sorted."""
    urls = [registration.issuer, registration.auth_login_url, registration.auth_token_url, return_url]
    return sorted({origin_of(url) for url in [*urls, *registration.frame_origins] if isinstance(url, str)} - {""})


@lru_cache(maxsize=4096)
def origin_of(url: str) -> str:
    """scheme://host[:port] of an http(s) URL, "" for anything that a policy can't safely name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}"


def _is_below(host: str, known: str) -> bool:
    return host == known or host.endswith("." + known.removeprefix("*."))


def _set_policy(response: HttpResponseBase, frame_ancestors: list[str], form_action: list[str]) -> None:
    page = cast(Any, response)
    elsewhere: str = getattr(page, "posts_to", "")
    page.policy_parts = frame_ancestors, form_action
    # Set here, so that Django's middleware has nothing to build.
    response.headers[CSP.HEADER_ENFORCE.value] = _policy(
        tuple(frame_ancestors), (*form_action, elsewhere) if elsewhere else tuple(form_action)
    )
    page.xframe_options_exempt = True
    response.headers["Cache-Control"] = "no-store"
    # Not "no-referrer": browsers then say "Origin: null" with a form, and Django refuses the form. An LMS may, too.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin" if elsewhere else "same-origin"


@lru_cache(maxsize=1024)
def _policy(frame_ancestors: tuple[str, ...], form_action: tuple[str, ...]) -> str:
    """For pages without inline scripts and styles, so without a nonce."""
    everywhere: dict[str, Any] = settings.SECURE_CSP
    return build_policy(everywhere | {"frame-ancestors": frame_ancestors, "form-action": form_action})
