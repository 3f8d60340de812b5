"""The LMS asks a teacher for activities: choose Bytes, say how they count, send the choice back (DL-01 to DL-19)."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itpm_byte.authoring import shelf
from itpm_byte.authoring.access import Asked, picker_required
from itpm_byte.authoring.forms import ItemForm, PickForm
from itpm_byte.content import catalogue
from itpm_byte.learning import picks
from itpm_byte.learning.picks import Draft
from lti import deep_linking_requests
from lti.answers import SeeOther
from lti.models import Launch

# For the LMS's column when it takes no wish for one.
NO_COLUMN = Decimal(1)


@require_safe
@picker_required
def pick(request: HttpRequest, launch: Launch, asked: Asked) -> HttpResponse:
    """The list of Bytes. With a single Byte there is nothing to choose, so its details come at once."""
    if asked.answer:
        return _go_to(launch, "sent")
    if not asked.wish.takes_activities:
        return render(request, "authoring/no_activities.html", {"launch": launch})
    found = shelf.look(request.GET, language=launch.locale, now=timezone.now())
    if found.total == 1 and not request.GET:
        return SeeOther(f"{_address(launch, 'details')}?byte={found.rows[0].offer.slug}")
    context = {"launch": launch, "shelf": found, "takes_several": asked.wish.takes_several, "missing": ""}
    return render(request, "authoring/pick.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@picker_required
def details(request: HttpRequest, launch: Launch, asked: Asked) -> HttpResponse:
    """Title, points and settings of the chosen Bytes (`byte`, repeated). A good POST is stored, signed and sent."""
    if asked.answer or not asked.wish.takes_activities:
        return _go_to(launch, "sent" if asked.answer else "pick")
    said = request.POST if request.method == "POST" else None
    slugs = (said or request.GET).getlist("byte")[: shelf.MOST_AT_ONCE]
    everything = catalogue.offers(now=timezone.now(), language=launch.locale)
    offers = [offer for offer in everything if offer.slug in slugs]
    if not offers or (len(offers) > 1 and not asked.wish.takes_several):
        return _choose_first(request, launch, asked)
    items = [ItemForm(offer, said, is_one_of_several=len(offers) > 1) for offer in offers]
    form = PickForm(said, targets=asked.wish.targets, takes_grades=asked.wish.takes_grades)
    if said is not None and all([form.is_valid(), *(item.is_valid() for item in items)]):
        drafts = [_draft(item, form) for item in items]
        now = timezone.now()
        deep_linking_requests.answer(launch, lambda: picks.keep(launch, drafts, now=now), now=now)
        return _go_to(launch, "sent")
    context = {"launch": launch, "form": form, "items": items, "has_choice": len(everything) > 1}
    return render(request, "authoring/details.html", context, status=200 if said is None else 422)


@require_POST
@picker_required
def cancel(request: HttpRequest, launch: Launch, asked: Asked) -> HttpResponse:
    """The LMS is told that nothing was chosen (DL-05)."""
    message = _("Nothing was chosen.")
    deep_linking_requests.answer(launch, list, message=message, now=timezone.now())
    return _go_to(launch, "sent")


@require_safe
@picker_required
def sent(request: HttpRequest, launch: Launch, asked: Asked) -> HttpResponse:
    """The form that carries the answer. The page's script sends it; without script there is its button."""
    if asked.answer is None:
        return _go_to(launch, "pick")
    is_late = asked.answer.is_expired(timezone.now())
    # Written by lti.deep_linking.form, which escapes every value; only we could have encrypted it.
    form = "" if is_late else mark_safe(asked.answer.form)  # noqa: S308  # nosec B308 B703
    return render(request, "authoring/sent.html", {"launch": launch, "form": form}, status=410 if is_late else 200)


def _draft(item: ItemForm, form: PickForm) -> Draft:
    byte = item.offer.in_language(item.cleaned_data["language"]) or item.offer.byte
    return Draft(
        byte=byte,
        title=item.cleaned_data["title"],
        score_maximum=form.cleaned_data.get("points", NO_COLUMN),
        settings=form.settings,
        opens_in=form.cleaned_data.get("opens_in", ""),
    )


def _choose_first(request: HttpRequest, launch: Launch, asked: Asked) -> HttpResponse:
    found = shelf.look(request.GET, language=launch.locale, now=timezone.now())
    missing = _("Choose a Byte first.") if not found.chosen else _("Your course takes one Byte at a time.")
    context = {"launch": launch, "shelf": found, "takes_several": asked.wish.takes_several, "missing": missing}
    return render(request, "authoring/pick.html", context, status=422)


def _address(launch: Launch, name: str) -> str:
    return reverse(f"authoring:{name}", args=[launch.pk])


def _go_to(launch: Launch, name: str) -> HttpResponse:
    return SeeOther(_address(launch, name))
