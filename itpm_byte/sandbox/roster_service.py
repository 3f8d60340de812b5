"""NRPS over HTTP: who is in the course."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox import groups_service
from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import ROSTER_SCOPE
from itpm_byte.sandbox.paging import page
from itpm_byte.sandbox.service import ROSTER_TYPE, Refused, check_accept, find_course, let_in, refusal
from itpm_byte.sandbox.store import Course, Enrolment, Person


@csrf_exempt
def roster(request: HttpRequest, course_id: str, deployment_id: str = "") -> HttpResponse:
    """Members of the course. `role` filters by short name or URI, `limit` pages with a Link header."""
    lms = lms_of(request)
    try:
        if request.method != "GET":
            raise Refused(405, "Method Not Allowed")
        check_accept(lms, request, ROSTER_TYPE)
        let_in(lms, request, ROSTER_SCOPE)
        course = find_course(lms, course_id)
        if deployment_id and deployment_id != lms.store.registration.deployment_id:
            raise Refused(404, "No such deployment in this course")
        url = lms.manner.roster_url(lms.url, course, lms.store.registration.deployment_id)
        members, link = page(lms, request, _members(lms, request, course), url, form=lms.manner.roster_link_form)
    except Refused as refused:
        return refusal(lms, refused)
    body = {
        "id": url,
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": members,
    }
    response = HttpResponse(json.dumps(body), content_type=ROSTER_TYPE)
    if link:
        response.headers["Link"] = link
    return response


def _members(lms: Lms, request: HttpRequest, course: Course) -> list[dict[str, Any]]:
    members = [_member(lms, person, row) for person, row in lms.store.roster(course.key) if row.is_active]
    if lms.manner.has_groups and request.GET.get("groups") == "true":
        groups_service.enrol(lms, course, members)
    role = request.GET.get("role", "").rpartition("#")[2]
    if not role:
        return members
    return [member for member in members if any(said.rpartition("#")[2] == role for said in member["roles"])]


def _member(lms: Lms, person: Person, enrolment: Enrolment) -> dict[str, Any]:
    registration = lms.store.registration
    member: dict[str, Any] = {
        "status": "Active",
        "roles": lms.manner.short_roles(person, enrolment),
        "user_id": person.id,
        "lis_person_sourcedid": person.key.upper(),
    }
    if registration.shares_names:
        member |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if registration.shares_emails and not person.is_test_user:
        member["email"] = person.email
    return member
