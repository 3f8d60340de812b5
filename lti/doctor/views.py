"""The connection doctor's page, one per registration: asked for by POST, made by a worker, readable without scripts."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lti import tasks, tenancy
from lti.doctor import examination as doctor
from lti.doctor import visits as doctor_visits
from lti.doctor import words as doctor_words
from lti.models import Examination, Registration
from lti.staff.access import may_look


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def visit(request: HttpRequest, registration_uuid: UUID) -> HttpResponse:
    """Shows the newest visit, as far as it has come. POST asks for a new one and leads back here."""
    registration = get_object_or_404(tenancy.registrations_of(request.user).defer("jwks"), uuid=registration_uuid)
    if request.method == "POST":
        examination, is_new = doctor_visits.ask_for(registration, now=timezone.now())
        if is_new:
            tasks.examine.enqueue(examination.pk)
        return HttpResponseRedirect(reverse("lti:doctor", args=[registration_uuid]))
    known = Examination.objects.filter(registration=registration).first()
    context = {"registration": registration, **_told(registration, known)}
    return render(request, "lti/doctor/visit.html", context)


def _told(registration: Registration, examination: Examination | None) -> dict[str, Any]:
    if examination is None:
        return {"examination": None}
    now = timezone.now()
    findings = doctor_visits.findings_of(examination.findings)
    is_under_way = doctor_visits.is_under_way(examination, now=now)
    at = examination.began_at or examination.asked_at
    overall = doctor.worst(findings)
    return {
        "examination": examination,
        "at": at,
        "is_under_way": is_under_way,
        "has_ended": examination.finished_at is not None,
        "overall": overall,
        "rows": [
            {
                "verdict": finding.verdict,
                "verdict_words": doctor_words.verdict(finding.verdict),
                "title": doctor_words.title(finding),
                "what": doctor_words.what(finding, registration, now=at),
                "todo": doctor_words.todo(finding, registration, now=at),
            }
            for finding in findings
        ],
        "report": doctor_words.report(registration, findings, overall=overall, now=at),
    }
