"""The session in the frame: which launch this request belongs to, and whether this browser may use it (CK-20 to 26).

Every address of a session carries the launch id, which is no secret. The proof is a cookie of that launch's own, or
the same sealed text as a bearer token where the browser refuses cookies. Doors use `launch_required`.
"""

import functools
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from lti import cookies, login_pages, registrations
from lti.csrf import protected_by_proof
from lti.framing import framed, posting_to
from lti.models import Deployment, Launch, Registration
from lti.prepared import Prepared
from lti.proofs import Proof, hash_secret, is_secret_of, new_secret, person_key, unseal

COOKIE_PREFIX = "__Host-lti_launch_"
# Browsers keep 10 KiB of cookies for one partition, and web servers take 8 KB of them in one request.
MAX_COOKIES = 8
MAX_COOKIE_BYTES = 6000
# A session that is used goes on, but not for ever: after that many times its length a new launch is due.
LONGEST = 3
WORTH_WRITING = timedelta(minutes=10)

Reason = Literal["missing", "foreign", "expired", "ended"]

log = structlog.get_logger(__name__)


class SessionEnded(Exception):
    """This request may not use this launch's session. `launch` is set when the proof was genuine."""

    def __init__(self, reason: Reason, *, return_url: str = "", launch: Launch | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.return_url = return_url
        self.launch = launch


def resolve(request: HttpRequest, launch_id: UUID, *, now: datetime | None = None, is_use: bool = True) -> Launch:
    """The launch this request may act for, with deployment, registration, institution, user, course and link loaded.

    One SELECT; an UPDATE only when the session gains more than ten minutes by this use (`is_use`). Raises SessionEnded.
    A caller outside `launch_required` must check CSRF itself unless `is_bearer(request)`.
    """
    now = now or timezone.now()
    proof = _shown_proof(request, launch_id)
    launch = _stored(launch_id)
    if launch is None:
        raise SessionEnded("expired", return_url=proof.return_url)
    if not is_secret_of(proof.secret, launch.proof_hash):
        raise SessionEnded("foreign")
    if launch.ended_at is not None or not _is_open_to_us(launch):
        raise SessionEnded("ended", return_url=proof.return_url, launch=launch)
    if launch.expires_at <= now:
        raise SessionEnded("expired", return_url=proof.return_url, launch=launch)
    if is_use:
        _extend(launch, now)
    return launch


def return_url(request: HttpRequest, launch: Launch) -> str:
    """The way back to the course, "" if the LMS named none. From the proof; never log or store it."""
    try:
        return _shown_proof(request, launch.pk).return_url
    except SessionEnded:
        return ""


def can_go_on(launch: Launch, *, now: datetime) -> bool:
    """Whether using the session now makes it last longer: it goes on for as long as it is used, but not for ever."""
    return _wanted_end(launch, now) - launch.expires_at > WORTH_WRITING


def is_bearer(request: HttpRequest) -> bool:
    """The request carries a bearer token. Only our own page can add one, so it needs no CSRF token (CK-24)."""
    return "HTTP_AUTHORIZATION" in request.META


def launch_required[**P](view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For views of doors at addresses with `<uuid:launch_id>`: view(request, launch, ...).

    Answers in the language of the launch, lets the LMS frame the page, forbids caching, and checks CSRF when a cookie
    is the proof. Without a fit proof the view is not called: a calm page (401) says what to do.
    """
    guarded = protected_by_proof(view)

    @csrf_exempt
    @functools.wraps(view)
    def with_launch(request: HttpRequest, launch_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            launch = resolve(request, launch_id, now=timezone.now())
        except SessionEnded as ended:
            return answer_ended(request, launch_id, ended)
        with translation.override(language_of(launch)):
            response = guarded(request, launch, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return framed(response, launch.deployment.registration, return_url=return_url(request, launch))

    return with_launch


def answer_ended(request: HttpRequest, launch_id: UUID, ended: SessionEnded) -> HttpResponse:
    """The calm page for a request without a session; the shell when a page may still hold a bearer token."""
    log.info("session_refused", reason=ended.reason, launch=str(launch_id))
    if ended.reason == "missing" and _is_navigation(request):
        beside = ("deployment__registration", "login", "deep_linking")
        launch = Launch.objects.select_related(*beside).filter(pk=launch_id).first()
        target = launch.login.storage_target if launch and launch.login else ""
        shell = login_pages.shell(launch_id, launch.deployment.registration if launch else None, target)
        wish = getattr(launch, "deep_linking", None)
        return posting_to(shell, wish.return_origin) if wish else shell
    if ended.reason == "missing" and (launch := _stored(launch_id)) and launch.ended_at is not None:
        # A page left open: its cookie went when somebody else launched in this browser, and now it asks why.
        ended = SessionEnded("ended", launch=launch)
    with translation.override(language_of(ended.launch)):
        registration = ended.launch.deployment.registration if ended.launch else None
        # The cookie stays: it holds the way back to the course, for as often as the person asks.
        return login_pages.session_ended(ended.reason, registration, return_url=ended.return_url)


def language_of(launch: Launch | None) -> str:
    """The launch's language if we speak it, else what the browser asked for (OTH-01)."""
    return spoken(launch.locale if launch else "")


def spoken(locale: str) -> str:
    """Our language for an LMS's locale: `fr-CA`, `fr_ca` and `fr` are French; unknown ones leave things as they are."""
    try:
        return translation.get_supported_language_variant(locale.replace("_", "-").lower())
    except LookupError:
        return translation.get_language() or settings.LANGUAGE_CODE


# --- opening


def new_proof(launch: Launch, *, issuer: str, secret: str, return_url: str, now: datetime) -> Proof:
    """What the browser is given. `launch.proof_hash` must be, or become, the secret's hash."""
    return Proof(
        launch_id=launch.pk,
        person=person_key(issuer, launch.user.sub),
        secret=secret,
        issued_at=int(now.timestamp()),
        return_url=return_url,
    )


def open_session(launch: Launch, *, return_url: str, now: datetime) -> Proof | None:
    """Open the session of a launch that was recorded unproven; None if it is open already. Once, across processes."""
    secret = new_secret()
    unproven = Launch.objects.filter(pk=launch.pk, proof_hash="", ended_at=None, expires_at__gt=now)
    if not unproven.update(proof_hash=hash_secret(secret)):
        return None
    issuer = launch.deployment.registration.issuer
    return new_proof(launch, issuer=issuer, secret=secret, return_url=return_url, now=now)


def hand_over(request: HttpRequest, response: HttpResponse, proof: Proof, *, sealed: str, now: datetime) -> None:
    """Give this browser the launch's cookie; end what somebody else left open in it; keep the cookies few."""
    held = _held_proofs(request)
    end_others(response, proof, held.values(), now=now)
    for name in request.COOKIES.keys() - held.keys():
        if name.startswith(COOKIE_PREFIX):
            cookies.forget(response, name)
    own = {name: old for name, old in held.items() if old.person == proof.person and old.launch_id != proof.launch_id}
    for name in _surplus(request, own, room=MAX_COOKIE_BYTES - len(sealed)):
        cookies.forget(response, name)
    cookies.keep(response, cookie_name(proof.launch_id), sealed)


def end_others(response: HttpResponse, proof: Proof, held: Iterable[Proof], *, now: datetime) -> None:
    """Another person launches in this browser: the sessions of whoever sat here before are over (CK-23, SEC-12)."""
    others = [old for old in held if old.person != proof.person]
    if not others:
        return
    Launch.objects.filter(pk__in=[old.launch_id for old in others], ended_at=None).update(ended_at=now)
    for old in others:
        cookies.forget(response, cookie_name(old.launch_id))


def cookie_name(launch_id: UUID) -> str:
    return COOKIE_PREFIX + launch_id.hex


def is_cookie_kept(request: HttpRequest, launch_id: UUID) -> bool:
    """Did this launch's cookie come back? Says nothing about whether the session is open."""
    return cookie_name(launch_id) in request.COOKIES


# --- reading


def _shown_proof(request: HttpRequest, launch_id: UUID) -> Proof:
    """The proof for this launch; a bearer token, when sent, is the only thing that counts."""
    known: Proof | None = getattr(request, "_lti_proof", None)
    if known is not None and known.launch_id == launch_id:
        return known
    if is_bearer(request):
        scheme, _, sealed = request.headers["Authorization"].partition(" ")
        sealed = sealed.strip() if scheme.lower() == "bearer" else ""
    else:
        sealed = request.COOKIES.get(cookie_name(launch_id), "")
        if not sealed:
            raise SessionEnded("missing")
    proof = unseal(sealed)
    if proof is None or proof.launch_id != launch_id:
        raise SessionEnded("foreign")
    request._lti_proof = proof  # type: ignore[attr-defined]  # opening the seal twice would cost as much as a query
    return proof


_BESIDE = ("deployment__registration", "deployment__institution", "user", "membership__context", "resource_link")
_OF_DEPLOYMENT = ("notices_url", "notices_asked_at", "notices_error")
_OF_COURSE = (
    *("roster_asked_at", "roster_synced_at", "roster_complete_at", "roster_error", "roster_differences_url"),
    *("origin_ids", "memberships_url", "groups_url", "group_sets_url"),
)
_LEFT_OUT = (
    *(f"deployment__registration__{name}" for name in registrations.SELDOM_READ),
    *(f"deployment__{name}" for name in _OF_DEPLOYMENT),
    *(f"membership__context__{name}" for name in _OF_COURSE),
    *("membership__last_launch_at", "membership__roster_seen_at", "membership__updated_at"),
    "user__updated_at",
)
_launches = Prepared(
    lambda pk: Launch.objects.select_related(*_BESIDE).defer(*_LEFT_OUT).filter(pk=pk), pk=Launch._meta.pk
)


def _stored(launch_id: UUID) -> Launch | None:
    return _launches.first(pk=launch_id)


def _is_open_to_us(launch: Launch) -> bool:
    """Switching off a registration or a deployment counts at once, not at the next launch."""
    deployment = launch.deployment
    return (
        deployment.status == Deployment.Status.ACTIVE and deployment.registration.status == Registration.Status.ACTIVE
    )


def _wanted_end(launch: Launch, now: datetime) -> datetime:
    length = timedelta(hours=settings.LTI_SESSION_HOURS)
    return min(now + length, launch.created_at + LONGEST * length)


def _extend(launch: Launch, now: datetime) -> None:
    if can_go_on(launch, now=now):
        wanted = _wanted_end(launch, now)
        Launch.objects.filter(pk=launch.pk, expires_at__lt=wanted).update(expires_at=wanted)
        launch.expires_at = wanted


def _held_proofs(request: HttpRequest) -> dict[str, Proof]:
    """Every launch cookie of this browser that we sealed, by cookie name."""
    sealed = {name: value for name, value in request.COOKIES.items() if name.startswith(COOKIE_PREFIX)}
    proofs = {name: unseal(value) for name, value in sealed.items()}
    return {name: proof for name, proof in proofs.items() if proof is not None}


def _surplus(request: HttpRequest, held: dict[str, Proof], *, room: int) -> list[str]:
    """Names of the oldest cookies that no longer fit beside the new one."""
    surplus = []
    newest_first = sorted(held, key=lambda name: held[name].issued_at, reverse=True)
    for place, name in enumerate(newest_first, start=2):
        room -= len(request.COOKIES[name])
        if place > MAX_COOKIES or room < 0:
            surplus.append(name)
    return surplus


def _is_navigation(request: HttpRequest) -> bool:
    """A page is being opened, not fetched by a script of ours."""
    if request.method not in {"GET", "HEAD"} or "HX-Request" in request.headers:
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") != "empty"
