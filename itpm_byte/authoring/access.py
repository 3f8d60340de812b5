"""Who may come in: people who teach or design the course. What the views of this door have in common."""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti.deep_linking_requests import Asked, NothingAsked, asked
from lti.framing import posting_to
from lti.models import Launch
from lti.sessions import launch_required, return_url


def author_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """view(request, launch, …) for whoever teaches or designs the course now; others get words (403).

    Everything that `lti.sessions.launch_required` promises holds.
    """

    @launch_required
    @functools.wraps(view)
    def guarded(request: HttpRequest, launch: Launch, **parts: str) -> HttpResponse:
        if not launch.may_author:
            title = _("Only teachers can set up activities")
            happened = _("Your course says that you do not teach or design it.")
            return words(request, launch, title, happened, status=403)
        return view(request, launch, **parts)

    return guarded


def picker_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """view(request, launch, asked, …) for a launch in which the LMS asks for activities.

    The page's forms may post to the LMS's return address, which was looked at when the launch came (DL-19).
    """

    @author_required
    @functools.wraps(view)
    def at_picker(request: HttpRequest, launch: Launch, **parts: str) -> HttpResponse:
        try:
            question = asked(launch)
        except NothingAsked:
            title, happened = _("There is nothing to choose here"), _("Your course did not ask for an activity.")
            return words(request, launch, title, happened, status=404)
        return posting_to(view(request, launch, question, **parts), question.wish.return_url)

    return at_picker


def words(
    request: HttpRequest, launch: Launch, title: Promise, happened: Promise, *, status: int, advice: str | Promise = ""
) -> HttpResponse:
    """A calm page: what happened, what to do, the way back."""
    context = {
        "title": title,
        "happened": happened,
        "advice": advice or _("Go back to your course. If you think that this is wrong, tell your administrator."),
        "back_url": return_url(request, launch),
    }
    return render(request, "authoring/words.html", context, status=status)


__all__ = ["Asked", "author_required", "picker_required", "words"]
