"""The few small pages between the LMS and the activity. No page here holds anybody's data, none needs a query."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lti import platform_storage
from lti.addresses import path_in_session, path_of
from lti.framing import framed, framed_anywhere
from lti.models import Login, Registration
from lti.stencil import fill

# Why a session ended: title, what happened.
ENDED: dict[str, tuple[Promise, Promise]] = {
    "missing": (
        _("Please open the activity from your course"),
        _("This page opens only from inside your course, and this browser kept no sign of it."),
    ),
    "foreign": (
        _("Please open the activity from your course"),
        _("This page was opened for another browser window or another person."),
    ),
    "expired": (
        _("Your session has ended"),
        _("You were away for a while. What you had already sent is saved."),
    ),
    "ended": (
        _("This session was closed"),
        _("Somebody else opened the activity in this browser, or access was withdrawn."),
    ),
}
OPEN_AGAIN = _("Go back to your course and open the activity again.")
BACK = pgettext_lazy("link", "Back to the course")


def login(*, started: Login, auth_url: str, reopen_url: str, state: str, secret: str) -> HttpResponse:
    """Store the browser's secret, then go on to the LMS. Holds no data but this login's own."""
    own = {"auth_url": auth_url, "reopen_url": reopen_url, "key": storage_key(state), "secret": secret}
    storage = platform_storage.where(started.registration, started.storage_target)
    response = HttpResponse(fill("lti/login.html", own, probe_url=path_of("lti:cookie"), **storage))
    framed(response, started.registration)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def confirm(*, started: Login, state: str, ticket: str, launch_id: UUID, return_url: str) -> HttpResponse:
    """Ask the browser for its secret where no cookie came back (CK-16)."""
    response = _page(
        "lti/confirm.html",
        key=storage_key(state),
        ticket=ticket,
        launch=str(launch_id),
        confirm_url=path_of("lti:confirm"),
        probe_url=path_in_session("lti:cookie", launch_id),
        back_url=back_link(return_url),
        **platform_storage.where(started.registration, started.storage_target),
        **_ended_words("missing"),
    )
    return framed(response, started.registration, return_url=return_url)


def shell(launch_id: UUID, registration: Registration | None, storage_target: str) -> HttpResponse:
    """An address of a session without a proof: perhaps the page's own store holds a bearer token."""
    storage = platform_storage.where(registration, storage_target)
    response = _page("lti/shell.html", status=401, launch=str(launch_id), **storage, **_ended_words("missing"))
    response.headers["WWW-Authenticate"] = "Bearer"
    return framed(response, registration) if registration else framed_anywhere(response)


def session_ended(reason: str, registration: Registration | None, *, return_url: str = "") -> HttpResponse:
    """Nobody is asked to log in: who launches from the course is known (CK-26)."""
    response = _page(
        "lti/refusal.html", status=401, back_url=back_link(return_url), can_stay=True, **_ended_words(reason)
    )
    response.headers["WWW-Authenticate"] = "Bearer"
    if registration is None:
        return framed_anywhere(response)
    return framed(response, registration, return_url=return_url)


def refusal(
    *,
    title: str,
    happened: str,
    advice: str,
    status: int,
    reference: str = "",
    reason: str = "",
    return_url: str = "",
    registration: Registration | None = None,
) -> HttpResponse:
    """The one calm page. `return_url` only from a token that was verified."""
    response = _page(
        "lti/refusal.html",
        status=status,
        title=title,
        happened=happened,
        advice=advice,
        reference=reference,
        back_url=back_link(return_url, message=title, log=f"{reason} {reference}".strip()),
    )
    if registration is None:
        return framed_anywhere(response)
    return framed(response, registration, return_url=return_url)


def storage_key(state: str) -> str:
    """Under which the browser keeps a login's secret; the state stands in addresses and is none."""
    return f"lti_{state}"


def back_link(return_url: str, *, message: str = "", log: str = "") -> str:
    """The way back to the LMS with words for the person and for its log (OTH-01), "" if it is not fit to be a link."""
    try:
        parts = urlsplit(return_url)
        is_fit = bool(parts.hostname) and parts.scheme in _schemes()
    except ValueError:
        return ""
    if not is_fit:
        return ""
    told = {"lti_errormsg": message, "lti_log": log}
    added = urlencode({key: words for key, words in told.items() if words})
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, added]))))


def _schemes() -> set[str]:
    return {"https", "http"} if settings.LTI_ALLOW_LOOPBACK_PLATFORMS else {"https"}


def _ended_words(reason: str) -> dict[str, Any]:
    title, happened = ENDED[reason]
    return {"title": title, "happened": happened, "advice": OPEN_AGAIN}


def _page(template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Rendered without a request: no session, no user, no context processors on the way of a launch."""
    return HttpResponse(get_template(template).render({"back_words": BACK, **context}), status=status)
