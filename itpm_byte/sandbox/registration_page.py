"""The administrator's page "Register a tool": paste one address, the tool does the rest in a frame, switch it on."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.pages import NotForYou, for_people_inside
from itpm_byte.sandbox.registration import activate, desk_of, invite
from itpm_byte.sandbox.store import Person


@require_safe
@for_people_inside
def tools(request: HttpRequest, person: Person) -> HttpResponse:
    return _page(request, person)


@require_POST
@for_people_inside
def register(request: HttpRequest, person: Person) -> HttpResponse:
    """Opens the tool's registration address in a frame."""
    lms = _lms_for(request, person)
    url = request.POST.get("url", "").strip()
    if not _is_of_tool(lms, url):
        text = _("This sandbox talks to one tool only. Its address begins with %(address)s.")
        return _page(request, person, problem=text % {"address": lms.store.registration.tool_url})
    is_update = request.POST.get("how") == "update"
    opened = invite(lms, url, is_update=is_update)
    return render(request, "sandbox/register_tool.html", {"opened": opened, "here": "tools"})


@require_POST
@for_people_inside
def switch_on(request: HttpRequest, person: Person) -> HttpResponse:
    activate(_lms_for(request, person))
    return HttpResponseRedirect(reverse("tools"))


def _page(request: HttpRequest, person: Person, problem: str = "") -> HttpResponse:
    lms = _lms_for(request, person)
    context = {
        "registration": lms.store.registration,
        "waiting": desk_of(lms).waiting,
        "problem": problem,
        "typed": request.POST.get("url", ""),
        "here": "tools",
    }
    return render(request, "sandbox/tools.html", context, status=400 if problem else 200)


def _lms_for(request: HttpRequest, person: Person) -> Lms:
    if not person.is_admin:
        raise NotForYou
    return lms_of(request)


def _is_of_tool(lms: Lms, url: str) -> bool:
    parts, tool = urlsplit(url), urlsplit(lms.store.registration.tool_url)
    return (parts.scheme, parts.netloc) == (tool.scheme, tool.netloc)
