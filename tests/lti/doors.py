"""A door as others build theirs: two pages of one launch."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import Context, Template
from django.urls import include, path
from django.utils.translation import get_language

from lti.errors import LaunchRefused
from lti.models import Launch
from lti.sessions import launch_required, return_url

PAGE = Template("""{% load static %}<!doctype html><html lang="{{ language }}"><head><title>{{ heading }}</title>
{% include "lti/session_head.html" %}</head><body hx-boost="true"><h1 id="who">{{ who }}</h1>
<p id="place">{{ place }}</p>
<p id="back">{{ back }}</p><a id="second" href="/l/{{ launch.pk }}/second/">second</a>
<form id="send" method="post" action="/l/{{ launch.pk }}/send/">{% csrf_token %}<input name="note" id="note">
<button>Send</button></form></body></html>""")


@launch_required
def page(request: HttpRequest, launch: Launch, place: str = "first") -> HttpResponse:
    context = {
        "launch": launch,
        "who": launch.user.display_name,
        "place": f"{place} {request.GET.get('note', '')}".strip(),
        "heading": launch.membership.context.title if launch.membership else "",
        "back": return_url(request, launch),
        "language": get_language(),
        "csrf_token": get_token(request),
    }
    return HttpResponse(PAGE.render(Context(context)))


@launch_required
def send(request: HttpRequest, launch: Launch) -> HttpResponse:
    return redirect(f"/l/{launch.pk}/?note={request.POST['note']}")


def open_launch(launch: Launch, claims: object, *, now: datetime) -> str:
    """Named by LTI_LAUNCH_HOOK in tests of the gate."""
    return f"/l/{launch.pk}/"


def refuse_launch(launch: Launch, claims: object, *, now: datetime) -> str:
    raise LaunchRefused("not_available")


urlpatterns = [
    path("l/<uuid:launch_id>/", page),
    path("l/<uuid:launch_id>/second/", page, {"place": "second"}),
    path("l/<uuid:launch_id>/send/", send),
    path("", include("lti.urls")),
]
