"""What the views of the page have in common: find the desk, answer with the page or with the pieces that changed."""

import functools
from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning.desk import Desk, open_desk
from itpm_byte.learning.errors import PlacementMissing
from itpm_byte.player.composition import Composition
from itpm_byte.player.page import Page
from lti.addresses import path_in_session
from lti.answers import SeeOther
from lti.models import Launch
from lti.sessions import launch_required, return_url

# The pieces of the page that a form changes; our script puts each in the place of the one with its id.
PIECES: dict[str, Callable[[Composition], str]] = {
    "answer": Composition.answer,
    "feedback": Composition.feedback,
    "support": Composition.support,
    "unclear": Composition.unclear,
    "grade": Composition.grade,
}
# Where the browser goes on, without JavaScript, after a form was taken.
PLACES = {"feedback": "rating", "support": "support-route", "grade": "grade"}


def desk_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """view(request, launch, desk) for a launch whose link has a Byte behind it.

    Without a Byte a calm page says so (404). Everything that `lti.sessions.launch_required` promises holds.
    """

    @launch_required
    @functools.wraps(view)
    def at_desk(request: HttpRequest, launch: Launch) -> HttpResponse:
        try:
            desk = _desk_of(launch)
        except PlacementMissing as missing:
            return _not_ready(request, launch, str(missing.words))
        return view(request, launch, desk)

    return at_desk


def reopened(launch: Launch) -> Desk:
    """The desk as it is after something happened."""
    return _desk_of(launch)


def is_piece_wanted(request: HttpRequest) -> bool:
    """Our own script asks for the changed pieces instead of the whole page."""
    return "HTTP_BYTE_FRAGMENT" in request.META


def show(request: HttpRequest, page: Page, *, form: str, status: int = 200) -> HttpResponse:
    """The pieces that `form` changes for our script, the whole page for everybody else."""
    compose = PIECES[form] if is_piece_wanted(request) else Composition.whole
    return HttpResponse(compose(Composition(request, page)), status=status)


def go_on(launch: Launch, place: str, *, said: str = "", about: str = "") -> HttpResponse:
    """To the place on the page, by the form's name or as an id; `said` is the form that gets thanks there.

    `about` is the question that this form was about, when there is one such form for each.
    """
    asked = {"said": said, "question": about}
    query = urlencode({name: value for name, value in asked.items() if value})
    query = f"?{query}" if query else ""
    return SeeOther(f"{path_in_session('player:page', launch.pk)}{query}#{PLACES.get(place, quote(place))}")


def _desk_of(launch: Launch) -> Desk:
    if launch.resource_link is None:
        raise PlacementMissing
    return open_desk(launch.user, launch.resource_link, now=timezone.now())


def _not_ready(request: HttpRequest, launch: Launch, happened: str) -> HttpResponse:
    context = {
        "title": _("This activity is not set up yet"),
        "happened": happened,
        "advice": _("If you see this again, tell your teacher."),
        "back_url": return_url(request, launch),
    }
    return render(request, "player/not_ready.html", context, status=404)
