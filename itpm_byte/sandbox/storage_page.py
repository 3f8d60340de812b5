"""The page for testers that switches platform storage, and the frames that a course page needs for it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from itpm_byte.sandbox.lms import lms_of
from itpm_byte.sandbox.pages import for_people_inside, problem
from itpm_byte.sandbox.storage import IN_A_FRAME, IN_THE_PAGE, MOODS
from itpm_byte.sandbox.store import Person


@for_people_inside
def storage(request: HttpRequest, person: Person) -> HttpResponse:
    kept = lms_of(request).storage
    if request.method == "POST":
        target, mood = request.POST.get("target", ""), request.POST.get("mood", "")
        try:
            kept.change(target=target, mood=mood, is_declared="is_declared" in request.POST)
        except ValueError as wrong:
            return problem(request, _("That cannot be"), str(wrong), 400)
        return HttpResponseRedirect(reverse("storage"))
    frame = kept.frame or IN_A_FRAME
    targets = {"": _("Not at all"), IN_THE_PAGE: _("In the course page"), frame: _("In a frame of that page")}
    return render(
        request, "sandbox/storage.html", {"storage": kept, "targets": targets, "moods": MOODS, "here": "storage"}
    )


@require_safe
def storage_frame(request: HttpRequest) -> HttpResponse:
    """The frame that hands the tool's messages on to the course page, or one that meddles; holds nothing."""
    return render(request, "sandbox/storage_frame.html")
