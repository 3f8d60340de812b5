"""One's own log-in: password, second step, recovery codes."""

from base64 import b32encode
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from itpm_byte.reports.models import PhoneApp
from itpm_byte.reports.office import second_step
from itpm_byte.reports.office.access import office_required
from itpm_byte.reports.office.door import CodeForm
from lti import audit
from lti.languages import in_english


@method_decorator(office_required, name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "reports/office/password.html"
    success_url = reverse_lazy("office:security")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is changed. Other browsers are logged out."))
        return super().form_valid(form)


class OffForm(CodeForm):
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    field_order = ["password", "code"]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_english
def security(request: HttpRequest) -> HttpResponse:
    """Set up the second step: POST begins, POST with the app's code puts it in force and shows recovery codes once.

    Also for an account that must have one before it may see anything else.
    """
    account = _own(request)
    if account is None:
        return HttpResponseRedirect(f"{reverse('office:login')}?next={request.path}")
    is_set_up = second_step.is_set_up(account)
    device, form = second_step.waiting_device(account), CodeForm(None)
    if request.method == "POST" and not is_set_up:
        if device is None or "code" not in request.POST:
            second_step.new_device(account)
            return HttpResponseRedirect(request.path)
        form = CodeForm(request.POST)
        if form.is_valid():
            codes = second_step.confirm(request, account, form.cleaned_data["code"])
            if codes is not None:
                audit_of(account, "account.second_step_on")
                return render(request, "reports/office/codes.html", {"codes": codes, "is_new": True})
            form.add_error("code", _("That is not the code of now. See that your phone's clock is right."))
    context = {
        "account": account,
        "is_set_up": is_set_up,
        "codes_left": second_step.codes_left(account) if is_set_up else 0,
        "form": form,
        "off_form": OffForm(auto_id="off_%s"),
        "is_halfway": getattr(request, "halfway", None) is not None,
    }
    if device is not None and not is_set_up:
        context |= {"qr": _picture(device), "secret": b32encode(device.bin_key).decode()}
    return render(request, "reports/office/security.html", context, status=400 if form.errors else 200)


@require_POST
@office_required
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes for a code."""
    if _is_right(request):
        fresh = second_step.new_recovery_codes(request.user)
        audit_of(request.user, "account.recovery_codes_renewed")
        return render(request, "reports/office/codes.html", {"codes": fresh, "is_new": False})
    messages.error(request, _("That code is not right, or too many were tried. Nothing has changed."))
    return HttpResponseRedirect(reverse("office:security"))


@require_POST
@office_required
def off(request: HttpRequest) -> HttpResponse:
    """Password and code together."""
    account: Any = request.user
    if account.check_password(request.POST.get("password", "")) and _is_right(request):
        second_step.switch_off(account)
        audit_of(account, "account.second_step_off")
        messages.success(request, _("The second step is switched off."))
    else:
        messages.error(request, _("Password or code is not right, or too many were tried. Nothing has changed."))
    return HttpResponseRedirect(reverse("office:security"))


def audit_of(account: Any, action: str) -> None:
    with transaction.atomic():
        audit.record(action, by=account, now=timezone.now(), on=account)


def _own(request: HttpRequest) -> Any:
    """Who is logged in, or on the way to it with nothing set up yet."""
    here: Any = request
    if here.user.is_authenticated and here.user.is_staff:
        return here.user
    if here.halfway is not None and not second_step.is_set_up(here.halfway):
        return here.halfway
    return None


def _is_right(request: HttpRequest) -> bool:
    return second_step.verify(request.user, request.POST.get("code", "")) is not None


def _picture(device: PhoneApp) -> SafeString:
    """The address for the app as a picture. It consists of squares: nothing in it needs escaping."""
    drawn = segno.make(device.config_url, micro=False, error="m")
    svg = drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 # nosec
