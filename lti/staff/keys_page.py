"""The keys we sign with, and a new one on demand. They are everybody's: only operators come here."""

from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lti import keys, tenancy
from lti.models import ToolKey
from lti.staff.access import staff_only

SHOWN = 20


class RotateForm(forms.Form):
    sure = forms.BooleanField(label=gettext_lazy("Yes, make a new key"))
    leaked = forms.BooleanField(
        required=False,
        label=gettext_lazy("The old one leaked: sign with the new one at once"),
        help_text=gettext_lazy(
            "Platforms that keep our key set for a day may refuse grades until they fetch it again."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only("lti.view_toolkey")
def signing_keys(request: HttpRequest) -> HttpResponse:
    if not tenancy.sees_all(request.user):
        raise PermissionDenied
    now = timezone.now()
    form = RotateForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        overlap = timedelta(0) if form.cleaned_data["leaked"] else keys.OVERLAP
        keys.rotate(now=now, overlap=overlap, by=request.user)
        messages.success(request, _("There is a new key. Platforms see it from now on."))
        return HttpResponseRedirect(reverse("lti:keys"))
    rows = [(row, _state(row, now)) for row in ToolKey.objects.order_by("-activates_at", "-pk")[:SHOWN]]
    current = next((row.pk for row, state in rows if state == "active"), None)
    context = {"form": form, "keys": rows, "current": current}
    return render(request, "lti/staff/keys.html", context, status=400 if form.errors else 200)


def _state(row: ToolKey, now: datetime) -> str:
    if row.retires_at is not None and row.retires_at <= now:
        return "retired"
    return "active" if row.activates_at <= now else "pending"
