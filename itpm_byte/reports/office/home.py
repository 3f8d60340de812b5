"""Where staff arrive: what there is, as far as they may use it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from itpm_byte.reports.office.access import office_required
from lti import tenancy


@require_safe
@office_required
def home(request: HttpRequest) -> HttpResponseBase:
    context = {
        "institutions": tenancy.institutions_of(request.user).order_by("name")[:20],
        "sees_all": tenancy.sees_all(request.user),
    }
    return render(request, "reports/office/home.html", context)
