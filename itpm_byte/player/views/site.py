"""The front page, and the calm pages for what went wrong: what happened, what to do, a reference, never a stack."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lti import references
from lti.framing import framed_anywhere

log = structlog.get_logger(__name__)

OPEN_AGAIN = _("Go back to your course and open the activity again.")


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Nobody logs in here: learners and teachers come from their course."""
    return render(request, "landing.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _calm(request, 400, _("We could not understand that request"), _("Something in it is not as it should be."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _calm(request, 403, _("This is not for you to open"), _("The page exists, but not for this person."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    happened = _("There is no page at this address. Perhaps the link is old or not complete.")
    return _calm(request, 404, _("There is nothing here"), happened)


def conflict(request: HttpRequest) -> HttpResponse:
    happened = _("Somebody did the same thing at the same moment, perhaps you in another window. Only one was saved.")
    return _calm(request, 409, _("That was done twice at once"), happened)


def server_error(request: HttpRequest) -> HttpResponse:
    happened = _("This is our fault, not yours. What you had already sent and saw as saved is safe.")
    return _calm(request, 500, _("Something went wrong on our side"), happened)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check said no: mostly a page that was open for very long, or a browser without cookies."""
    happened = _("This page was open for too long, or your browser did not keep our cookie. Nothing was saved.")
    return _calm(request, 403, _("We could not check that this came from you"), happened, detail=reason)


def _calm(request: HttpRequest, status: int, title: Promise, happened: Promise, *, detail: str = "") -> HttpResponse:
    """Rendered without the request: a page about a failure must not need what has just failed."""
    reference = references.for_page()
    log.warning("error_page", status=status, path=request.path, reference=reference, detail=detail)
    context = {"title": title, "happened": happened, "advice": OPEN_AGAIN, "reference": reference}
    return framed_anywhere(HttpResponse(render_to_string("error.html", context), status=status))
