"""The audit log: what staff did, with filters, page by page, and as a file."""

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itpm_byte.insight import deeds
from itpm_byte.reports import export
from itpm_byte.reports.office.filters import DateInput, address
from lti import tenancy
from lti.models import Institution
from lti.staff.access import staff_only

may_audit = staff_only("lti.view_staffaction")


class AuditForm(forms.Form):
    """A GET: its address can be kept and sent on."""

    institution = forms.ModelChoiceField(
        Institution.objects.none(), required=False, label=_("Institution"), empty_label=_("all")
    )
    action = forms.ChoiceField(required=False, label=_("What"))
    who = forms.CharField(required=False, max_length=200, label=_("Who did it"))
    subject = forms.CharField(required=False, max_length=200, label=_("To whom"))
    since = forms.DateField(required=False, label=_("from"), widget=DateInput)
    until = forms.DateField(required=False, label=_("to"), widget=DateInput)
    text = forms.CharField(required=False, max_length=200, label=_("Words of the reason"))

    def __init__(self, told: QueryDict, account: Any) -> None:
        super().__init__(told, label_suffix="")
        fields: Any = self.fields
        fields["institution"].queryset = tenancy.institutions_of(account).order_by("name")
        fields["action"].choices = [("", _("all")), *deeds.actions(account)]

    def wish(self) -> deeds.Wish:
        told = self.cleaned_data
        owner = told["institution"]
        plain = {name: told[name] for name in ("action", "who", "subject", "since", "until", "text")}
        return deeds.Wish(institution=owner.pk if owner else None, **plain)


@require_safe
@may_audit
def log(request: HttpRequest) -> HttpResponseBase:
    """`after` is the key of the last deed seen."""
    form = AuditForm(request.GET, request.user)
    after = request.GET.get("after", "")
    context: dict[str, Any] = {"form": form, "query": address(request.GET)}
    if form.is_valid():
        behind = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
        context["page"] = deeds.page(request.user, form.wish(), after=behind)
    return render(request, "reports/office/audit.html", context, status=400 if form.errors else 200)


@require_safe
@may_audit
def as_csv(request: HttpRequest) -> HttpResponseBase:
    form = AuditForm(request.GET, request.user)
    if not form.is_valid():
        return render(request, "reports/office/audit.html", {"form": form}, status=400)
    rows = deeds.stream(request.user, form.wish())
    return export.csv_file(deeds.TABLE, rows, filename=f"audit-{timezone.now():%Y-%m-%d}")
