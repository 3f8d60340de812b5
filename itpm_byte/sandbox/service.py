"""What all bearer-token services have in common: how a request is let in, and how it is turned away."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from itpm_byte.sandbox.lms import Lms
from itpm_byte.sandbox.store import Course, LineItem
from itpm_byte.sandbox.tokens import bearer_problem

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

CANVAS_WORDS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 422: "unprocessable_entity"}


class Refused(Exception):
    """A service says no: with this status, for this reason."""

    def __init__(self, status: int, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.field = status, reason, field


def refusal(lms: Lms, refused: Refused) -> HttpResponse:
    """No, in the words of this LMS."""
    if lms.manner.refuses_in == "status line":
        reason = re.sub(r"\s+", " ", refused.reason).encode("ascii", "backslashreplace").decode()
        response = HttpResponse("[]", status=refused.status, reason=reason, content_type="application/json")
    elif lms.manner.refuses_in == "text":
        response = HttpResponse(refused.reason, status=refused.status, content_type="text/plain")
    else:
        response = JsonResponse(_said(lms.manner.refuses_in, refused), status=refused.status)
    if refused.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.refusal = refused.reason  # type: ignore[attr-defined] # read by the journal
    return response


def _said(form: str, refused: Refused) -> dict[str, Any]:
    if form == "message":
        return {"status": refused.status, "message": refused.reason}
    if form == "brightspace":
        return {"type": "about:blank", "title": "Error", "status": refused.status, "detail": refused.reason}
    if form == "detail":
        return {refused.field or "detail": [refused.reason]}
    return {"errors": {"type": CANVAS_WORDS.get(refused.status, "bad_request"), "message": refused.reason}}


def let_in(lms: Lms, request: HttpRequest, *scopes: str) -> None:
    status = bearer_problem(lms, request, scopes)
    if status:
        raise Refused(status, "Unauthorized" if status == 401 else "Insufficient scope")


def check_accept(lms: Lms, request: HttpRequest, media_type: str) -> None:
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept", "").split(",")}
    if media_type not in accepted:
        raise Refused(lms.manner.wrong_accept_status, f"No handler found for Accept, expected {media_type}")


def check_content_type(lms: Lms, request: HttpRequest, media_type: str) -> None:
    if request.content_type != media_type:
        raise Refused(lms.manner.wrong_type_status, f"No handler found for Content-Type, not {media_type}")


def json_object(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "The body is not a JSON object")
    return body


def check_query(lms: Lms, request: HttpRequest) -> None:
    """Moodle's addresses carry the deployment as ?type_id=. Something appended after it makes the address unknown."""
    expected = lms.store.registration.deployment_id
    if lms.manner.carries_type_id and request.GET.get("type_id") != expected:
        raise Refused(400, f"No handler found for {request.get_full_path()}")


def find_course(lms: Lms, course_id: str) -> Course:
    course = lms.store.course_by_id(course_id) or lms.store.courses.get(course_id)
    if course is None:
        raise Refused(404, "Course not found")
    return course


def find_line_item(lms: Lms, course: Course, number: int) -> LineItem:
    item = lms.store.line_items.get(str(number))
    if item is None or item.is_deleted or item.course != course.key:
        raise Refused(404, "Line item not found")
    return item
