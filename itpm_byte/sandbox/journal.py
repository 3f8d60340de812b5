"""Around every request: which host was meant, planned faults, and a log of what the tool asked that tests can read."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve

from itpm_byte.sandbox.faults import AFTER, SERVICES, faulty_answer, hold
from itpm_byte.sandbox.lms import Lms, lms_of

WATCHED = {"token", "auth", "jwks", "openid-configuration", "registrations", "selection-return", *SERVICES}
SERVICES_AT = ("/control/", "/services/", "/api/", "/learn/", "/d2l/", "/imsblis/", "/lti/token/", "/lti/jwks/")
KEPT_HEADERS = {"Accept", "Content-Type", "User-Agent", "Content-Length"}

Answer = Callable[[HttpRequest], HttpResponseBase]


def endpoint_of(request: HttpRequest) -> str:
    """The URL's name ("scores", "token", …), or "" for addresses that lead nowhere."""
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def watch(get_response: Answer) -> Answer:
    """Middleware: play the planned fault if there is one, and write down requests of the LTI endpoints."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        lms, endpoint = lms_of(request), endpoint_of(request)
        if endpoint not in WATCHED:
            return get_response(request)
        body = request.body  # read before the view does, so that it can be read here afterwards
        fault = lms.faults.take(endpoint)
        told = get_response(request) if fault is None or fault.kind in AFTER else faulty_answer(fault)
        # Written down first: a client that hangs or was cut off may look here before we are through.
        lms.log.append(_entry(lms, request, endpoint, body, told) | {"fault": fault.kind if fault else ""})
        if fault is None:
            return told
        hold(fault, lms.faults, request)
        return faulty_answer(fault)

    return answer


def _entry(lms: Lms, request: HttpRequest, endpoint: str, body: bytes, response: HttpResponseBase) -> dict[str, Any]:
    headers = {name: value for name, value in request.headers.items() if name in KEPT_HEADERS}
    if "Authorization" in request.headers:
        headers["Authorization"] = request.headers["Authorization"].partition(" ")[0] + " [redacted]"
    return {
        "at": lms.now().isoformat(),
        "endpoint": endpoint,
        "method": request.method,
        "path": request.path if endpoint in {"auth", "selection-return"} else request.get_full_path(),
        "headers": headers,
        "body": _readable(endpoint, request, body),
        "status": response.status_code,
        "refusal": getattr(response, "refusal", ""),
    }


def _readable(endpoint: str, request: HttpRequest, body: bytes) -> Any:
    """JSON as it came; of forms only the names and what is no secret."""
    if endpoint in {"auth", "selection-return"}:
        return sorted(request.POST if request.method == "POST" else request.GET)
    if endpoint == "token":
        return {"fields": sorted(request.POST), "scope": request.POST.get("scope", "")}
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


def one_address(get_response: Answer) -> Answer:
    """Middleware: people who come by another loopback name are sent to the one address the LMS goes by, as Moodle does.

    Otherwise a browser on 127.0.0.1 would see tool and LMS on the same site, and the trial would prove nothing.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        lms = lms_of(request)
        if request.method == "GET" and request.get_host() != urlsplit(lms.url).netloc and not _is_service(request):
            return HttpResponseRedirect(lms.url + request.get_full_path())
        return get_response(request)

    return answer


def _is_service(request: HttpRequest) -> bool:
    return request.path.startswith(SERVICES_AT)
