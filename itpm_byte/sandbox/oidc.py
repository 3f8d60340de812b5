"""The OpenID side: the keys of this LMS, and the authentication endpoint that turns a log-in into a signed launch.

As strict as the security framework allows a platform to be: what the tool gets wrong ends on an error page of the LMS.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from itpm_byte.sandbox.claims import launch_claims
from itpm_byte.sandbox.lms import Lms, PendingLaunch, lms_of
from itpm_byte.sandbox.selection import PendingSelection, selection_claims
from itpm_byte.sandbox.sessions import who

FIXED = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
NEEDED = ("client_id", "redirect_uri", "login_hint", "lti_message_hint", "nonce", "state")


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    lms = lms_of(request)
    return JsonResponse(lms.keys.jwks(lms.manner.signing_algorithm, names_algorithm=lms.manner.jwks_names_algorithm))


@csrf_exempt
def auth(request: HttpRequest) -> HttpResponse:
    """OIDC authentication request, GET or POST (CORE-07). Answers with a page that posts id_token and state."""
    if request.method not in {"GET", "POST"}:
        return HttpResponse(status=405)
    lms = lms_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    fields = asked.dict()
    wrong = _wrong_request(lms, fields) or _sent_twice({name: asked.getlist(name) for name in asked})
    if wrong:
        status = lms.manner.wrong_redirect_status if "redirect_uri" in wrong else 400
        return invalid_request(request, wrong, status)
    person = who(request)
    if person is None and "repost" not in fields:
        # Cross-site into a frame the Lax cookie stays behind. Posting to ourselves once brings it along (Moodle too).
        return _posting_page(request, request.path, {**fields, "repost": "1"})
    pending = _use_hint(lms, fields["lti_message_hint"])
    if pending is None:
        return invalid_request(request, "lti_message_hint is unknown or was used before", 400)
    if person is None:
        return _error(request, fields, "login_required", "Must have an active user session")
    if person.id != fields["login_hint"] or person.key != pending.person:
        return _error(request, fields, "access_denied", "Somebody else is logged in by now")
    now = int(lms.now().timestamp())
    if isinstance(pending, PendingSelection):
        claims = selection_claims(lms, pending, nonce=fields["nonce"], now=now)
    else:
        claims = launch_claims(lms, pending, nonce=fields["nonce"], now=now)
    algorithm = lms.manner.signing_algorithm
    id_token = lms.keys.sign(claims, header=pending.header, key=pending.key, algorithm=algorithm)
    return _posting_page(request, fields["redirect_uri"], {"id_token": id_token, "state": fields["state"]})


def _wrong_request(lms: Lms, fields: Mapping[str, str]) -> str:
    """What is wrong with the tool's request, "" if nothing. Checks in the order of trust: who asks, where to, what."""
    registration = lms.store.registration
    for name in NEEDED:
        if not fields.get(name):
            return f"{name} is missing"
    if fields["client_id"] != registration.client_id:
        return "client_id is not one this LMS gave out"
    if fields["redirect_uri"] not in registration.redirect_uris:
        return "redirect_uri is not registered, to the letter"
    for name, value in FIXED.items():
        if fields.get(name) != value:
            return f"{name} must be {value}"
    return ""


def _sent_twice(values: Mapping[str, list[str]]) -> str:
    return next((f"{name} came more than once" for name, sent in values.items() if len(sent) > 1), "")


def _use_hint(lms: Lms, hint: str) -> PendingLaunch | None:
    with lms.lock:
        return lms.pending.pop(hint, None)


def _posting_page(request: HttpRequest, action: str, fields: dict[str, str]) -> HttpResponse:
    response = render(request, "sandbox/posting.html", {"action": action, "fields": fields})
    response.headers["Cache-Control"] = "no-store"
    return response


def _error(request: HttpRequest, fields: Mapping[str, str], error: str, description: str) -> HttpResponse:
    """An OIDC error that the tool is told about (CORE-10)."""
    told = {"error": error, "error_description": description, "state": fields["state"]}
    response = _posting_page(request, fields["redirect_uri"], told)
    response.refusal = error  # type: ignore[attr-defined] # read by the journal
    return response


def invalid_request(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    context = {"title": _("Invalid request"), "reason": reason}
    response = render(request, "sandbox/problem.html", context, status=status)
    response.refusal = reason  # type: ignore[attr-defined] # read by the journal
    return response
