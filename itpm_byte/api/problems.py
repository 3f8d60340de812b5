"""Every failure as problem+json (RFC 9457): what happened, what to do, a code for programs, a reference for people."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from lti import references
from lti.conflicts import is_conflict

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    title: str
    advice: str


# Codes are part of the API: they never change.
KINDS: dict[str, Kind] = {
    "malformed": Kind(400, "The body can't be read", "Send one JSON object, nested at most 10 deep."),
    "invalid": Kind(400, "Something asked for makes no sense", "`errors` names the fields."),
    "cursor_invalid": Kind(400, "This cursor is not ours", "Follow `next` as it is; else begin anew without cursor."),
    "key_missing": Kind(400, "An Idempotency-Key is needed", "Send a new random one with each new deed."),
    "not_authenticated": Kind(401, "A token is needed", "Send `Authorization: Bearer …`."),
    "token_unknown": Kind(401, "This token is not known", "Compare it letter for letter, or ask for a new one."),
    "token_expired": Kind(401, "This token has run out", "Ask for a new one."),
    "token_revoked": Kind(401, "This token was revoked", "Ask for a new one."),
    "session_ended": Kind(401, "The session of this launch has ended", "Open the activity from the course again."),
    "scope_missing": Kind(403, "This token may not do that", "Ask for a token with the scope that `detail` names."),
    "not_found": Kind(404, "There is nothing here", "Compare the address; it ends with a slash."),
    "method_not_allowed": Kind(405, "This can't be done here", "`Allow` names what can."),
    "not_acceptable": Kind(406, "We answer in JSON only", "Accept application/json."),
    "grade_none": Kind(409, "There is no grade to send", "The learner has not earned one yet."),
    "conflict": Kind(409, "That was done twice at once", "Nothing was changed. Look at what is there, then try again."),
    "too_large": Kind(413, "The body is too large", "64 KiB at most."),
    "unsupported_media_type": Kind(415, "We read JSON only", "Send Content-Type: application/json."),
    "key_reused": Kind(422, "This Idempotency-Key belongs to another request", "Use a new key for a new request."),
    "throttled": Kind(429, "Too many requests in this minute", "Wait as many seconds as Retry-After says."),
    "failed": Kind(500, "Something went wrong on our side", "Nothing was changed. Try again later."),
}
_BY_STATUS = {400: "invalid", 401: "not_authenticated", 403: "scope_missing", 404: "not_found"}
_BY_CLASS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ParseError, "malformed"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.NotAcceptable, "not_acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "throttled"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (PermissionDenied, "scope_missing"),
    (RequestDataTooBig, "too_large"),
    (SuspiciousOperation, "malformed"),
)


class Problem(exceptions.APIException):
    """A failure with one of KINDS."""

    def __init__(self, code: str, detail: str = "", **headers: str) -> None:
        self.kind = KINDS[code]
        self.status_code = self.kind.status
        self.problem_code = code
        self.headers = headers
        super().__init__(detail or self.kind.advice, code)


def respond(failure: Exception, context: dict[str, Any]) -> Response:
    """REST framework's EXCEPTION_HANDLER. What nobody expected is logged whole and told as nothing but a reference."""
    set_rollback()
    reference = references.for_page()
    code = _code_of(failure)
    kind = KINDS[code]
    if kind.status >= 500 or code == "conflict":
        log.error("api_failed", reference=reference, view=type(context.get("view")).__name__, exc_info=failure)
    else:
        log.info("api_refused", reference=reference, status=kind.status, code=code)
    body: dict[str, Any] = {
        "type": f"{settings.PUBLIC_URL}/api/v1/docs/#problem-{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": _words(failure, kind),
        "code": code,
        "reference": reference,
    }
    if isinstance(failure, exceptions.ValidationError):
        body["errors"] = list(_errors(failure.detail))
    return Response(body, status=kind.status, headers=_headers(failure), content_type=MEDIA_TYPE)


def _code_of(failure: Exception) -> str:
    if isinstance(failure, Problem):
        return failure.problem_code
    if is_conflict(failure):
        return "conflict"
    for kind, code in _BY_CLASS:
        if isinstance(failure, kind):
            return code
    if isinstance(failure, exceptions.APIException):
        return _BY_STATUS.get(failure.status_code, "failed")
    return "failed"


def _words(failure: Exception, kind: Kind) -> str:
    if isinstance(failure, Problem):
        return str(failure.detail)
    return kind.advice


def _errors(detail: Any, field: str = "") -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _errors(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _errors(inner, field)
    else:
        yield {"field": field, "detail": str(detail)}


def _headers(failure: Exception) -> dict[str, str]:
    headers = dict(getattr(failure, "headers", {}))
    if challenge := getattr(failure, "auth_header", None):
        headers.setdefault("WWW-Authenticate", challenge)
    return {name.replace("_", "-"): value for name, value in headers.items()}
