"""The page for testers: ask this LMS to misbehave, and see what the tool asked of it lately."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from itpm_byte.sandbox.faults import ENDPOINTS, KINDS
from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.pages import for_people_inside, problem
from itpm_byte.sandbox.store import Person

LATELY = 25


@for_people_inside
def faults(request: HttpRequest, person: Person) -> HttpResponse:
    lms = lms_of(request)
    if request.method == "POST":
        try:
            _act(lms, request)
        except ValueError as wrong:
            return problem(request, _("That cannot be planned"), str(wrong), 400)
        return HttpResponseRedirect(reverse("faults"))
    context = {
        "endpoints": ENDPOINTS,
        "kinds": KINDS,
        "planned": lms.faults.as_list(),
        "lately": list(lms.log)[: -LATELY - 1 : -1],
        "here": "faults",
    }
    return render(request, "sandbox/faults.html", context)


def _act(lms: Lms, request: HttpRequest) -> None:
    """Raises ValueError, in words, for a fault that cannot be."""
    action = request.POST.get("action")
    if action == "clear":
        lms.faults.clear()
    elif action == "rotate":
        lms.rotate_keys()
    elif action == "down":
        lms.faults.add(endpoint="token", kind="reset")
        lms.faults.add(endpoint="services", kind="reset")
    elif action == "forget":
        lms.tokens.clear()
    else:
        times = request.POST.get("times", "")
        lms.faults.add(
            endpoint=request.POST.get("endpoint", ""),
            kind=request.POST.get("kind", ""),
            times=int(times) if times else None,
            status=int(request.POST.get("status") or 503),
            retry_after=request.POST.get("retry_after") or None,
            seconds=float(request.POST.get("seconds") or 30),
        )
