"""A look at a Byte before it is chosen. Nothing here can be answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itpm_byte.authoring.access import author_required, words
from itpm_byte.content import catalogue
from itpm_byte.content.reading import rendered
from lti.claims import DEEP_LINK
from lti.models import Launch


@require_safe
@author_required
def preview(request: HttpRequest, launch: Launch, slug: str, language: str) -> HttpResponse:
    offers = catalogue.offers(now=timezone.now(), slugs=[slug])
    byte = offers[0].in_language(language) if offers else None
    if byte is None:
        title, happened = _("This Byte is not there"), _("Perhaps it was taken back a moment ago.")
        return words(request, launch, title, happened, status=404, advice=_("Choose another one."))
    context = {
        "launch": launch,
        "byte": byte,
        "sections": rendered(byte).sections,
        "list": "authoring:pick" if launch.message_type == DEEP_LINK else "authoring:choose",
    }
    return render(request, "authoring/preview.html", context)
