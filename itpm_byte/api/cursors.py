"""Where the next page begins: sealed, so that nobody builds on what is inside or asks for what no page said."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing

from itpm_byte.api.problems import Problem

_SALT = "itpm_byte.api.cursor"


@dataclass(frozen=True)
class Cursor:
    """`after` as insight.feeds.Page says it; `synced_until` was worked out when the first page was read."""

    after: tuple[Any, ...]
    synced_until: datetime


def seal(cursor: Cursor, *, asked: str) -> str:
    return signing.dumps(
        [asked, [_plain(value) for value in cursor.after], cursor.synced_until.isoformat()], salt=_SALT
    )


def unseal(text: str, *, asked: str) -> Cursor:
    """Raises Problem for a text that is not ours, or that belongs to another question."""
    try:
        of, after, synced_until = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError) as foreign:
        raise Problem("cursor_invalid") from foreign
    if of != asked:
        raise Problem("cursor_invalid", "The cursor belongs to other filters. Change none while you follow `next`.")
    return Cursor(tuple(_value(value) for value in after), datetime.fromisoformat(synced_until))


def fingerprint(path: str, institution: int, asked: Mapping[str, str]) -> str:
    """Of one question: its address, its filters, and whose data it is about."""
    text = repr([path, institution, sorted(asked.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _value(value: Any) -> Any:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
