"""Log-in of staff: name and password, then the code if a second step is set up."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from itpm_byte.reports.office import second_step
from lti.languages import in_english


@method_decorator([never_cache, in_english], name="dispatch")
class StaffLogin(LoginView):
    """Also at /admin/login/. Wrong passwords are counted by axes, which ends in `locked_out`."""

    authentication_form = AdminAuthenticationForm
    template_name = "reports/office/login.html"
    next_page = "office:home"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        here: Any = request
        if here.halfway is not None:
            return HttpResponseRedirect(f"{reverse('office:code')}?{urlencode({'next': self.get_success_url()})}")
        if here.user.is_authenticated and here.user.is_staff:
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)


class CodeForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    code = forms.CharField(
        max_length=40,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Six digits from your app, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_english
def code(request: HttpRequest) -> HttpResponse:
    """The second step. Who must have one and has none yet is sent to set it up."""
    here: Any = request
    account = here.halfway
    target = _next(request)
    if account is None:
        return redirect_to_login(target, login_url="office:login")
    if not second_step.is_set_up(account):
        return HttpResponseRedirect(reverse("office:security"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if second_step.must_wait(account):
            form.add_error("code", _("Too many wrong codes. Wait a minute, then try a new one."))
        elif second_step.enter(request, account, form.cleaned_data["code"]):
            return HttpResponseRedirect(target)
        else:
            form.add_error("code", _("That is not the code of now. Each code works once, for half a minute."))
    context = {"form": form, "next": target}
    return render(request, "reports/office/code.html", context, status=400 if form.errors else 200)


def _next(request: HttpRequest) -> str:
    told = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        told, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return told if is_ours else resolve_url("office:home")


@in_english
def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What axes shows after too many wrong passwords."""
    return render(request, "reports/office/locked_out.html", status=429)


def for_the_log(*_who: Any) -> str:
    """What axes writes about a log-in: nothing about who it was. The reference number is in the line, too."""
    return "an account"
