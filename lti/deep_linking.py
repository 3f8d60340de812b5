"""The answer to a deep-linking request: items, the signed message, the form that carries it (DL-10 to DL-19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from lti import keys
from lti.models import Registration

LIFETIME = timedelta(minutes=5)
_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


class MultipleNotAccepted(ValueError):
    """The LMS takes one item only (DL-03)."""


@dataclass(frozen=True)
class Item:
    """A link to an activity (DL-14). "" and None are left out of the message, never sent as null."""

    url: str
    title: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    icon: Mapping[str, Any] | None = None
    thumbnail: Mapping[str, Any] | None = None
    window: Mapping[str, Any] | None = None
    iframe: Mapping[str, Any] | None = None
    score_maximum: Decimal | None = None
    """With points the LMS makes a grade column, unless it said that it takes none."""
    resource_id: str = ""
    tag: str = ""
    reviewable: Sequence[str] = ()
    """At which activity progress the gradebook may lead to the work (OTH-10); the launch goes to the usual address."""
    is_grade_released: bool | None = None
    available_from: datetime | None = None
    available_until: datetime | None = None
    submission_from: datetime | None = None
    submission_until: datetime | None = None


def message(
    registration: Registration,
    deployment_id: str,
    settings: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    text: str = "",
    now: datetime,
) -> dict[str, Any]:
    """The claims of an LtiDeepLinkingResponse with these JSON items; without any, nothing was chosen (DL-05).

    `data` goes back as it came, and only if it came (DL-12). Raises MultipleNotAccepted.
    """
    if len(items) > 1 and not is_true(settings.get("accept_multiple")):
        raise MultipleNotAccepted
    body: dict[str, Any] = {
        "iss": registration.client_id,
        # Blackboard wants it (DL-10).
        "sub": registration.client_id,
        "aud": registration.issuer,
        "azp": registration.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "nonce": token_urlsafe(24),
        _LTI + "message_type": "LtiDeepLinkingResponse",
        _LTI + "version": "1.3.0",
        _LTI + "deployment_id": deployment_id,
        _DL + "content_items": [_accepted(item, settings) for item in items],
    }
    if settings.get("data") is not None:
        body[_DL + "data"] = settings["data"]
    if text:
        body[_DL + "msg"] = text
    return body


def content_item(item: Item) -> dict[str, Any]:
    """One ltiResourceLink as JSON object (DL-14)."""
    said = {
        "type": "ltiResourceLink",
        "url": item.url,
        "title": item.title,
        "text": item.text,
        "icon": dict(item.icon or {}),
        "thumbnail": dict(item.thumbnail or {}),
        "window": dict(item.window or {}),
        "iframe": dict(item.iframe or {}),
        "custom": dict(item.custom),
        "lineItem": _line_item(item) if item.score_maximum else {},
        "available": _period(item.available_from, item.available_until),
        "submission": _period(item.submission_from, item.submission_until),
    }
    return {name: value for name, value in said.items() if value}


def encode(body: dict[str, Any], *, now: datetime) -> str:
    return keys.sign(body, now)


def form(return_url: str, jwt: str) -> str:
    """A form that a module of the page sends by itself, with a button for browsers without JavaScript (DL-19)."""
    return format_html(
        '<form id="lti-deep-link" method="post" action="{}"><input type="hidden" name="JWT" value="{}">'
        '<button type="submit">{}</button></form>',
        return_url,
        jwt,
        _("Continue to your course"),
    )


def is_true(value: Any) -> bool:
    """LMSs write booleans as words, too (DL-01)."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _accepted(item: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Without a grade column where the LMS says that it takes none; silence means nothing (DL-03)."""
    takes_grades = settings.get("accept_lineitem") is None or is_true(settings["accept_lineitem"])
    return {name: value for name, value in item.items() if takes_grades or name != "lineItem"}


def _line_item(item: Item) -> dict[str, Any]:
    assert item.score_maximum is not None
    said = {"label": item.title, "resourceId": item.resource_id, "tag": item.tag}
    whole = int(item.score_maximum)
    line_item: dict[str, Any] = {"scoreMaximum": whole if whole == item.score_maximum else float(item.score_maximum)}
    line_item |= {name: value for name, value in said.items() if value}
    if item.reviewable:
        line_item["submissionReview"] = {"reviewableStatus": list(item.reviewable)}
    if item.is_grade_released is not None:
        line_item["gradesReleased"] = item.is_grade_released
    return line_item


def _period(begins: datetime | None, ends: datetime | None) -> dict[str, str]:
    """With zone, else each LMS guesses its own (DL-17)."""
    times = {"startDateTime": begins, "endDateTime": ends}
    return {name: time.astimezone(UTC).isoformat().replace("+00:00", "Z") for name, time in times.items() if time}
