"""All LMSs at a glance, one of them in full, and what staff decide about it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lti import addresses, health, tenancy, vitals
from lti.models import Deployment, Registration, RegistrationLink
from lti.registering import approvals, next_steps
from lti.registering import links as registration_links
from lti.staff.access import may_change, may_look
from lti.staff.forms import POLICIES, DeploymentForm

WAITING = Q(deployments__status=Deployment.Status.PENDING)
SHOWN = 100


@require_safe
@may_look
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for a decision first, then all LMSs by name, then links that may still be used."""
    now = timezone.now()
    waiting = Count("deployments", filter=WAITING)
    rows = list(
        tenancy.registrations_of(request.user)
        .select_related("institution")
        .annotate(waiting=waiting)
        .order_by("name", "pk")
        .defer("jwks")
    )
    mine = RegistrationLink.objects.filter(tenancy.within(request.user, "institution"))
    links = mine.select_related("institution").filter(used_at=None, expires_at__gt=now)
    fares = vitals.of(rows, now=now)
    context = {
        "waiting": [row for row in rows if row.status == Registration.Status.PENDING or row.waiting],
        "registrations": [(row, fares[row.pk]) for row in rows],
        "sees_all": tenancy.sees_all(request.user),
        "links": links.order_by("expires_at")[:SHOWN],
    }
    return render(request, "lti/staff/overview.html", context)


@require_safe
@may_look
def registration(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    found = get_object_or_404(
        tenancy.registrations_of(request.user).select_related("institution"), uuid=registration_uuid
    )
    return _shown(request, found, DeploymentForm(account=request.user))


@require_POST
@may_change
def decide(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    """`decision`: approve or disable."""
    found = get_object_or_404(tenancy.registrations_of(request.user), uuid=registration_uuid)
    if request.POST.get("decision") == "approve":
        approvals.approve(found, by=request.user, now=timezone.now())
        # Grades that waited for it needn't wait for their next hour.
        health.lift(found, now=timezone.now())
        messages.success(request, _("%(name)s is active: activities open from now on.") % {"name": found.name})
    elif request.POST.get("decision") == "disable":
        approvals.disable(found, by=request.user, now=timezone.now())
        text = _("%(name)s is switched off: nothing opens from there any more. All data is kept.")
        messages.success(request, text % {"name": found.name})
    return _back_to(found)


@require_POST
@may_change
def policy(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    found = get_object_or_404(tenancy.registrations_of(request.user), uuid=registration_uuid)
    chosen = request.POST.get("deployment_policy", "")
    if chosen in Registration.DeploymentPolicy.values:
        approvals.choose_policy(found, chosen, by=request.user, now=timezone.now())
        messages.success(request, _("Saved. It counts from the next launch on."))
    return _back_to(found)


@require_POST
@may_change
def add_deployment(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    """Whose is a deployment that the LMS's administrator told us by mail (REG-22)?"""
    found = get_object_or_404(
        tenancy.registrations_of(request.user).select_related("institution"), uuid=registration_uuid
    )
    form = DeploymentForm(request.POST, account=request.user)
    if form.is_valid():
        told = form.cleaned_data
        try:
            approvals.claim_deployment(
                found, told["deployment_id"], institution=told["institution"], by=request.user, now=timezone.now()
            )
        except ValidationError as problems:
            form.add_error("deployment_id", problems.messages)
        except approvals.CanNotMove:
            form.add_error("institution", _("This deployment is in use already and keeps its institution."))
    if form.errors:
        return _shown(request, found, form, status=400)
    messages.success(request, _("The deployment is known and active."))
    return _back_to(found)


@require_POST
@may_change
def decide_deployment(request: HttpRequest, registration_uuid: UUID, deployment: int) -> HttpResponse:
    """`decision`: approve, with the pk of an `institution`, or disable."""
    rows = Deployment.objects.filter(
        tenancy.within(request.user, "institution"), tenancy.within(request.user, "registration__institution")
    ).select_related("registration")
    found = get_object_or_404(rows, pk=deployment, registration__uuid=registration_uuid)
    if request.POST.get("decision") == "disable":
        approvals.disable_deployment(found, by=request.user, now=timezone.now())
        messages.success(request, _("The deployment is switched off. All data is kept."))
    elif request.POST.get("decision") == "approve":
        _approve(request, found)
    return _back_to(found.registration)


def _approve(request: HttpRequest, deployment: Deployment) -> None:
    said = request.POST.get("institution", "")
    owner = get_object_or_404(
        tenancy.institutions_of(request.user), pk=said if said.isascii() and said.isdigit() else 0
    )
    try:
        approvals.approve_deployment(deployment, institution=owner, by=request.user, now=timezone.now())
    except approvals.CanNotMove:
        messages.error(request, _("This deployment is in use already and keeps its institution."))
    else:
        health.lift(deployment.registration, now=timezone.now())
        messages.success(request, _("The deployment is active: activities open from now on."))


def _shown(request: HttpRequest, found: Registration, form: DeploymentForm, *, status: int = 200) -> HttpResponse:
    mine = found.deployments.filter(tenancy.within(request.user, "institution"))
    deployments = mine.select_related("institution").order_by("status", "deployment_id")
    context: dict[str, Any] = {
        "registration": found,
        "vitals": vitals.of([found], now=timezone.now())[found.pk],
        "deployments": deployments[:SHOWN],
        "institutions": tenancy.institutions_of(request.user).order_by("name"),
        "form": form,
        "policies": POLICIES,
        "for_lms": addresses.for_lms(found),
        "from_lms": _from_lms(found),
        "steps": next_steps.after_registration(found.product),
        "link": found.registration_links.order_by("-used_at").first(),
    }
    return render(request, "lti/staff/registration.html", context, status=status)


def _from_lms(found: Registration) -> list[tuple[str, str]]:
    return [
        (_("Issuer"), found.issuer),
        (_("Client ID"), found.client_id),
        (_("Authentication request URL"), found.auth_login_url),
        (_("Access token URL"), found.auth_token_url),
        (_("Public keyset URL"), found.jwks_url),
        *([(_("Audience"), found.audience)] if found.audience else []),
    ]


def _back_to(found: Registration) -> HttpResponse:
    return HttpResponseRedirect(reverse("lti:platform", args=[found.uuid]))


@require_POST
@may_change
def withdraw_link(request: HttpRequest, link: int) -> HttpResponse:
    registration_links.withdraw(
        get_object_or_404(RegistrationLink.objects.filter(tenancy.within(request.user, "institution")), pk=link),
        by=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("The link no longer works."))
    return HttpResponseRedirect(reverse("lti:platforms"))
