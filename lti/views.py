"""Login, launch and confirmation: the way in from the LMS. Each refusal is one calm page and one line in the log."""

import functools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_safe

from lti import cookies, keys, launch, login_pages, metrics, protocol, references, refusals, sessions
from lti.answers import SeeOther
from lti.durability import begun_anew_otherwise
from lti.errors import LaunchRefused
from lti.framing import framed, posting_to
from lti.models import Launch, Login, Registration
from lti.proofs import Proof, Ticket, hash_secret, is_secret_of, new_secret, seal, seal_ticket, unseal, unseal_ticket

STATE_COOKIE = "__Host-lti_state_"
STATE_SECONDS = 600
# Says no more than "this browser keeps cookies in this frame": the next login needs no page of its own.
PROBE_COOKIE = "__Host-lti_probe"
PROBE_SECONDS = 180 * 24 * 3600
MAX_REDIRECT = 8000
REOPENED_WITH = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "lti_deployment_id", "client_id")

log = structlog.get_logger(__name__)


def refusals_as_pages(
    *methods: str, otherwise: str = "method"
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Turn LaunchRefused into the calm page, and other methods than these too. What else is raised is a bug of ours."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # protected by state, signature and the Origin header instead (CK-24)
        @functools.wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise LaunchRefused(otherwise)
                return view(request, *args, now=timezone.now(), **kwargs)
            except LaunchRefused as refused:
                response = refuse(refused)
            if response.status_code == 405:
                response.headers["Allow"] = ", ".join(methods)
            return response

        return answered

    return decorate


@refusals_as_pages("GET", "POST")
@begun_anew_otherwise
def login(request: HttpRequest, registration_uuid: UUID | None = None, *, now: datetime) -> HttpResponse:
    """Third-party login initiation by GET or POST (CORE-01); goes on to the LMS in the same frame (CORE-09)."""
    params = _sent(request)
    start = protocol.begin_login(params, registration_uuid=registration_uuid, now=now)
    registration = start.login.registration
    response: HttpResponse
    if request.COOKIES.get(PROBE_COOKIE) and len(start.auth_url) <= MAX_REDIRECT:
        response = HttpResponseRedirect(start.auth_url)
        framed(response, registration)
        response.headers["Referrer-Policy"] = "no-referrer"
    else:
        response = login_pages.login(
            started=start.login,
            auth_url=start.auth_url,
            reopen_url=_reopen_url(request, params),
            state=start.state,
            secret=start.secret,
        )
    cookies.keep(response, PROBE_COOKIE, "1", seconds=PROBE_SECONDS)
    cookies.keep(response, _state_cookie(start.login), start.secret, seconds=STATE_SECONDS)
    return response


@refusals_as_pages("POST", otherwise="launch_by_get")
@begun_anew_otherwise
def receive(request: HttpRequest, *, now: datetime) -> HttpResponse:
    """The LMS's signed launch. A browser proven by its cookie goes straight on, another one must confirm (CK-16)."""
    sent = _sent(request)
    state = sent.get("state", "")
    try:
        verified = protocol.read_launch(sent, now=now)
    except LaunchRefused as refused:
        if refused.reason == "state_used":
            refused.return_url = refused.return_url or _way_back_of(request, state)
        raise
    back, state_cookie = verified.claims.return_url, _state_cookie(verified.login)
    is_proven = is_secret_of(request.COOKIES.get(state_cookie, ""), verified.login.binding_hash)
    secret = new_secret()
    try:
        recorded = launch.record(verified, now=now, proof_hash=hash_secret(secret) if is_proven else "")
        path = _launch_hook(settings.LTI_LAUNCH_HOOK)(recorded, verified.claims, now=now)
    except LaunchRefused as refused:
        refused.return_url = refused.return_url or back
        refused.registration = refused.registration or verified.registration
        raise
    metrics.LAUNCHES.labels(str(verified.registration.uuid)).inc()
    response: HttpResponse
    if is_proven:
        issuer = verified.registration.issuer
        proof = sessions.new_proof(recorded, issuer=issuer, secret=secret, return_url=back, now=now)
        response = framed(SeeOther(path), verified.registration, return_url=back)
        sessions.hand_over(request, response, proof, sealed=seal(proof), now=now)
    else:
        response = _ask_for_proof(recorded, verified.login, state=state, path=path, back=back)
        if verified.claims.deep_linking:
            # Where no cookie stays, the picker and its form are shown by this very document (DL-19).
            posting_to(response, verified.claims.deep_linking["deep_link_return_url"])
        cookies.forget(response, PROBE_COOKIE)  # whatever it said, this launch came without its cookie
    cookies.forget(response, state_cookie)
    return response


@refusals_as_pages("POST")
def confirm(request: HttpRequest, *, now: datetime) -> HttpResponse:
    """The browser's secret by a script of our own page: {ticket, secret, tokens} to {url, token, ended}, once."""
    _require_own_page(request)
    ticket, secret, tokens = _confirmation(request)
    unproven = (
        Launch.objects.select_related("deployment__registration", "user", "login").filter(pk=ticket.launch_id).first()
    )
    if unproven is None or unproven.login is None or unproven.login.expires_at <= now:
        raise LaunchRefused("state_expired", return_url=ticket.return_url)
    registration = unproven.deployment.registration
    if not is_secret_of(secret, unproven.login.binding_hash):
        raise LaunchRefused("state_other_browser", registration=registration)
    proof = sessions.open_session(unproven, return_url=ticket.return_url, now=now)
    if proof is None:
        raise LaunchRefused("state_used", return_url=ticket.return_url, registration=registration)
    return _confirmed(request, proof, ticket, tokens, registration, now=now)


@require_GET
def cookie(request: HttpRequest, launch_id: UUID | None = None) -> JsonResponse:
    """{"kept": bool}: did the probe cookie, or this launch's own cookie, come back?"""
    kept = sessions.is_cookie_kept(request, launch_id) if launch_id else bool(request.COOKIES.get(PROBE_COOKIE))
    return JsonResponse({"kept": kept}, headers={"Cache-Control": "no-store"})


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """Our public keys (OTH-15). Public, the same for everybody, and to be cached."""
    response = JsonResponse(keys.published(now=timezone.now()))
    patch_cache_control(response, public=True, max_age=3600)
    return response


def refuse(refused: LaunchRefused) -> HttpResponse:
    """The page for the person, the line for the administrator; the reference number joins the two (SEC-11, SEC-20)."""
    reference = references.for_page()
    metrics.REFUSALS.labels(refused.reason).inc()
    log.warning(
        "launch_refused",
        reason=refused.reason,
        reference=reference,
        registration=str(refused.registration.uuid) if refused.registration else None,
        detail=refused.detail,
    )
    words = refusals.words(refused.reason)
    return login_pages.refusal(
        title=str(words.title),
        happened=str(words.happened),
        advice=str(words.advice),
        status=refused.status,
        reference=reference,
        reason=refused.reason,
        return_url=refused.return_url,
        registration=refused.registration,
    )


# --- reading what was sent


def _sent(request: HttpRequest) -> QueryDict:
    try:
        return request.POST if request.method == "POST" else request.GET
    except (SuspiciousOperation, BadRequest, MultiPartParserError) as error:
        raise LaunchRefused("request_malformed", detail=type(error).__name__) from error


def _require_own_page(request: HttpRequest) -> None:
    """Only a script of our own page may confirm: else somebody could slip his launch under another (CK-16)."""
    own = {settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}"}
    if request.headers.get("Origin") not in own:
        raise LaunchRefused("confirm_foreign_origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise LaunchRefused("confirm_foreign_origin")
    if request.content_type != "application/json":
        raise LaunchRefused("request_malformed", detail="content type")


def _confirmation(request: HttpRequest) -> tuple[Ticket, str, list[Proof]]:
    """The ticket, the browser's secret, and what this tab still holds of earlier launches."""
    try:
        sent = json.loads(request.body)
    except (SuspiciousOperation, ValueError, RecursionError) as error:
        raise LaunchRefused("request_malformed", detail=type(error).__name__) from error
    fields = sent if isinstance(sent, dict) else {}
    ticket, secret, tokens = fields.get("ticket"), fields.get("secret"), fields.get("tokens", [])
    if not isinstance(ticket, str) or not isinstance(secret, str) or not isinstance(tokens, list):
        raise LaunchRefused("request_malformed", detail="fields")
    opened = unseal_ticket(ticket)
    if opened is None:
        raise LaunchRefused("request_malformed", detail="ticket")
    held = (unseal(token) for token in tokens[:32] if isinstance(token, str))
    return opened, secret, [proof for proof in held if proof is not None]


# --- answers


def _ask_for_proof(recorded: Launch, started: Login, *, state: str, path: str, back: str) -> HttpResponse:
    ticket = seal_ticket(Ticket(launch_id=recorded.pk, path=path, return_url=back))
    with translation.override(sessions.spoken(recorded.locale)):
        return login_pages.confirm(started=started, state=state, ticket=ticket, launch_id=recorded.pk, return_url=back)


def _confirmed(
    request: HttpRequest,
    proof: Proof,
    ticket: Ticket,
    tokens: list[Proof],
    registration: Registration,
    *,
    now: datetime,
) -> JsonResponse:
    sealed = seal(proof)
    ended = [str(old.launch_id) for old in tokens if old.person != proof.person]
    response = JsonResponse({"url": ticket.path, "token": sealed, "ended": ended})
    sessions.end_others(response, proof, tokens, now=now)
    sessions.hand_over(request, response, proof, sealed=sealed, now=now)
    return framed(response, registration, return_url=ticket.return_url)


def _way_back_of(request: HttpRequest, state: str) -> str:
    """The return URL of the launch that this state became, if this browser holds its proof: for reload and back."""
    became = Launch.objects.filter(login__state_hash=hash_secret(state)).first()
    return sessions.return_url(request, became) if became else ""


def _reopen_url(request: HttpRequest, params: QueryDict) -> str:
    """The same login once more, for a window of its own; without the storage target, which is not there (CK-04)."""
    return f"{request.path}?{urlencode([(name, params[name]) for name in REOPENED_WITH if name in params])}"


@functools.cache
def _launch_hook(path: str) -> Callable[..., str]:
    """Where a launch leads: the product's own function, named in the settings."""
    hook: Callable[..., str] = import_string(path)
    return hook


def _state_cookie(login: Login) -> str:
    return STATE_COOKIE + login.state_hash[:16]
