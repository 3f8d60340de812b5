"""A deed that is sent twice is done once: its answer is kept with the deed, and given again for the same request."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from itpm_byte.api.models import ApiToken, KeptAnswer
from itpm_byte.api.problems import Problem
from lti.prepared import insert_unless_there

KEPT = timedelta(hours=24)
KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Answered:
    status: int
    body: Mapping[str, Any]
    is_replay: bool


def once(
    token: ApiToken,
    key: str | None,
    request: tuple[str, str, Any],
    deed: Callable[[], tuple[int, Any]],
    *,
    now: datetime,
) -> Answered:
    """Do the deed, or tell what it answered before. `request`: method, path and body; `deed` answers status and body.

    One transaction: a deed that fails keeps no answer and may be tried again with the same key. Of two at the same time
    the second waits for the first. Raises Problem, and whatever the deed raises.
    """
    if key is None or not KEY.fullmatch(key):
        raise Problem("key_missing")
    with transaction.atomic():
        KeptAnswer.objects.filter(token=token, key=key, created_at__lte=now - KEPT).delete()
        mine = KeptAnswer(token=token, key=key, request_hash=_hash(request), created_at=now)
        if not insert_unless_there(mine):
            return _again(token, key, _hash(request))
        status, body = deed()
        KeptAnswer.objects.filter(token=token, key=key).update(status=status, body=body)
    return Answered(status, body, is_replay=False)


def prune(*, now: datetime) -> int:
    """Forget answers that nobody may ask for any more. How many."""
    forgotten, _ = KeptAnswer.objects.filter(created_at__lte=now - KEPT).delete()
    return forgotten


def _again(token: ApiToken, key: str, request_hash: str) -> Answered:
    kept = KeptAnswer.objects.get(token=token, key=key)
    if kept.request_hash != request_hash:
        raise Problem("key_reused")
    return Answered(kept.status or 200, kept.body or {}, is_replay=True)


def _hash(request: tuple[str, str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
