"""Tokens of the institutions that an account may see: all of them, a new one, an end to one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itpm_byte.api import tokens
from itpm_byte.api.models import ApiToken
from itpm_byte.api.staff.forms import TokenForm
from lti import tenancy
from lti.staff.access import staff_only

SHOWN = 200


@require_safe
@staff_only("api.view_apitoken")
def overview(request: HttpRequest) -> HttpResponse:
    """Newest first; those that work no more stay, for whoever asks later what there was."""
    now = timezone.now()
    rows = ApiToken.objects.filter(tenancy.within(request.user, "institution"))
    found = list(rows.select_related("institution", "created_by").order_by("-created_at")[:SHOWN])
    context = {
        "working": [token for token in found if not token.is_revoked and not token.is_expired(now)],
        "over": [token for token in found if token.is_revoked or token.is_expired(now)],
    }
    return render(request, "api/tokens.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only("api.add_apitoken")
def make(request: HttpRequest) -> HttpResponse:
    """The token is shown on the answer itself, once: afterwards nobody knows it here."""
    form = TokenForm(request.POST if request.method == "POST" else None, account=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "api/make_token.html", {"form": form}, status=400 if form.errors else 200)
    told = form.cleaned_data
    token, text = tokens.make(
        name=told["name"],
        institution=told["institution"],
        scopes=told["scopes"],
        days=told["days"],
        by=request.user,
        now=timezone.now(),
    )
    return render(request, "api/token.html", {"token": token, "text": text})


@require_POST
@staff_only("api.change_apitoken")
def revoke(request: HttpRequest, token_key: int) -> HttpResponse:
    rows = ApiToken.objects.filter(tenancy.within(request.user, "institution")).select_related("institution")
    found = get_object_or_404(rows, pk=token_key)
    if tokens.revoke(found, by=request.user, now=timezone.now()):
        messages.success(request, _("The token is revoked: it opens nothing from now on."))
    return HttpResponseRedirect(reverse("api-staff:tokens"))
