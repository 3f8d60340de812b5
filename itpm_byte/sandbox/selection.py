"""Choosing content: what this LMS asks the tool for, and how strictly it reads the answer (Deep Linking 2.0).

The return address carries a secret, as Moodle's session key does: nobody needs the LMS's cookie to come back from a
frame of another site.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from itpm_byte.sandbox.claims import of_every_message
from itpm_byte.sandbox.lms import Lms, PendingLaunch
from itpm_byte.sandbox.manners import CLAIM
from itpm_byte.sandbox.store import Link, Person
from itpm_byte.sandbox.tokens import KeysetUnreachable, TokenRefused, verified

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LONGEST_ANSWER = 600  # seconds

# What the LMSs ask for, apart from the return address. "data" is replaced by a fresh secret.
ASKS: dict[str, dict[str, Any]] = {
    "moodle": {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_multiple": True,
        "auto_create": False,
        "accept_copy_advice": False,
        "accept_unsigned": False,
        "can_confirm": False,
        "title": "ITPM Byte",
        "text": "",
    },
    "canvas": {
        "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
        "accept_presentation_document_targets": ["embed", "iframe", "window"],
        "accept_media_types": "image/*,text/html,application/vnd.ims.lti.v1.ltiResourceLink,*/*",
        "accept_multiple": True,
        "accept_lineitem": True,
        "auto_create": True,
        "data": "",
        "validation_context": None,
        "errors": {"errors": {}},
    },
    "blackboard": {
        "accept_types": ["ltiResourceLink", "link", "html", "image", "file"],
        "accept_presentation_document_targets": ["iframe", "window", "embed"],
        "accept_multiple": True,
        "data": "",
    },
    "d2l": {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": False,
        "accept_lineitem": True,
        "data": "",
    },
    "sakai": {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": "true",
        "accept_lineitem": "true",
        "data": "",
    },
    "openedx": {
        "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
        "accept_presentation_document_targets": ["iframe", "window", "embed"],
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": True,
    },
}


class AnswerRefused(Exception):
    """The tool's answer is not what this LMS takes; the text says why."""


@dataclass
class Selection:
    """One press on "Select content": who asks for which course, and what came back."""

    secret: str
    person: str  # Person.key
    course: str  # Course.key
    settings: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] | None = None  # None until the tool has answered
    message: str = ""


@dataclass
class PendingSelection(PendingLaunch):
    """The launch that goes with it."""

    selection: Selection = field(default_factory=lambda: Selection("", "", ""))


def begin(lms: Lms, person: Person, course: str) -> PendingSelection:
    secret = secrets.token_urlsafe(12)
    selection = Selection(secret, person.key, course)
    told = ASKS[lms.manner.name]
    back = f"{lms.url}/courses/{course}/add/return/?course={lms.store.courses[course].id}&sesskey={secret}"
    selection.settings = {**told, "deep_link_return_url": back}
    if "data" in told:
        selection.settings["data"] = f'csrftoken:{secrets.token_urlsafe(9)}&amp; "é"'
    hint = json.dumps({"launchid": f"ltilaunch_{secret}"}) if lms.manner.name == "moodle" else f"ey{secret}"
    pending = PendingSelection(hint=hint, person=person.key, link="", selection=selection)
    with lms.lock:
        lms.pending[hint] = pending
        lms.selections[secret] = selection
    return pending


def selection_claims(lms: Lms, pending: PendingSelection, *, nonce: str, now: int) -> dict[str, Any]:
    """All claims of an LtiDeepLinkingRequest, with the changes that a test asked for laid over them."""
    store, manner, registration = lms.store, lms.manner, lms.store.registration
    person, course = store.people[pending.person], store.courses[pending.selection.course]
    # Nothing of a link is told: there is none yet. Some of what LMSs say about one is about the person and the course.
    nowhere = Link(key="", course=course.key, id="", activity=0, title="")
    claims: dict[str, Any] = {
        **of_every_message(lms, person, course, nonce=nonce, now=now),
        **({"name": person.name} if registration.shares_names else {}),
        **manner.extra_claims(store, person, nowhere, lms.url),
        CLAIM + "message_type": "LtiDeepLinkingRequest",
        CLAIM + "tool_platform": {"guid": "sandbox", "name": "Sandbox LMS", "product_family_code": manner.product},
        DL + "deep_linking_settings": pending.selection.settings,
    }
    if manner.name == "moodle":
        # Measured: no way back but the answer's address.
        claims[CLAIM + "launch_presentation"].pop("return_url")
    claims |= pending.changes
    return {name: value for name, value in claims.items() if value is not None}


def take(lms: Lms, secret: str, token: str) -> Selection:
    """The selection with the items that the tool sent. Once. Raises AnswerRefused."""
    with lms.lock:
        selection: Selection | None = lms.selections.get(secret)
        if selection is None:
            raise AnswerRefused("This LMS asked for nothing under this key")
        if selection.items is not None:
            raise AnswerRefused("This was answered before")
        claims = _claims(lms, token)
        _check(lms, selection, claims)
        selection.items = claims[DL + "content_items"]
        selection.message = str(claims.get(DL + "msg", ""))
    return selection


def _claims(lms: Lms, token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256" or not header.get("kid"):
            raise AnswerRefused("JWT must be signed with RS256 and name its kid")
        return verified(lms, token, str(header["kid"]))
    except (jwt.PyJWTError, TokenRefused, KeysetUnreachable) as problem:
        raise AnswerRefused(f"JWT: {problem}") from problem


def _check(lms: Lms, selection: Selection, claims: Mapping[str, Any]) -> None:
    registration, now = lms.store.registration, lms.now().timestamp()
    audience = claims.get("aud")
    said = {
        "iss must be the client_id": claims.get("iss") == registration.client_id,
        "sub must be the client_id": claims.get("sub") == registration.client_id,
        "aud must be the issuer": audience in (lms.issuer, [lms.issuer]),
        "message_type": claims.get(CLAIM + "message_type") == "LtiDeepLinkingResponse",
        "version": claims.get(CLAIM + "version") == "1.3.0",
        "deployment_id": claims.get(CLAIM + "deployment_id") == registration.deployment_id,
        "data claim does not match": claims.get(DL + "data", "none") == selection.settings.get("data", "none"),
        "content_items": isinstance(claims.get(DL + "content_items"), list),
    }
    for problem, is_right in said.items():
        if not is_right:
            raise AnswerRefused(problem)
    begun, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(begun, int) or not isinstance(ends, int) or not begun <= now < ends <= begun + LONGEST_ANSWER:
        raise AnswerRefused("iat and exp must name the present few minutes")
    with lms.lock:
        if not claims.get("nonce") or claims["nonce"] in lms.seen_jtis:
            raise AnswerRefused("nonce is missing or was used before")
        lms.seen_jtis.add(claims["nonce"])
    _check_items(lms, selection, claims[DL + "content_items"])


def _check_items(lms: Lms, selection: Selection, items: list[Any]) -> None:
    asked = selection.settings
    if len(items) > 1 and str(asked.get("accept_multiple")).lower() != "true":
        raise AnswerRefused("One item only")
    for item in items:
        if not isinstance(item, dict) or item.get("type") not in asked["accept_types"]:
            raise AnswerRefused("An item of a type that was not asked for")
        if None in item.values() or {} in item.values():
            raise AnswerRefused("An item with an empty property")
        # Brightspace takes no other address than the registered one, not even another query.
        if item.get("url", lms.store.registration.target_link_uri) != lms.store.registration.target_link_uri:
            raise AnswerRefused("The item's url is not the tool's")
        if not all(isinstance(value, str) for value in item.get("custom", {}).values()):
            raise AnswerRefused("custom must hold strings")
        line_item = item.get("lineItem")
        if line_item is not None and not _is_number_above_nought(line_item.get("scoreMaximum")):
            raise AnswerRefused("lineItem.scoreMaximum must be a number above 0")
        for period in (item.get("available", {}), item.get("submission", {})):
            if not all(str(time).endswith("Z") or "+" in str(time) for time in period.values()):
                raise AnswerRefused("Times must say their zone")


def _is_number_above_nought(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and value > 0
