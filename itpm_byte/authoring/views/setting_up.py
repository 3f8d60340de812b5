"""A link that nobody chose a Byte for (DL-20)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from itpm_byte.authoring import shelf
from itpm_byte.authoring.access import author_required, words
from itpm_byte.learning import placements
from lti.answers import SeeOther
from lti.models import Launch, ResourceLink


@require_http_methods(["GET", "HEAD", "POST"])
@author_required
def choose(request: HttpRequest, launch: Launch) -> HttpResponse:
    """Put one Byte (`byte`) behind the link. What is there already stays: learners may have begun."""
    link = launch.resource_link
    if link is None:
        return _no_activity(request, launch)
    if placements.find(link) is not None:
        return SeeOther(reverse("authoring:settings", args=[launch.pk]))
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    found = shelf.look(asked, language=launch.locale, now=now)
    if request.method == "POST" and len(found.chosen) == 1:
        _put(link, found)
        return SeeOther(reverse("authoring:settings", args=[launch.pk]))
    missing = _("Choose a Byte first.") if request.method == "POST" else ""
    context = {"launch": launch, "shelf": found, "takes_several": False, "missing": missing}
    return render(request, "authoring/choose.html", context, status=422 if missing else 200)


def _put(link: ResourceLink, found: shelf.Shelf) -> None:
    """In the language that was looked for, else the one that fits the teacher."""
    offer = found.chosen[0]
    byte = offer.in_language(found.language) or offer.byte
    placements.for_link(link, byte_slug=byte.slug, language=byte.language, now=timezone.now())


def _no_activity(request: HttpRequest, launch: Launch) -> HttpResponse:
    title = gettext_lazy("There is no activity here")
    return words(request, launch, title, gettext_lazy("Open an activity of your course first."), status=404)
