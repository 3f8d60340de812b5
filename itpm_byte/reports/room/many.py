"""The same arrangement for many learners by a pasted list: who is meant, then what, then once for all of them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from itpm_byte.insight import roster
from itpm_byte.learning import arrangements
from itpm_byte.learning.errors import LearningError
from itpm_byte.learning.models import Placement
from itpm_byte.reports.room.access import decider_required
from itpm_byte.reports.room.arrangement_forms import (
    AttemptsForm,
    DatesForm,
    DeedForm,
    ExemptForm,
    IncludeForm,
    StandingForm,
)
from lti.answers import SeeOther
from lti.courses import lookup
from lti.courses.lookup import MOST_ENTRIES, Entry, ListTooLong, Match
from lti.models import Launch, PlatformUser

KINDS: dict[str, type[DeedForm]] = {
    kind.deed: kind for kind in (AttemptsForm, DatesForm, ExemptForm, IncludeForm, StandingForm)
}
WORDS: dict[Match, Promise] = {
    Match.FOUND: _("found"),
    Match.SEVERAL: _("may be several people: tick whom you mean"),
    Match.TWICE: _("stands in the list twice"),
    Match.NO_LEARNER: _("is in the course, but not as a learner"),
    Match.NOBODY: _("not found in this course"),
}
TOO_LONG = _("The list is too long: at most 500 people at once.")
NOBODY = _("Paste names, e-mail addresses or ids of people first.")
NO_CHOICE = _("Tick at least one learner.")
NO_KIND = _("Choose what to arrange.")


@require_http_methods(["GET", "HEAD", "POST"])
@decider_required
def arrange_many(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """GET asks for a list (`people`) and a `deed`; POST shows who is meant; with `confirmed`, it is done for `learner`.

    Numbers and dates are set, not added to, so the same sent twice changes nothing more.
    """
    kind = KINDS.get(request.POST.get("deed", ""))
    if request.method != "POST":
        return _ask(request, launch, placement)
    if kind is None:
        return _ask(request, launch, placement, error=NO_KIND)
    if "confirmed" in request.POST:
        return _do(request, launch, placement, kind(request.POST))
    return _preview(request, launch, placement, kind)


def _preview(request: HttpRequest, launch: Launch, placement: Placement, kind: type[DeedForm]) -> HttpResponse:
    context = placement.resource_link.context
    try:
        entries = lookup.look(context, request.POST.get("people", "")) if context else []
    except ListTooLong:
        return _ask(request, launch, placement, error=TOO_LONG)
    if not entries:
        return _ask(request, launch, placement, error=NOBODY)
    initial = dict.fromkeys(("extra", "extra_attempts", "extra_days"), 0)
    return _who(request, launch, placement, entries, kind(initial=initial))


def _do(request: HttpRequest, launch: Launch, placement: Placement, form: DeedForm) -> HttpResponse:
    keys = {key for key in request.POST.getlist("learner")[:MOST_ENTRIES] if key.isdecimal() and len(key) < 19}
    # Only who is listed here, whatever the form said (SEC-04).
    people: list[PlatformUser] = list(roster.learners(placement).filter(pk__in=keys))
    entries = [Entry(person.display_name, Match.FOUND, (person,)) for person in people]
    if not people:
        return _ask(request, launch, placement, error=NO_CHOICE)
    if not form.is_valid():
        return _who(request, launch, placement, entries, form, status=422)
    deed: dict[str, Any] = {"by": launch.user, "reason": form.cleaned_data["reason"], "now": timezone.now()}
    try:
        changed = arrangements.for_many(people, lambda learner: form.arrange(placement, learner, **deed))
    except LearningError as refused:
        form.add_error(None, str(refused.words))
        return _who(request, launch, placement, entries, form, status=422)
    return SeeOther(f"{reverse('reports:arrange', args=[launch.pk])}?of={len(people)}&changed={changed}")


def _ask(request: HttpRequest, launch: Launch, placement: Placement, *, error: str | Promise = "") -> HttpResponse:
    told = {name: request.GET.get(name, "") for name in ("of", "changed")}
    context: dict[str, Any] = {
        "launch": launch,
        "placement": placement,
        "here": "arrange",
        "kinds": KINDS.values(),
        "chosen": request.POST.get("deed", ""),
        "people": request.POST.get("people", ""),
        "error": error,
        "result": told if all(number.isdecimal() for number in told.values()) else None,
    }
    return render(request, "reports/room/arrange.html", context, status=422 if error else 200)


def _who(
    request: HttpRequest,
    launch: Launch,
    placement: Placement,
    entries: list[Entry],
    form: DeedForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "launch": launch,
        "placement": placement,
        "here": "arrange",
        "form": form,
        "entries": [(entry, WORDS[entry.match]) for entry in entries],
        "found": sum(entry.match == Match.FOUND for entry in entries),
    }
    return render(request, "reports/room/arrange_who.html", context, status=status)
