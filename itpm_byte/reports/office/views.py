"""Saved views: kept, opened by their permanent address, sent by e-mail, and unsubscribed from without a log-in."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itpm_byte.insight import saved_views
from itpm_byte.insight.models import SavedView, Subscription
from itpm_byte.reports.office import mailing
from itpm_byte.reports.office.access import office_required
from lti import tenancy
from lti.languages import in_english
from lti.models import Institution


class ViewForm(forms.Form):
    name = forms.CharField(max_length=200, label=gettext_lazy("Name of the view"))
    institution = forms.ModelChoiceField(
        Institution.objects.none(),
        required=False,
        empty_label=gettext_lazy("me alone"),
        label=gettext_lazy("Who finds it"),
        help_text=gettext_lazy("Whoever opens it sees only what they may see themselves."),
    )
    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        owner: Any = self.fields["institution"]
        owner.queryset = tenancy.institutions_of(account).order_by("name")


class SubscriptionForm(forms.Form):
    every = forms.ChoiceField(choices=Subscription.Every.choices, label=gettext_lazy("When"))
    form = forms.ChoiceField(
        choices=Subscription.Form.choices,
        label=gettext_lazy("What"),
        help_text=gettext_lazy("A file has names in it; very long ones go as a link."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_required
def all_views(request: HttpRequest) -> HttpResponseBase:
    """The list; with ?query=… the form for a new one."""
    form = ViewForm(request.POST or None, account=request.user, initial={"query": request.GET.get("query", "")[:4000]})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        view = saved_views.keep(request.user, now=timezone.now(), **told)
        messages.success(request, _("The view is kept. Its address never changes."))
        return HttpResponseRedirect(reverse("office:view-settings", args=[view.uuid]))
    context = {"form": form, "views": saved_views.visible_to(request.user)[:200]}
    return render(request, "reports/office/views.html", context, status=400 if form.errors else 200)


@require_safe
@office_required
def open_view(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The permanent address."""
    view = _found(request, uuid)
    return HttpResponseRedirect(f"{reverse('office:completion')}?{view.query}")


@require_safe
@office_required
def view_settings(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    view = _found(request, uuid)
    mine = Subscription.objects.filter(view=view, account__pk=request.user.pk or 0).first()
    form = SubscriptionForm(label_suffix="", initial={"every": mine.every, "form": mine.form} if mine else None)
    return render(request, "reports/office/view.html", {"view": view, "subscription": mine, "form": form})


@require_POST
@office_required
def subscribe(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """To one's own account's e-mail, nobody else's."""
    view, account = _found(request, uuid), request.user
    form = SubscriptionForm(request.POST)
    if not settings.MAILERS:
        messages.error(request, _("This service sends no mails yet. Whoever runs it can set EMAIL_URL."))
    elif not getattr(account, "email", ""):
        messages.error(
            request, _("Your account has no e-mail address. An operator can enter it in the administration.")
        )
    elif form.is_valid():
        saved_views.subscribe(account, view, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("You get it by e-mail from now on."))
    return HttpResponseRedirect(reverse("office:view-settings", args=[view.uuid]))


@require_POST
@office_required
def delete(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The owner's right alone."""
    view = get_object_or_404(SavedView, uuid=uuid, owner=request.user)
    saved_views.forget(request.user, view, now=timezone.now())
    messages.success(request, _("The view is deleted, and is sent to nobody any more."))
    return HttpResponseRedirect(reverse("office:views"))


# Mail programs post here by themselves (RFC 8058): no cookie, no form of ours. The signed address is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@in_english
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does; once more is no mistake."""
    try:
        subscription = mailing.by_token(token)
    except signing.BadSignature:
        raise Http404 from None
    if request.method == "POST" and subscription is not None:
        saved_views.unsubscribe(subscription, now=timezone.now())
        subscription = None
    return render(request, "reports/office/unsubscribe.html", {"subscription": subscription})


def _found(request: HttpRequest, uuid: UUID) -> SavedView:
    return get_object_or_404(saved_views.visible_to(request.user), uuid=uuid)
