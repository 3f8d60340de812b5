"""Notices of the LMS itself (Platform Notification Service, OTH-09): that a course was copied.

Anybody can post to us (SEC-19): a notice counts only when it is signed by the LMS it says it is from, for us, for a
deployment we know. It is written down once, by its id; what follows from it a worker does. It only hastens what
launches tell anyway.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from lti import addresses, id_tokens, keysets, scopes, values
from lti.claims import LTI
from lti.errors import ClaimInvalid, LaunchRefused
from lti.models import Context, Deployment, Notice, Registration
from lti.offers import CONTEXT_COPY
from lti.outcomes import ServiceProblem, Verdict, judge
from lti.services import Services, hosts_of

MAX_BATCH = 20
ASK_EVERY = timedelta(days=7)
ASK_AT_MOST_EVERY = timedelta(hours=1)
MOST_ORIGINS = 20

log = structlog.get_logger("lti.notices")


class NoticeRefused(Exception):
    """A notice that we don't believe. `reason` is for the log; it holds nothing of the notice."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# --- asking to be told


def ask(deployment: Deployment, url: str, *, now: datetime) -> bool:
    """Ring for registering our address with the LMS, if that is due: when the address is new, and once a week."""
    asked, is_known = deployment.notices_asked_at, deployment.notices_url == url
    if asked is not None and asked > now - (ASK_EVERY if is_known else ASK_AT_MOST_EVERY):
        return False
    mine = Deployment.objects.filter(pk=deployment.pk, notices_asked_at=asked)
    if not mine.update(notices_asked_at=now, notices_url=url):
        return False
    deployment.notices_asked_at, deployment.notices_url = now, url
    transaction.on_commit(partial(register.enqueue, deployment.pk), robust=True)
    return True


@task
def register(deployment_id: int) -> str:
    """Tell the LMS where notices of copied courses go. The answer is a word for the task's record."""
    now = timezone.now()
    deployment = Deployment.objects.select_related("registration").filter(pk=deployment_id).first()
    if deployment is None or not deployment.notices_url:
        return "nothing to ask"
    hosts = hosts_of(deployment.registration, [deployment.notices_url])
    services = Services(deployment, [scopes.NOTICE_HANDLERS], hosts, now)
    wish = {"notice_type": CONTEXT_COPY, "handler": addresses.notices_url(), "max_batch_size": MAX_BATCH}
    try:
        answer = services.call(
            "PUT",
            deployment.notices_url,
            wants=[scopes.NOTICE_HANDLERS],
            accept="application/json",
            content_type="application/json",
            content=wish,
        )
        outcome = judge(answer.status, answer.headers, answer.body, now=now)
    except ServiceProblem as problem:
        outcome = problem.outcome
    code = "" if outcome.verdict is Verdict.SENT else outcome.code
    Deployment.objects.filter(pk=deployment.pk).update(notices_error=code)
    log.info("lti.notices_asked_for", deployment=deployment.pk, code=code, status=outcome.status)
    return code or "registered"


# --- being told


@dataclass(frozen=True)
class Told:
    """A notice whose signature is good."""

    deployment: Deployment
    id: str
    type: str
    kept: dict[str, Any]


def receive(token: str, *, now: datetime) -> bool:
    """Check a notice and write it down; a worker does the rest. False: it was here before.

    Raises NoticeRefused, and KeyUnknown for one that only `check_later` can check: nobody who posts to us can make us
    ask an LMS for its keys and wait.
    """
    return _write_down(verified(token, now=now, may_ask=False), now=now)


@task
def check_later(token: str) -> str:
    """Check a notice whose key was not known. The answer is a word for the task's record."""
    now = timezone.now()
    try:
        told = verified(token, now=now, may_ask=True)
    except NoticeRefused as refused:
        log.warning("lti.notice_refused", reason=refused.reason)
        return refused.reason
    return "written down" if _write_down(told, now=now) else "known"


def verified(token: str, *, now: datetime, may_ask: bool) -> Told:
    """All that a launch's token is checked for, but state, nonce and user (OTH-09). Raises NoticeRefused.

    `may_ask`: an unknown key may be asked for (at most once a minute, SEC-16); else it raises KeyUnknown.
    """
    try:
        registration = _registration(token)
        header = id_tokens.read_header(token, registration)
        key = keysets.known_key(registration, header.kid, header.algorithm)
        if key is None and not may_ask:
            raise KeyUnknown
        body = id_tokens.verify(token, header, key or id_tokens.public_key(header, registration, now=now))
        if body.get("iss") != registration.issuer:
            raise NoticeRefused("issuer")
        id_tokens.check_audience(body, registration)
        id_tokens.check_times(body, now=now)
        return _told(body, registration)
    except LaunchRefused as refused:
        raise NoticeRefused(refused.reason) from refused
    except ClaimInvalid as invalid:
        raise NoticeRefused(invalid.reason) from invalid


class KeyUnknown(Exception):
    """The stored key set of this LMS has no such key."""


def _registration(token: str) -> Registration:
    """By what the token says unsigned: only to select the keys that may have signed it (CORE-15)."""
    if len(token) > id_tokens.MAX_LENGTH or token.count(".") != 2:
        raise NoticeRefused("token_malformed")
    try:
        body = json.loads(id_tokens.decoded(token.split(".")[1]))
    except (ValueError, RecursionError):
        raise NoticeRefused("token_malformed") from None
    said = body if isinstance(body, dict) else {}
    audience = said.get("aud")
    clients = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    clients = [client for client in clients[:20] if isinstance(client, str) and values.is_storable(client)]
    issuer = said.get("iss")
    if not isinstance(issuer, str) or not values.is_storable(issuer):
        raise NoticeRefused("not_lti")
    found = Registration.objects.filter(issuer=issuer, client_id__in=clients, status=Registration.Status.ACTIVE)
    registration = found.order_by("pk").first()
    if registration is None:
        raise NoticeRefused("platform_unknown")
    return registration


def _told(body: Mapping[str, Any], registration: Registration) -> Told:
    if body.get(LTI + "version") != "1.3.0":
        raise NoticeRefused("version")
    deployment_id = values.identifier(body.get(LTI + "deployment_id"), "deployment", is_ascii=True)
    deployment = Deployment.objects.filter(
        registration=registration, deployment_id=deployment_id, status=Deployment.Status.ACTIVE
    ).first()
    if deployment is None:
        raise NoticeRefused("deployment_unknown")
    notice = values.as_object(body.get(LTI + "notice"))
    notice_id = values.identifier(notice.get("id"), "notice")
    notice_type = values.text(notice.get("type"), 80)
    return Told(deployment, notice_id, notice_type, _kept(body) if notice_type == CONTEXT_COPY else {})


def _write_down(told: Told, *, now: datetime) -> bool:
    """Once, by its id: LMSs may send a notice again, and an attacker may replay it."""
    notice, is_new = Notice.objects.get_or_create(
        deployment=told.deployment,
        notice_id=told.id,
        defaults={"notice_type": told.type, "told": told.kept, "received_at": now},
    )
    if is_new:
        log.info("lti.notice_received", notice=notice.pk, type=told.type if told.type == CONTEXT_COPY else "other")
        transaction.on_commit(partial(handle.enqueue, notice.pk), robust=True)
    return is_new


def _kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """Of a copied course what we use. Raises ClaimInvalid."""
    context = values.as_object(body.get(LTI + "context"))
    origins = body.get(LTI + "origin_contexts")
    listed = origins if isinstance(origins, list) else []
    usable = [origin for origin in listed if isinstance(origin, str) and 0 < len(origin) <= values.ID_LENGTH]
    return {
        "context": {
            "id": values.identifier(context.get("id"), "context"),
            "title": values.text(context.get("title"), 500),
            "label": values.text(context.get("label"), 255),
        },
        "origins": [origin for origin in usable if values.is_storable(origin)][:MOST_ORIGINS],
    }


# --- what follows


@task
def handle(notice_id: int) -> str:
    """Remember what a new course was copied from. The answer is a word for the task's record."""
    return remember(notice_id, now=timezone.now())


def remember(notice_id: int, *, now: datetime) -> str:
    """Write the origins onto the course, made if nobody launched there yet. Origins that we don't know don't count."""
    with transaction.atomic():
        notice = Notice.objects.select_for_update(of=("self",)).select_related("deployment").get(pk=notice_id)
        if notice.handled_at is not None:
            return "known"
        if notice.told:
            _remember_origins(notice)
        notice.handled_at = now
        notice.save(update_fields=["handled_at"])
    return "remembered" if notice.told else "nothing to do"


def _remember_origins(notice: Notice) -> None:
    said, origins = notice.told["context"], notice.told["origins"]
    known = set(
        Context.objects.filter(deployment=notice.deployment, context_id__in=origins).values_list(
            "context_id", flat=True
        )
    )
    if strangers := len(set(origins) - known):
        log.warning("lti.origins_unknown", deployment=notice.deployment.pk, notice=notice.pk, strangers=strangers)
    names = {name: said[name] for name in ("title", "label")}
    context, _is_new = Context.objects.get_or_create(
        deployment=notice.deployment, context_id=said["id"], defaults=names
    )
    kept = [origin for origin in origins if origin in known and origin != context.context_id]
    merged = list(dict.fromkeys([*kept, *context.origin_ids]))[:MOST_ORIGINS]
    if merged != context.origin_ids:
        Context.objects.filter(pk=context.pk).update(origin_ids=merged)
