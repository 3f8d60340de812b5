"""Where LMSs post notices: open to the whole internet, so small, quick and wary (SEC-19)."""

import json
from datetime import datetime

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lti import callers
from lti.courses import misses, notices
from lti.courses.notices import MAX_BATCH, KeyUnknown, NoticeRefused

MAX_BYTES = 128 * 1024
log = structlog.get_logger("lti.notices")


@csrf_exempt  # no cookie counts here: each notice is signed by its LMS
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """{"notices": [{"jwt": …}, …]}, at most MAX_BATCH: 202 when something in it was believed, quickly."""
    now, address = timezone.now(), callers.network_of(request)
    if misses.are_too_many(address, now=now):
        return _answer(429, retry_after=misses.seconds_left(now))
    tokens = _tokens(request)
    if isinstance(tokens, int):
        misses.add(address, now=now)
        return _answer(tokens)
    taken = sum(_take(token, address, now=now) for token in tokens)
    return _answer(202 if taken or not tokens else 401, taken=taken)


def _take(token: str, address: str, *, now: datetime) -> bool:
    try:
        notices.receive(token, now=now)
    except NoticeRefused as refused:
        reason = refused.reason
    except KeyUnknown:
        # Perhaps the LMS has a new key; perhaps somebody fills our queue. So few of these a minute, from wherever.
        if not misses.are_too_many(misses.NEW_KEYS, now=now):
            misses.add(misses.NEW_KEYS, now=now)
            notices.check_later.enqueue(token)
            return True
        reason = "kid_unknown"
    else:
        return True
    misses.add(address, now=now)
    log.warning("lti.notice_refused", reason=reason)
    return False


def _tokens(request: HttpRequest) -> list[str] | int:
    """The tokens, or the status to refuse with."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return 413
    try:
        sent = json.loads(request.body)
    except RequestDataTooBig:
        return 413
    except (ValueError, RecursionError):
        return 400
    rows = sent.get("notices") if isinstance(sent, dict) else None
    if not isinstance(rows, list):
        return 400
    if len(rows) > MAX_BATCH:
        return 413
    tokens = [row.get("jwt") if isinstance(row, dict) else None for row in rows]
    return [token for token in tokens if isinstance(token, str)] if all(isinstance(t, str) for t in tokens) else 400


def _answer(status: int, *, taken: int = 0, retry_after: int = 0) -> HttpResponse:
    response = JsonResponse({"accepted": taken}, status=status)
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
