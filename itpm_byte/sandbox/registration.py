"""Dynamic registration, as strict as LMSs are: the configuration that a tool reads, and the service that takes it in.

What Moodle 4.5 and Canvas refuse in real life is refused here, in their way. Ids are those of docs/requirements.md.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from weakref import WeakKeyDictionary

import requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import ALL_SCOPES, LINEITEM_READ_SCOPE, LINEITEM_SCOPE, RESULT_SCOPE, SCORE_SCOPE
from itpm_byte.sandbox.store import Registration, Store

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
LIFETIME = timedelta(hours=1)
CLAIMS = ["sub", "iss", "name", "given_name", "family_name", "email", "locale"]
VARIABLES = ["Context.id", "Context.id.history", "ResourceLink.id", "User.id", "Person.name.full"]
REQUIRED_BY_CANVAS = {"application_type", "grant_types", "initiate_login_uri", "redirect_uris", "response_types"} | {
    *("client_name", "jwks_uri", "token_endpoint_auth_method", "scope", TOOL)
}
NAMES = {"name", "given_name", "family_name"}


@dataclass
class Invitation:
    """One press on "Add": with its token a tool may register itself. `is_update`: it takes the present one's place."""

    token: str
    is_update: bool
    expires_at: datetime
    is_used: bool = False


@dataclass
class Desk:
    """What is under way between this LMS and tools."""

    invitations: dict[str, Invitation] = field(default_factory=dict)
    waiting: Registration | None = None  # registered, not switched on yet
    message: str = ""  # what the tool's own words for itself are


class Refused(Exception):
    """`status` and words, as this LMS says them."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


_desks: WeakKeyDictionary[Store, Desk] = WeakKeyDictionary()


def desk_of(lms: Lms) -> Desk:
    """Forgotten with the store: a reset begins anew."""
    with lms.lock:
        return _desks.setdefault(lms.store, Desk())


def invite(lms: Lms, url: str, *, is_update: bool) -> str:
    """The address that the browser opens in the frame: the tool's own one, with ours and a token put behind."""
    invitation = Invitation(secrets.token_urlsafe(32), is_update, lms.now() + LIFETIME)
    with lms.lock:
        desk_of(lms).invitations[invitation.token] = invitation
    told = {"openid_configuration": f"{lms.url}/lti/openid-configuration/", "registration_token": invitation.token}
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(told)}"


def activate(lms: Lms) -> bool:
    """The tool that waits becomes the one whose activities open. False if none waits."""
    desk = desk_of(lms)
    with lms.store.changing():
        if desk.waiting is None:
            return False
        lms.store.registration, desk.waiting = desk.waiting, None
        lms.tool_keys = None
    return True


def openid_configuration(request: HttpRequest) -> HttpResponse:
    """Canvas shows it to invited tools only, Moodle to everybody, Open edX has none (REG-03, REG-24)."""
    lms = lms_of(request)
    if lms.manner.name == "openedx":
        return HttpResponse(status=404)
    if lms.manner.name == "canvas" and _invitation(lms, request) is None:
        return _refusal(lms, Refused(401, "Unauthorized"))
    return JsonResponse(configuration(lms))


def configuration(lms: Lms) -> dict[str, Any]:
    is_moodle = lms.manner.name == "moodle"
    told = {
        "issuer": lms.issuer,
        "authorization_endpoint": lms.addresses["auth_url"],
        "token_endpoint": lms.addresses["token_url"],
        "jwks_uri": lms.addresses["jwks_url"],
        "registration_endpoint": f"{lms.url}/lti/registrations/",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "scopes_supported": [*ALL_SCOPES, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": sorted({"RS256", lms.manner.signing_algorithm}),
        "claims_supported": CLAIMS[:-1] if is_moodle else CLAIMS,
        PLATFORM: {
            "product_family_code": lms.manner.product,
            "version": lms.manner.version,
            "messages_supported": _messages(is_canvas=lms.manner.name == "canvas"),
            "variables": VARIABLES,
        },
    }
    if lms.manner.name == "canvas":
        told["authorization_server"] = "canvas.instructure.example"  # a bare host, of no use as audience
    elif lms.manner.audience:
        told["authorization_server"] = lms.manner.audience
    return told


def _messages(*, is_canvas: bool) -> list[dict[str, Any]]:
    if not is_canvas:
        return [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]}]
    return [
        {"type": "LtiResourceLinkRequest", "placements": ["course_navigation", "link_selection"]},
        {"type": "LtiDeepLinkingRequest", "placements": ["assignment_selection", "link_selection", "editor_button"]},
    ]


@csrf_exempt
def registrations(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405)
    lms = lms_of(request)
    try:
        invitation = _let_in(lms, request)
        told = _checked(lms, request)
    except Refused as refused:
        return _refusal(lms, refused)
    made = _registration(lms, told, is_update=invitation.is_update)
    invitation.is_used = not invitation.is_update
    with lms.store.changing():
        desk = desk_of(lms)
        if invitation.is_update:
            lms.store.registration, lms.tool_keys = made, None
        else:
            desk.waiting = made
    return JsonResponse(_answer(lms, told, made), status=200 if lms.manner.name == "moodle" else 201)


def _invitation(lms: Lms, request: HttpRequest) -> Invitation | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = desk_of(lms).invitations.get(token) if kind.lower() == "bearer" else None
    return found if found and found.expires_at > lms.now() else None


def _let_in(lms: Lms, request: HttpRequest) -> Invitation:
    if "Authorization" not in request.headers:
        raise Refused(401, "missing_registration_token")
    invitation = _invitation(lms, request)
    if invitation is None:
        raise Refused(401, "invalid_registration_token")
    if invitation.is_used:
        raise Refused(401, "token_already_used")
    return invitation


def _checked(lms: Lms, request: HttpRequest) -> dict[str, Any]:
    """What both refuse, then what each of them refuses."""
    if request.content_type != "application/json":
        raise Refused(415, "Content-Type must be application/json")
    try:
        told = json.loads(request.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Refused(400, "The body is no JSON object")
    missing = sorted(REQUIRED_BY_CANVAS - set(told))
    if lms.manner.name == "canvas" and missing:
        raise Refused(422, "missing properties: " + ", ".join(missing))
    for name in ("client_name", "initiate_login_uri", "jwks_uri"):
        if not isinstance(told.get(name), str) or not told[name]:
            raise Refused(400, f"missing required attribute {name}")
    if "id_token" not in (told.get("response_types") or []):
        raise Refused(400, "invalid_response_types")
    uris = told.get("redirect_uris")
    if not isinstance(uris, list) or not uris:
        raise Refused(400, "invalid_redirect_uris")
    if told.get("token_endpoint_auth_method") != "private_key_jwt":
        raise Refused(400, "invalid_token_endpoint_auth_method")
    if told.get("application_type", "web") != "web":
        raise Refused(400, "invalid_application_type")
    _check_tool(lms, told)
    return told


def _check_tool(lms: Lms, told: Mapping[str, Any]) -> None:
    tool = told.get(TOOL)
    if not isinstance(tool, dict) or not tool.get("domain"):
        raise Refused(400, "missing required attribute domain")
    target = urlsplit(str(tool.get("target_link_uri", ""))).netloc
    if target.removeprefix("www.") != str(tool["domain"]).removeprefix("www."):
        raise Refused(400, "domain_targetlinkuri_mismatch")
    values = tool.get("custom_parameters", {})
    if not isinstance(values, dict) or any(not isinstance(value, str) or "=" in value for value in values.values()):
        raise Refused(400, "invalid_custom_parameters")
    if lms.manner.name == "canvas":
        if not {"messages", "claims"} <= set(tool):
            raise Refused(422, "missing properties: messages, claims")
        kinds = {message.get("type") for message in tool["messages"]}
        if not kinds <= {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}:
            raise Refused(422, f"unknown message types: {sorted(map(str, kinds))}")
    if lms.manner.name == "d2l" and not _is_keyset_there(str(told["jwks_uri"])):
        raise Refused(400, "The keyset can not be read")


def _is_keyset_there(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return bool(session.get(url, timeout=5).json()["keys"])
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return False


def _registration(lms: Lms, told: Mapping[str, Any], *, is_update: bool) -> Registration:
    """Services and privacy as asked for: what is left out is not granted, also where it was before."""
    present, tool = lms.store.registration, told[TOOL]
    asked = str(told.get("scope", "")).split()
    ids = {} if is_update else {"client_id": _next_client(lms), "deployment_id": _next_deployment(lms)}
    claims = set(tool.get("claims", []))
    return replace(
        present,
        **ids,
        login_url=told["initiate_login_uri"],
        redirect_uris=list(told["redirect_uris"]),
        target_link_uri=tool["target_link_uri"],
        jwks_url=told["jwks_uri"],
        scopes=[scope for scope in ALL_SCOPES if scope in asked],
        shares_names=bool(claims & NAMES),
        shares_emails="email" in claims,
    )


def _next_client(lms: Lms) -> str:
    present = lms.store.registration.client_id
    return str(int(present) + 1) if present.isdigit() else secrets.token_urlsafe(11)


def _next_deployment(lms: Lms) -> str:
    present = lms.store.registration.deployment_id
    return str(int(present) + 1) if present.isdigit() else f"{secrets.randbelow(10**6)}:{secrets.token_hex(20)}"


def _answer(lms: Lms, told: Mapping[str, Any], made: Registration) -> dict[str, Any]:
    """What was sent, with the client id. Moodle adds the deployment and grants more on paper than in fact (REG-07)."""
    answer = {**told, "client_id": made.client_id, TOOL: dict(told[TOOL])}
    if lms.manner.name != "canvas":
        answer[TOOL]["deployment_id"] = made.deployment_id
    if lms.manner.name == "moodle" and SCORE_SCOPE in made.scopes:
        four = [LINEITEM_SCOPE, LINEITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE]
        answer["scope"] = " ".join([*four, *(scope for scope in made.scopes if scope not in four)])
    return answer


def _refusal(lms: Lms, refused: Refused) -> HttpResponse:
    """Moodle says a word in a page, Canvas an object."""
    if lms.manner.name == "moodle":
        response = HttpResponse(refused.reason, status=refused.status, content_type="text/html; charset=utf-8")
    else:
        response = JsonResponse({"errors": [{"message": refused.reason}]}, status=refused.status)
    response.refusal = refused.reason  # type: ignore[attr-defined] # read by the journal
    return response
