"""Connecting an LMS: by a link with which it registers itself, or by hand."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lti import addresses, keys, registrations
from lti.models import Registration
from lti.registering import links as registration_links
from lti.registering import presets
from lti.staff.access import may_add
from lti.staff.forms import ByHandForm, LinkForm, PresetForm, accepted_hosts


@require_http_methods(["GET", "HEAD", "POST"])
@may_add
def make_link(request: HttpRequest) -> HttpResponse:
    """The link is shown on the answer itself, once: afterwards nobody knows it here."""
    form = LinkForm(request.POST or None, account=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "accepted_hosts": accepted_hosts()}
        return render(request, "lti/staff/make_link.html", context, status=400 if form.errors else 200)
    told = form.cleaned_data
    link, address = registration_links.make(
        name=told["name"],
        institution=form.owner(),
        now=timezone.now(),
        lifetime=timedelta(days=told["days"]),
        is_preapproved=told["is_preapproved"],
        deployment_policy=told["deployment_policy"],
        host=told["host"],
        issuer=told["issuer"],
        created_by=request.user,
    )
    return render(request, "lti/staff/link.html", {"link": link, "address": address})


@require_http_methods(["GET", "HEAD"])
@may_add
def choose_preset(request: HttpRequest) -> HttpResponse:
    """Which LMS and where; then on to a page of its own, whose login address stays the same while it is open."""
    form = PresetForm(request.GET if "preset" in request.GET else None)
    if form.is_valid():
        told = urlencode({"preset": form.cleaned_data["preset"], "lms_url": form.cleaned_data["lms_url"]})
        return HttpResponseRedirect(f"{reverse('lti:by-hand', args=[uuid4()])}?{told}")
    return render(request, "lti/staff/choose_preset.html", {"form": form, "no_preset": reverse_new()})


def reverse_new() -> str:
    return reverse("lti:by-hand", args=[uuid4()])


@require_http_methods(["GET", "HEAD", "POST"])
@may_add
def by_hand(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    """What to enter there, and what to bring back from there (REG-11). The address may be kept until both is done."""
    if Registration.objects.filter(uuid=registration_uuid).exists():
        return HttpResponseRedirect(reverse("lti:platform", args=[registration_uuid]))
    preset = PresetForm(request.GET)
    chosen = preset.cleaned_data if preset.is_valid() else {}
    told: dict[str, Any] = {"preset": chosen.get("preset", ""), "lms_url": chosen.get("lms_url", "")}
    starting = ByHandForm.starting_values(told["preset"], chosen["derived"]) if chosen else {}
    form = ByHandForm(
        request.POST if request.method == "POST" else None, initial=starting, account=request.user, **told
    )
    if request.method == "POST" and form.is_valid():
        try:
            made, _is_new = registrations.enter(
                form.details(uuid=registration_uuid), by=request.user, now=timezone.now()
            )
        except ValidationError as problems:
            _tell(form, problems)
        else:
            keys.ensure(now=timezone.now())
            messages.success(request, _("%(name)s is connected.") % {"name": made.name})
            return HttpResponseRedirect(reverse("lti:platform", args=[made.uuid]))
    draft = Registration(uuid=registration_uuid)
    context = {
        "form": form,
        "preset": presets.PRESETS.get(told["preset"]),
        "lms_url": told["lms_url"],
        "for_lms": addresses.for_lms(draft),
        "canvas_url": settings.PUBLIC_URL + reverse("lti:canvas-configuration"),
    }
    return render(request, "lti/staff/by_hand.html", context, status=400 if form.errors else 200)


def _tell(form: ByHandForm, problems: ValidationError) -> None:
    """Each problem at its field, if the form has it."""
    if not hasattr(problems, "error_dict"):
        form.add_error(None, problems)
        return
    for name, texts in problems.message_dict.items():
        field = "deployment_ids" if name == "deployment_id" else name
        form.add_error(field if field in form.fields else None, texts)
