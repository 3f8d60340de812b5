"""AGS over HTTP: line items, one line item, scores, results."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import LINEITEM_READ_SCOPE, LINEITEM_SCOPE, RESULT_SCOPE, SCORE_SCOPE
from itpm_byte.sandbox.paging import page
from itpm_byte.sandbox.scores import receive, shown
from itpm_byte.sandbox.service import (
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    RESULTS_TYPE,
    SCORE_TYPE,
    Refused,
    check_accept,
    check_content_type,
    check_query,
    find_course,
    find_line_item,
    json_object,
    let_in,
    refusal,
)
from itpm_byte.sandbox.store import Grade, LineItem


@csrf_exempt
def lineitems(request: HttpRequest, course_id: str, deployment_id: str = "") -> HttpResponse:
    lms = lms_of(request)
    try:
        check_query(lms, request)
        if request.method == "POST":
            return _create(lms, request, course_id)
        if request.method != "GET":
            raise Refused(405, "Method Not Allowed")
        check_accept(lms, request, LINE_ITEMS_TYPE)
        let_in(lms, request, LINEITEM_SCOPE, LINEITEM_READ_SCOPE)
        course = find_course(lms, course_id)
        found = [item for item in lms.store.line_items_of(course.key) if _is_wanted(lms, request, item)]
        rows = [_as_json(lms, item) for item in found]
        return _paged(lms, request, rows, LINE_ITEMS_TYPE, lms.line_items_url(course))
    except Refused as refused:
        return refusal(lms, refused)


@csrf_exempt
def lineitem(request: HttpRequest, course_id: str, number: int, deployment_id: str = "") -> HttpResponse:
    lms = lms_of(request)
    try:
        check_query(lms, request)
        if request.method == "GET":
            check_accept(lms, request, LINE_ITEM_TYPE)
            let_in(lms, request, LINEITEM_SCOPE, LINEITEM_READ_SCOPE)
            item = find_line_item(lms, find_course(lms, course_id), number)
            return JsonResponse(_as_json(lms, item), content_type=LINE_ITEM_TYPE)
        if request.method == "PUT":
            check_content_type(lms, request, LINE_ITEM_TYPE)
            let_in(lms, request, LINEITEM_SCOPE)
            return _replace(lms, request, find_line_item(lms, find_course(lms, course_id), number))
        if request.method == "DELETE":
            let_in(lms, request, LINEITEM_SCOPE)
            return _delete(lms, find_line_item(lms, find_course(lms, course_id), number))
        raise Refused(400, f"No handler found for {request.method} {request.path}")
    except Refused as refused:
        return refusal(lms, refused)


@csrf_exempt
def scores(request: HttpRequest, course_id: str, number: int, deployment_id: str = "") -> HttpResponse:
    lms = lms_of(request)
    try:
        check_query(lms, request)
        if request.method != "POST":
            raise Refused(405, "Method Not Allowed")
        check_content_type(lms, request, SCORE_TYPE)
        let_in(lms, request, SCORE_SCOPE)
        item = find_line_item(lms, find_course(lms, course_id), number)
        body = json_object(request)
        grade = receive(lms.store, item, body, now=lms.now(), manner=lms.manner.name)
    except Refused as refused:
        return refusal(lms, refused)
    if lms.manner.score_answer == "nothing":
        return HttpResponse(b"", status=200)
    if lms.manner.score_answer == "score":
        return JsonResponse(body, status=201, content_type=SCORE_TYPE)
    return JsonResponse({"resultUrl": _result_url(lms, item, lms.store.people[grade.person].id)})


@csrf_exempt
def results(request: HttpRequest, course_id: str, number: int, deployment_id: str = "") -> HttpResponse:
    lms = lms_of(request)
    try:
        check_query(lms, request)
        if request.method != "GET":
            raise Refused(405, "Method Not Allowed")
        check_accept(lms, request, RESULTS_TYPE)
        let_in(lms, request, RESULT_SCOPE)
        item = find_line_item(lms, find_course(lms, course_id), number)
    except Refused as refused:
        return refusal(lms, refused)
    wanted = request.GET.get("user_id", "") if lms.manner.filters_results else ""
    rows = []
    for person, _enrolment in lms.store.roster(item.course):
        grade = lms.store.grade(item, person.key)
        if grade and shown(grade, item) is not None and wanted in {"", person.id}:
            rows.append(_result(lms, item, grade, is_asked_for=bool(wanted)))
    url = _with_suffix(lms.line_item_url(item), "/results")
    try:
        return _paged(lms, request, rows, RESULTS_TYPE, url)
    except Refused as refused:
        return refusal(lms, refused)


def _paged(lms: Lms, request: HttpRequest, rows: list[Any], media_type: str, url: str) -> HttpResponse:
    rows, link = page(lms, request, rows, url)
    response = HttpResponse(json.dumps(rows), content_type=media_type)
    if link:
        response.headers["Link"] = link
    return response


def _create(lms: Lms, request: HttpRequest, course_id: str) -> HttpResponse:
    check_content_type(lms, request, LINE_ITEM_TYPE)
    let_in(lms, request, LINEITEM_SCOPE)
    course, body = find_course(lms, course_id), json_object(request)
    fields = _fields(lms, body)
    link_key = None
    if body.get("resourceLinkId") and lms.manner.binds_new_items:
        link = lms.store.link_by_id(str(body["resourceLinkId"]))
        if link is None or link.course != course.key:
            raise Refused(404, "resourceLinkId is no link of this tool in this course")
        link_key = link.key
    with lms.store.changing():
        item = lms.store.add_line_item(course=course.key, link=link_key, **fields)
        if link_key and lms.manner.empties_claim_of_made_items:
            # Measured: launches of a link whose column the tool made itself carry "lineitem": "".
            lms.store.links[link_key].line_item_claim = "empty"
    return JsonResponse(_as_json(lms, item), status=201, content_type=LINE_ITEM_TYPE)


def _replace(lms: Lms, request: HttpRequest, item: LineItem) -> HttpResponse:
    """PUT: what is left out is erased (measured on Moodle)."""
    body = json_object(request)
    if "id" in body and lms.manner.refuses_id_in_put:
        raise Refused(400, "id is read-only")
    fields = _fields(lms, body)
    with lms.store.changing():
        for name, value in fields.items():
            setattr(item, name, value)
    return JsonResponse(_as_json(lms, item), content_type=LINE_ITEM_TYPE)


def _delete(lms: Lms, item: LineItem) -> HttpResponse:
    if item.link and lms.manner.guards_bound_items:
        raise Refused(401, "A line item that belongs to a link cannot be deleted by the tool")
    with lms.store.changing():
        item.is_deleted = True
    return HttpResponse(status=204)


def _fields(lms: Lms, body: dict[str, Any]) -> dict[str, Any]:
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if not isinstance(label, str) or not label.strip():
        raise Refused(400, "label is missing")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise Refused(400, "scoreMaximum must be a number above 0")
    if lms.manner.wants_whole_maximum and maximum != int(maximum):
        raise Refused(400, "A valid integer is required for scoreMaximum")
    return {
        "label": label,
        "score_maximum": maximum,
        "resource_id": str(body.get("resourceId") or ""),
        "tag": str(body.get("tag") or ""),
        "submission_review": body.get("submissionReview"),
    }


def _is_wanted(lms: Lms, request: HttpRequest, item: LineItem) -> bool:
    """Against the filters of AGS §3.2.4."""
    has = {
        "resource_link_id": lms.store.links[item.link].id if item.link else "",
        "resource_id": item.resource_id,
        "tag": item.tag,
    }
    return all(request.GET.get(name, value) == value for name, value in has.items())


def _as_json(lms: Lms, item: LineItem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": lms.line_item_url(item),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    if item.link:
        body["resourceLinkId"] = lms.store.links[item.link].id
    if item.submission_review:
        body["submissionReview"] = item.submission_review
    return body


def _result(lms: Lms, item: LineItem, grade: Grade, *, is_asked_for: bool) -> dict[str, Any]:
    person_id, score = lms.store.people[grade.person].id, shown(grade, item)
    result: dict[str, Any] = {
        "id": _result_url(lms, item, person_id),
        "userId": person_id,
        "scoreOf": lms.line_item_url(item),
        "timestamp": grade.timestamp,
    }
    if score or not lms.manner.omits_zero:
        result |= {"resultScore": score, "resultMaximum": item.score_maximum}
    has_comment = grade.comment and not (is_asked_for and lms.manner.drops_comment_of_one)
    return result | ({"comment": grade.comment} if has_comment else {})


def _result_url(lms: Lms, item: LineItem, person_id: str) -> str:
    url = _with_suffix(lms.line_item_url(item), "/results")
    return f"{url}&user_id={person_id}" if lms.manner.carries_type_id else f"{url}/{person_id}"


def _with_suffix(url: str, suffix: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=parts.path + suffix).geturl()
