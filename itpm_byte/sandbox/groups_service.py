"""Course groups over HTTP (OTH-11): the groups of a course, and the sets they belong to."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import GROUPS_SCOPE
from itpm_byte.sandbox.service import Refused, check_accept, find_course, let_in, refusal
from itpm_byte.sandbox.store import Course, Group

CLAIM_NAME = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SETS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"


def claim(lms: Lms, course: Course) -> dict[str, Any]:
    """What a launch says of it."""
    if not lms.manner.has_groups:
        return {}
    told = {
        "scope": [GROUPS_SCOPE],
        "context_groups_url": f"{lms.url}/lti/courses/{course.id}/groups/",
        "context_group_sets_url": f"{lms.url}/lti/courses/{course.id}/group-sets/",
        "service_versions": ["1.0"],
    }
    return {CLAIM_NAME: told}


@csrf_exempt
def groups(request: HttpRequest, course_id: str) -> HttpResponse:
    """All groups of the course, or with `user_id` those of one person."""
    lms = lms_of(request)
    try:
        course = _asked(lms, request, course_id, GROUPS_TYPE)
    except Refused as refused:
        return refusal(lms, refused)
    person = lms.store.person_by_id(request.GET["user_id"]) if "user_id" in request.GET else None
    found = [
        {"id": group.id, "name": group.name, "set_id": group.set_name.lower()}
        for group in _of(lms, course)
        if "user_id" not in request.GET or (person is not None and person.key in group.members)
    ]
    return HttpResponse(json.dumps({"id": request.path, "groups": found}), content_type=GROUPS_TYPE)


@csrf_exempt
def group_sets(request: HttpRequest, course_id: str) -> HttpResponse:
    lms = lms_of(request)
    try:
        course = _asked(lms, request, course_id, SETS_TYPE)
    except Refused as refused:
        return refusal(lms, refused)
    names = sorted({group.set_name for group in _of(lms, course) if group.set_name})
    found = [{"id": name.lower(), "name": name} for name in names]
    return HttpResponse(json.dumps({"id": request.path, "sets": found}), content_type=SETS_TYPE)


def enrol(lms: Lms, course: Course, members: list[dict[str, Any]]) -> None:
    """Says beside each member of the roster which groups they are in (NRPS-08)."""
    for member in members:
        person = lms.store.person_by_id(member["user_id"])
        theirs = [group.id for group in _of(lms, course) if person is not None and person.key in group.members]
        member["group_enrollments"] = [{"group_id": group_id} for group_id in theirs]


def _asked(lms: Lms, request: HttpRequest, course_id: str, media_type: str) -> Course:
    if request.method != "GET" or not lms.manner.has_groups:
        raise Refused(405 if lms.manner.has_groups else 404, "No such service")
    check_accept(lms, request, media_type)
    let_in(lms, request, GROUPS_SCOPE)
    return find_course(lms, course_id)


def _of(lms: Lms, course: Course) -> list[Group]:
    return [group for group in lms.store.groups.values() if group.course == course.key]
