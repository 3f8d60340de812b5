"""The settings of an activity: no grade changes unless the teacher has seen whose and how (dry run)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from itpm_byte.authoring import shelf
from itpm_byte.authoring.access import author_required, words
from itpm_byte.authoring.room.changes import Changes
from itpm_byte.authoring.room.forms import DecisionForm
from itpm_byte.content import catalogue
from itpm_byte.content.models import Byte
from itpm_byte.learning import dry_run, marking, placements, regrading
from itpm_byte.learning.errors import ByteInUse
from itpm_byte.learning.models import Placement
from itpm_byte.learning.regrading import NotAsShown
from lti.answers import SeeOther
from lti.languages import in_english
from lti.models import Launch

type View = Callable[[HttpRequest, Launch, Placement], HttpResponse]


def _at_placement(view: View) -> Callable[..., HttpResponse]:
    """view(request, launch, placement); a link without a Byte leads to the choice of one."""

    def inside(request: HttpRequest, launch: Launch) -> HttpResponse:
        if launch.resource_link is None:
            title, happened = _lazy("There is no activity here"), _lazy("Open an activity of your course first.")
            return words(request, launch, title, happened, status=404)
        placement = placements.find(launch.resource_link)
        if placement is None:
            return SeeOther(reverse("authoring:choose", args=[launch.pk]))
        return view(request, launch, placement)

    return inside


@require_http_methods(["GET", "HEAD", "POST"])
@author_required
@in_english
@_at_placement
def settings(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """How the activity works and counts. `shown`: the fingerprint of the dry run that was agreed to; `back`: none."""
    now = timezone.now()
    said = request.POST if request.method == "POST" else None
    form = DecisionForm(placement, catalogue.editions(placement.byte.slug, now=now), said)
    if said is None or "back" in said or not form.is_valid():
        return _show(request, launch, placement, form=form, status=422 if form.errors else 200)
    shown = said.get("shown", "")
    try:
        changed = regrading.change_settings(
            placement, form.decided, byte=form.byte, shown=shown, by=launch.user, now=now
        )
    except NotAsShown as refused:
        changes = Changes.of_settings(refused.dry_run, form.decided)
        kept = [(name, value) for name, value in said.items() if name in form.fields]
        context = {"changes": changes, "kept": kept, "is_outdated": bool(shown), "back_to": "settings"}
        return _page(request, launch, placement, "authoring/room/confirm.html", context)
    return _saved(launch, changed)


@require_http_methods(["GET", "HEAD", "POST"])
@author_required
@in_english
@_at_placement
def mark(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """Earlier attempts marked by the key of version `by`; "own": each by its own version's again."""
    now, said = timezone.now(), request.POST if request.method == "POST" else request.GET
    by = said.get("by", "")
    version = next((one.byte for one in marking.corrections(placement, now=now) if str(one.byte.version) == by), None)
    if version is None and by != "own":
        # An old page: the settings say what there is to mark by now.
        return SeeOther(reverse("authoring:settings", args=[launch.pk]))
    shown = said.get("shown", "")
    if request.method == "POST":
        try:
            return _saved(launch, regrading.mark(placement, version, shown=shown, by=launch.user, now=now))
        except NotAsShown as refused:
            found = refused.dry_run
    else:
        found = dry_run.of_marking(placement, version)
    changes = Changes.of_marking(found, version)
    context = {"changes": changes, "kept": [("by", by)], "is_outdated": bool(shown), "back_to": "mark"}
    return _page(request, launch, placement, "authoring/room/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@author_required
@in_english
@_at_placement
def another(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """Another Byte (`byte`) behind the link, while nobody has begun."""
    now, asked = timezone.now(), request.POST if request.method == "POST" else request.GET
    found = shelf.look(asked, language=launch.locale, now=now)
    chosen, missing = _chosen(found), ""
    try:
        if request.method == "POST" and chosen is not None:
            return _saved(launch, regrading.change_settings(placement, {}, byte=chosen, by=launch.user, now=now))
        if request.method == "POST":
            missing = _("Choose a Byte first.")
    except ByteInUse:
        pass
    if placements.has_begun(placement):
        # Which the settings say, and what to do instead.
        return SeeOther(reverse("authoring:settings", args=[launch.pk]))
    context = {"shelf": found, "takes_several": False, "missing": missing}
    status = 422 if missing else 200
    return _page(request, launch, placement, "authoring/room/another.html", context, status=status)


def _chosen(found: shelf.Shelf) -> Byte | None:
    """In the language that was looked for, else the one that fits the teacher."""
    if len(found.chosen) != 1:
        return None
    return found.chosen[0].in_language(found.language) or found.chosen[0].byte


def _show(
    request: HttpRequest, launch: Launch, placement: Placement, *, form: DecisionForm, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "saved": request.GET.get("saved", ""),
        "has_begun": placements.has_begun(placement),
        "corrections": marking.corrections(placement, now=timezone.now()),
        "is_corrected": marking.is_corrected(placement),
    }
    return _page(request, launch, placement, "authoring/room/settings.html", context, status=status)


def _page(
    request: HttpRequest,
    launch: Launch,
    placement: Placement,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    shared = {"launch": launch, "placement": placement, "byte": placement.byte, "here": "settings"}
    return render(request, template, {**shared, **context}, status=status)


def _saved(launch: Launch, changed: int) -> HttpResponse:
    """`saved` is how many grades changed."""
    return SeeOther(f"{reverse('authoring:settings', args=[launch.pk])}?saved={changed}")
