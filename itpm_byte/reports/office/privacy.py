"""Requests about people's data: find somebody, see and take out what is kept, erase. And how long it is kept."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itpm_byte.privacy import erasing, everything, people, retention
from itpm_byte.privacy.models import LONGEST, RetentionRule
from lti import tenancy
from lti.models import Institution, PlatformUser
from lti.staff.access import staff_only

may_handle = staff_only("privacy.handle_people")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the audit log, as “asked for it on 3 May”. Write no names."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RuleForm(forms.Form):
    """Empty: nothing is deleted."""

    work_months = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST,
        label=gettext_lazy("Erase people after so many months"),
        help_text=gettext_lazy("since they were last active or listed in a course. Empty: never."),
    )
    support_months = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST,
        label=gettext_lazy("Delete requests for help after so many months"),
        help_text=gettext_lazy("since they were written. Empty: never."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may_handle
def find(request: HttpRequest) -> HttpResponseBase:
    """The form is a POST: names and e-mails stand in no address, so in no log of a proxy and no browser's history."""
    part = request.POST.get("person", "").replace("\0", "").strip()[:200]
    found = people.find(request.user, part)
    context = {
        "part": part,
        "is_short": 0 < len(part) < people.SHORTEST,
        "people": found[: people.SHOWN],
        "has_more": len(found) > people.SHOWN,
        "shown": people.SHOWN,
    }
    return render(request, "reports/office/people.html", context)


@require_safe
@may_handle
def person(request: HttpRequest, person_id: int) -> HttpResponseBase:
    found = _person(request, person_id)
    context = {"person": found, "kept": everything.overview(found)}
    return render(request, "reports/office/person.html", context)


@require_POST
@may_handle
def take_out(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """`form`: json, a file, or a page to read, print and keep. Written down, therefore a POST."""
    found = _person(request, person_id)
    told = everything.take_out(found, by=request.user, now=timezone.now())
    if request.POST.get("form") == "json":
        answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
        answer.headers["Content-Disposition"] = f'attachment; filename="person-{found.pk}.json"'
        return answer
    context = {"person": found, "made_at": told["made_at"], "kept": everything.collect(found)}
    return render(request, "reports/office/person_everything.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_handle
def erase(request: HttpRequest, person_id: int) -> HttpResponseBase:
    found = _person(request, person_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        erasing.erase(found, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        # Without the name: messages may be kept for a while.
        messages.success(request, _("Erased. What stays is nobody’s. Grades that the platform has got stay there."))
        return HttpResponseRedirect(reverse("office:people"))
    context = {"person": found, "form": form, "kept": everything.overview(found)}
    return render(request, "reports/office/person_erase.html", context, status=400 if form.errors else 200)


@require_safe
@may_handle
def rules(request: HttpRequest) -> HttpResponseBase:
    rows = tenancy.institutions_of(request.user).select_related("retention_rule").order_by("name")
    return render(request, "reports/office/retention.html", {"institutions": rows[:500]})


@require_http_methods(["GET", "HEAD", "POST"])
@may_handle
def rule(request: HttpRequest, institution_id: int) -> HttpResponseBase:
    """A GET with numbers is a dry run; what it shows can be saved by the POST below it."""
    owner = get_object_or_404(tenancy.institutions_of(request.user), pk=institution_id)
    told = request.POST if request.method == "POST" else request.GET if "work_months" in request.GET else None
    form = RuleForm(told, initial=_kept(owner), label_suffix="")
    reason = ReasonForm(request.POST if request.method == "POST" else None, label_suffix="")
    context: dict[str, Any] = {"institution": owner, "form": form, "reason": reason, "kept": _kept(owner)}
    now = timezone.now()
    if form.is_bound and form.is_valid():
        if request.method == "POST" and reason.is_valid():
            why = reason.cleaned_data["reason"]
            retention.set_rule(owner, **form.cleaned_data, by=request.user, reason=why, now=now)
            messages.success(request, _("Saved. It is applied once a day."))
            return HttpResponseRedirect(reverse("office:retention"))
        context["outlook"] = retention.outlook(owner, **form.cleaned_data, now=now)
    bad = bool(form.errors) or bool(reason.errors)
    return render(request, "reports/office/retention_rule.html", context, status=400 if bad else 200)


def _kept(owner: Institution) -> dict[str, int | None]:
    found = RetentionRule.objects.filter(institution=owner).first() or RetentionRule()
    return {"work_months": found.work_months, "support_months": found.support_months}


def _person(request: HttpRequest, person_id: int) -> PlatformUser:
    """Only of one's institutions; who was erased is not there any more."""
    rows = people.visible(request.user).select_related("registration__institution").defer("registration__jwks")
    return get_object_or_404(rows, pk=person_id)
