"""A teacher chooses activities: what the LMS asked for, kept for its launch, and the one answer to it (DL-01 to DL-19).

The request lives as long as its launch. Nothing is signed but what the caller stored for that launch (SEC-13).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from lti import protocol, secrets
from lti.claims import Claims
from lti.deep_linking import LIFETIME, Item, is_true
from lti.errors import LaunchRefused
from lti.framing import is_of_lms, origin_of
from lti.models import DeepLinkingRequest, Launch

RESOURCE_LINK = "ltiResourceLink"


class NothingAsked(Exception):
    """This launch did not ask for a choice of activities."""


@dataclass(frozen=True)
class Wish:
    """What the LMS takes, as its settings say (DL-01, DL-03). `settings` are those that came, to the letter."""

    settings: Mapping[str, Any]

    @property
    def return_url(self) -> str:
        return str(self.settings["deep_link_return_url"])

    @property
    def takes_activities(self) -> bool:
        """Some places of an LMS take only files or pages; an activity there could not be opened or graded."""
        return RESOURCE_LINK in self.settings["accept_types"]

    @property
    def takes_several(self) -> bool:
        return is_true(self.settings.get("accept_multiple"))

    @property
    def takes_grades(self) -> bool:
        """Silence is no refusal: Moodle says nothing and makes the column."""
        said = self.settings.get("accept_lineitem")
        return said is None or is_true(said)

    @property
    def targets(self) -> tuple[str, ...]:
        """Of iframe and window, what the LMS leaves to us."""
        told = self.settings["accept_presentation_document_targets"]
        return tuple(name for name in ("iframe", "window") if name in told)


@dataclass(frozen=True)
class Answer:
    """`form` is safe HTML: it posts the signed answer to the LMS. After `expires_at` no LMS takes it."""

    form: str
    answered_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return now >= self.answered_at + LIFETIME


@dataclass(frozen=True)
class Asked:
    """`answer` is None as long as nothing was sent back."""

    wish: Wish
    answer: Answer | None


def keep(launch: Launch, claims: Claims) -> DeepLinkingRequest:
    """Store what this launch asks for. Raises LaunchRefused: not_an_author, deep_link_return, message_type."""
    if claims.deep_linking is None:
        raise LaunchRefused("message_type", detail=claims.message_type)
    if not launch.may_author:
        raise LaunchRefused("not_an_author", detail=launch.current_role)
    url = Wish(claims.deep_linking).return_url
    if not is_of_lms(url, launch.deployment.registration, claims.return_url):
        raise LaunchRefused("deep_link_return", detail=origin_of(url))
    return DeepLinkingRequest.objects.create(
        launch=launch,
        settings_encrypted=secrets.encrypt(json.dumps(claims.deep_linking)),
        return_origin=origin_of(url),
    )


def asked(launch: Launch) -> Asked:
    """What this launch asked for, and what was answered. One query. Raises NothingAsked."""
    request = _of(launch)
    return Asked(_wish(request), _answer(request))


def answer(launch: Launch, choose: Callable[[], Sequence[Item]], *, message: str = "", now: datetime) -> Answer:
    """Sign the answer, once: whoever comes second gets the first one's, and `choose` is not called for them.

    `choose` stores the picks and names their items, inside the same transaction. No items: nothing was chosen (DL-05).
    Raises NothingAsked, MultipleNotAccepted.
    """
    with transaction.atomic():
        request = _of(launch, is_locked=True)
        if answered := _answer(request):
            return answered
        deployment = launch.deployment
        form = protocol.deep_linking_response(
            deployment.registration,
            deployment.deployment_id,
            _wish(request).settings,
            choose(),
            message=message,
            now=now,
        )
        request.answer_encrypted, request.answered_at = secrets.encrypt(form), now
        request.save(update_fields=["answer_encrypted", "answered_at"])
    return Answer(form, now)


def _of(launch: Launch, *, is_locked: bool = False) -> DeepLinkingRequest:
    rows = DeepLinkingRequest.objects.select_for_update() if is_locked else DeepLinkingRequest.objects.all()
    try:
        return rows.get(launch=launch)
    except DeepLinkingRequest.DoesNotExist:
        raise NothingAsked from None


def _wish(request: DeepLinkingRequest) -> Wish:
    return Wish(json.loads(secrets.decrypt(request.settings_encrypted)))


def _answer(request: DeepLinkingRequest) -> Answer | None:
    if request.answered_at is None:
        return None
    return Answer(secrets.decrypt(request.answer_encrypted), request.answered_at)
