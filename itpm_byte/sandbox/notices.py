"""Notices that this LMS sends by itself (OTH-09): the tool says where to, the LMS signs and posts. It tries once."""

import json
import threading
import uuid
from typing import Any
from urllib.parse import urlsplit

import requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import CLAIM, NOTICES_SCOPE
from itpm_byte.sandbox.service import Refused, check_content_type, json_object, let_in, refusal
from itpm_byte.sandbox.store import Course

TYPES = ["LtiHelloWorldNotice", "LtiContextCopyNotice"]
PATIENCE = 5  # seconds


def claim(lms: Lms) -> dict[str, Any]:
    """What a launch says of it."""
    if not lms.manner.sends_notices:
        return {}
    told = {
        "platform_notification_service_url": f"{lms.url}/lti/notice-handlers/",
        "service_versions": ["1.0"],
        "scope": [NOTICES_SCOPE],
        "notice_types_supported": TYPES,
    }
    return {CLAIM + "platformnotificationservice": told}


@csrf_exempt
def handlers(request: HttpRequest) -> HttpResponse:
    """PUT one handler ("" takes it away), GET all."""
    lms = lms_of(request)
    try:
        let_in(lms, request, NOTICES_SCOPE)
        if request.method == "PUT":
            check_content_type(lms, request, "application/json")
            _put(lms, json_object(request))
        elif request.method != "GET":
            raise Refused(405, "Method Not Allowed")
    except Refused as refused:
        return refusal(lms, refused)
    known = [{"notice_type": name, "handler": lms.notice_handlers.get(name, "")} for name in TYPES]
    return JsonResponse({"client_id": lms.store.registration.client_id, "notice_handlers": known})


def _put(lms: Lms, wish: dict[str, Any]) -> None:
    notice_type, handler = wish.get("notice_type"), wish.get("handler")
    if notice_type not in TYPES or not isinstance(handler, str):
        raise Refused(400, "notice_type and handler are needed")
    if handler and urlsplit(handler).netloc != urlsplit(lms.store.registration.tool_url).netloc:
        raise Refused(400, "handler must be at the tool's own domain")
    lms.notice_handlers[notice_type] = handler


def tell_of_copy(lms: Lms, course: Course) -> None:
    """That a course is the copy of others. In the background: nobody waits for the tool."""
    handler = lms.notice_handlers.get("LtiContextCopyNotice")
    if not lms.manner.sends_notices or not handler:
        return
    token = lms.keys.sign(_notice(lms, course), algorithm=lms.manner.signing_algorithm)
    threading.Thread(target=_post, args=(lms, handler, token), daemon=True).start()


def _notice(lms: Lms, course: Course) -> dict[str, Any]:
    registration, now = lms.store.registration, lms.now()
    return {
        "iss": lms.issuer,
        "aud": registration.client_id,
        "azp": registration.client_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 300,
        "nonce": uuid.uuid4().hex,
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": registration.deployment_id,
        CLAIM + "notice": {"id": str(uuid.uuid4()), "timestamp": now.isoformat(), "type": "LtiContextCopyNotice"},
        CLAIM + "context": {"id": course.id, "label": course.label, "title": course.title},
        CLAIM + "origin_contexts": course.history,
    }


def _post(lms: Lms, handler: str, token: str) -> None:
    """What came of it stands in `notices_sent`: a status, or 0 when the tool was away."""
    body = json.dumps({"notices": [{"jwt": token}]})
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(handler, body, headers={"Content-Type": "application/json"}, timeout=PATIENCE)
        lms.notices_sent.append(answer.status_code)
    except requests.RequestException:
        lms.notices_sent.append(0)
