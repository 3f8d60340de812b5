"""Who may come into the instructor's room: staff of the course, for the activity that they launched, and no other."""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning import placements
from itpm_byte.learning.models import Placement
from lti.languages import in_english
from lti.models import Launch
from lti.sessions import launch_required, return_url

TEACHERS_ONLY = _("This page is for teachers")


def room_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """view(request, launch, placement, …) for whoever teaches, assists or administers the course now (SEC-14).

    Everything that `lti.sessions.launch_required` promises holds. Others get words (403); a link without a Byte, too
    (404). Every query of a room's page begins at this placement, or at its course.
    """

    @launch_required
    @in_english
    @functools.wraps(view)
    def inside(request: HttpRequest, launch: Launch, *args: object, **parts: object) -> HttpResponseBase:
        if not launch.is_staff:
            return words(request, launch, TEACHERS_ONLY, _("Your course says that you do not teach it."), status=403)
        placement = _placement_of(launch)
        if placement is None:
            happened = _("No Byte has been chosen for it.")
            return words(request, launch, _("This activity is not set up yet"), happened, status=404)
        return view(request, launch, placement, *args, **parts)

    return inside


def decider_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """As `room_required`, for what changes settings or grades: assistants look, but decide nothing (OTH-03)."""

    @room_required
    @functools.wraps(view)
    def inside(
        request: HttpRequest, launch: Launch, placement: Placement, *args: object, **parts: object
    ) -> HttpResponseBase:
        if not launch.may_author:
            happened = _("Your course says that you assist in it. Only its teachers can change this.")
            return words(request, launch, TEACHERS_ONLY, happened, status=403)
        return view(request, launch, placement, *args, **parts)

    return inside


def words(
    request: HttpRequest, launch: Launch, title: str | Promise, happened: str | Promise, *, status: int
) -> HttpResponse:
    """A calm page: what happened, what to do, the way back."""
    context = {"title": title, "happened": happened, "back_url": return_url(request, launch)}
    return render(request, "reports/room/words.html", context, status=status)


def _placement_of(launch: Launch) -> Placement | None:
    """With everything beside it that the session has read already."""
    placement = placements.find(launch.resource_link) if launch.resource_link is not None else None
    if placement is not None:
        placement.resource_link.deployment = launch.deployment
    return placement
