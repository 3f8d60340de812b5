"""The inbox: requests for help over all courses, what learners think of the Bytes, unclear questions."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.content.models import Byte
from itpm_byte.insight import inbox
from itpm_byte.insight.feedback import MINIMUM_GROUP
from itpm_byte.learning import support
from itpm_byte.learning.models import SupportRequest
from itpm_byte.reports.office.filters import address
from lti import tenancy
from lti.models import Institution
from lti.staff.access import staff_only

may_read = staff_only("learning.view_supportrequest")
may_settle = staff_only("learning.change_supportrequest")


class InboxForm(forms.Form):
    institution = forms.ModelChoiceField(
        Institution.objects.none(), required=False, label=_("Institution"), empty_label=_("all")
    )
    status = forms.ChoiceField(
        required=False, choices=[("", _("all")), *SupportRequest.Status.choices], label=_("Status")
    )
    byte = forms.ChoiceField(required=False, label=_("Byte"))
    person = forms.CharField(required=False, max_length=200, label=_("Learner"))
    text = forms.CharField(required=False, max_length=200, label=_("Words of the request"))

    def __init__(self, told: QueryDict, account: Any) -> None:
        super().__init__(told, label_suffix="")
        fields: Any = self.fields
        fields["institution"].queryset = tenancy.institutions_of(account).order_by("name")
        known = Byte.objects.order_by("title").values_list("slug", "title")
        fields["byte"].choices = [("", _("all")), *dict(known).items()]

    def wish(self) -> inbox.Wish:
        told = self.cleaned_data
        owner = told["institution"]
        plain = {name: told[name] for name in ("status", "byte", "person", "text")}
        return inbox.Wish(institution=owner.pk if owner else None, **plain)


@require_safe
@may_read
def requests(request: HttpRequest) -> HttpResponseBase:
    """`after` is the key of the last request seen."""
    form = InboxForm(request.GET, request.user)
    after = request.GET.get("after", "")
    context: dict[str, Any] = {
        "form": form,
        "query": address(request.GET),
        "open": inbox.open_requests(request.user),
        "ratings": inbox.ratings(request.user),
        "unclear": inbox.unclear(request.user),
        "minimum": MINIMUM_GROUP,
    }
    if form.is_valid():
        behind = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
        context["page"] = inbox.page(request.user, form.wish(), after=behind)
    return render(request, "reports/office/inbox.html", context, status=400 if form.errors else 200)


@require_POST
@may_settle
def settle(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """`status`: answered or open. Back to the list as it was filtered (`query`)."""
    rows = inbox.requests_of(request.user).select_related("learner", "placement__resource_link__context")
    found = get_object_or_404(rows, pk=request_id)
    status = request.POST.get("status", "")
    if status in SupportRequest.Status.values:
        support.settle(found, by=request.user, now=timezone.now(), status=status)
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return HttpResponseRedirect(f"{reverse('office:inbox')}?{query}#request-{found.pk}")
