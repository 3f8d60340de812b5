"""A teacher says whether an activity is a copy, and whether the settings that came along are right (OTH-08)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from itpm_byte.authoring.access import author_required
from itpm_byte.authoring.room.changes import Changes
from itpm_byte.learning import copies, placements
from itpm_byte.learning.copies import NotAskable
from itpm_byte.learning.models import Placement
from itpm_byte.learning.regrading import NotAsShown
from lti.answers import SeeOther
from lti.models import Launch, ResourceLink

NO_CHOICE = _("Choose the activity that it was copied from, or begin afresh.")


@require_http_methods(["GET", "HEAD", "POST"])
@author_required
def copied(request: HttpRequest, launch: Launch) -> HttpResponse:
    """`answer` is keep, take (with `origin`) or afresh. Asked once; afterwards the activity opens as any other.

    Where that would change grades, the teacher sees whose first; `shown` and `back` as in the settings.
    """
    link = launch.resource_link
    placement = placements.find(link) if link else None
    if link is None or (placement is not None and not placement.asks_about_copy):
        return SeeOther(reverse("player:page", args=[launch.pk]))
    if placement is not None:
        placement.resource_link = link
    if request.method != "POST" or "back" in request.POST:
        return _ask(request, launch, link, placement)
    try:
        _take(request, launch, link, placement)
    except NotAskable:
        return _ask(request, launch, link, placement, missing=NO_CHOICE)
    except NotAsShown as refused:
        return _show_changes(request, launch, placement, refused)
    following = "settings" if placement is not None or request.POST.get("answer") == "take" else "choose"
    return SeeOther(reverse(f"authoring:{following}", args=[launch.pk]))


def _take(request: HttpRequest, launch: Launch, link: ResourceLink, placement: Placement | None) -> None:
    answer, shown, now = request.POST.get("answer", ""), request.POST.get("shown", ""), timezone.now()
    if answer == "take":
        copies.take(link, request.POST.get("origin", ""), shown=shown, by=launch.user, now=now)
    elif answer == "keep" and placement is not None:
        copies.keep(placement)
    elif answer == "afresh":
        # Without a Byte behind the link there is nothing to change; the teacher goes on to choose one.
        if placement is not None:
            copies.begin_afresh(placement, shown=shown, by=launch.user, now=now)
    else:
        raise NotAskable


def _show_changes(
    request: HttpRequest, launch: Launch, placement: Placement | None, refused: NotAsShown
) -> HttpResponse:
    kept = [(name, request.POST[name]) for name in ("answer", "origin") if name in request.POST]
    context = {
        "launch": launch,
        "placement": placement,
        "here": "settings",
        "changes": Changes.of_settings(refused.dry_run, refused.settings),
        "kept": kept,
        "is_outdated": bool(request.POST.get("shown")),
        "back_to": "copied",
    }
    return render(request, "authoring/room/confirm.html", context)


def _ask(
    request: HttpRequest,
    launch: Launch,
    link: ResourceLink,
    placement: Placement | None,
    *,
    missing: str | Promise = "",
) -> HttpResponse:
    is_certain = placement is not None and placement.copy_state == Placement.Copy.CLONED
    choices = [] if is_certain else copies.choices_for(link)
    if not is_certain and not choices and placement is None:
        return SeeOther(reverse("authoring:choose", args=[launch.pk]))
    context = {
        "launch": launch,
        "placement": placement,
        "origin": copies.origin_named(placement) if placement else None,
        "is_certain": is_certain,
        "choices": choices,
        "missing": missing,
    }
    return render(request, "authoring/copied.html", context, status=422 if missing else 200)
