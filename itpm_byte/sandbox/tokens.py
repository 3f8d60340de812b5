"""The token endpoint and the check of bearer tokens (security framework §4.1, AGS-01…05)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import jwt
import requests
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from itpm_byte.sandbox.lms import TOKEN_LIFETIME, Lms, lms_of

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(hours=1)
FETCH_TIMEOUT = 5  # seconds
HTML_404 = "<!DOCTYPE html><html><head><title>Error</title></head><body><p>Exception - TypeError</p></body></html>"


class TokenRefused(Exception):
    """`error` is one of OAuth's codes."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


class KeysetUnreachable(Exception):
    """The tool's public keys could not be fetched."""


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(status=405)
    lms = lms_of(request)
    try:
        _check_form(request)
        _check_assertion(lms, request.POST["client_assertion"])
        scopes = _granted(lms, request.POST.get("scope", "").split())
    except TokenRefused as refused:
        told = {"error": refused.error, "error_description": refused.description}
        return _answer(lms, told, status=400, refusal=refused.description)
    except KeysetUnreachable as problem:
        return _keyset_problem(lms, str(problem))
    body: dict[str, Any] = {
        "access_token": lms.new_access_token(scopes),
        "token_type": "Bearer",  # nosec B105
        "expires_in": TOKEN_LIFETIME,
        "scope": " ".join(scopes),
    }
    return _answer(lms, body)


def _answer(lms: Lms, body: dict[str, Any], *, status: int = 200, refusal: str = "") -> HttpResponse:
    response = JsonResponse(body, status=status)
    response.headers["Content-Type"] = lms.manner.media_of_tokens
    response.headers["Cache-Control"] = "no-store"
    response.refusal = refusal  # type: ignore[attr-defined] # read by the journal
    return response


def _keyset_problem(lms: Lms, problem: str) -> HttpResponse:
    if lms.manner.falls_over_without_keyset:
        response = HttpResponse(HTML_404, status=404)
        response.refusal = problem  # type: ignore[attr-defined] # read by the journal
        return response
    return _answer(lms, {"error": "invalid_request", "error_description": "JWK Error"}, status=400, refusal=problem)


def _check_form(request: HttpRequest) -> None:
    if request.content_type != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "The request must be a form, not " + (request.content_type or "nothing"))
    for name in request.POST:
        if len(request.POST.getlist(name)) > 1:
            raise TokenRefused("invalid_request", f"{name} came more than once")
    expected = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    for name, value in expected.items():
        if request.POST.get(name) != value:
            raise TokenRefused("unsupported_grant_type" if name == "grant_type" else "invalid_request", f"Wrong {name}")
    if not request.POST.get("client_assertion"):
        raise TokenRefused("invalid_request", "client_assertion is missing")


def _check_assertion(lms: Lms, assertion: str) -> None:
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as problem:
        raise TokenRefused("invalid_client", "client_assertion is not a JWT") from problem
    if header.get("alg") != "RS256":
        raise TokenRefused("invalid_client", "client_assertion must be signed with RS256")
    if not header.get("kid"):
        raise TokenRefused("invalid_client", "client_assertion names no kid")
    claims = verified(lms, assertion, str(header["kid"]))
    _check_claims(lms, claims)


def verified(lms: Lms, assertion: str, kid: str) -> dict[str, Any]:
    """The claims, if a key of the tool signed them. The kept keyset is fetched anew only when it does not verify."""
    for refetch in (False, True):
        keys = _tool_keys(lms, refetch=refetch)
        if kid not in keys:
            continue
        try:
            options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False, "verify_nbf": False}
            claims: dict[str, Any] = jwt.decode(assertion, keys[kid], algorithms=["RS256"], options=options)
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as problem:
            raise TokenRefused("invalid_client", str(problem)) from problem
        return claims
    raise TokenRefused("invalid_client", "No key of the tool verifies the signature of client_assertion")


def _tool_keys(lms: Lms, *, refetch: bool) -> dict[str, Any]:
    if lms.tool_keys is not None and not refetch:
        return lms.tool_keys
    url = lms.store.registration.jwks_url
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=FETCH_TIMEOUT, headers={"Accept": "application/json"})
        answer.raise_for_status()
        keys = {key["kid"]: jwt.PyJWK(key, algorithm="RS256").key for key in answer.json()["keys"]}
    except (requests.RequestException, ValueError, KeyError, TypeError, jwt.PyJWTError) as problem:
        raise KeysetUnreachable(f"The tool's keyset at {url} could not be read: {type(problem).__name__}") from problem
    lms.tool_keys = keys
    return keys


def _check_claims(lms: Lms, claims: dict[str, Any]) -> None:
    client_id, now = lms.store.registration.client_id, lms.now().timestamp()
    for name in ("iss", "sub"):
        if claims.get(name) != client_id:
            raise TokenRefused("invalid_client", f"{name} of client_assertion must be the client_id")
    _check_audience(lms, claims.get("aud"))
    for name in ("iat", "exp"):
        if isinstance(claims.get(name), bool) or not isinstance(claims.get(name), int | float):
            raise TokenRefused("invalid_client", f"{name} of client_assertion is missing")
    if claims["iat"] > now:
        raise TokenRefused("invalid_client", "Cannot handle token with iat prior to its time")
    if claims["exp"] <= now:
        raise TokenRefused("invalid_client", "client_assertion has expired")
    if claims["exp"] - claims["iat"] > LONGEST_ASSERTION.total_seconds():
        raise TokenRefused("invalid_client", "client_assertion lives longer than an hour")
    jti = claims.get("jti")
    with lms.lock:
        if not jti or jti in lms.seen_jtis:
            raise TokenRefused("invalid_client", "jti is missing or was used before")
        lms.seen_jtis.add(jti)


def _check_audience(lms: Lms, said: Any) -> None:
    """One string, letter for letter (AGS-02)."""
    expected = lms.manner.audience or lms.addresses["token_url"]
    if lms.manner.checks_audience and said != expected:
        raise TokenRefused("invalid_client", f"the 'aud' is invalid: it must be {expected}, one string")


def _granted(lms: Lms, asked: list[str]) -> list[str]:
    known = [scope for scope in asked if scope in [*lms.store.registration.scopes, *lms.manner.more_scopes]]
    if not known or (len(known) < len(asked) and not lms.manner.drops_unknown_scopes):
        raise TokenRefused("invalid_scope", "A scope was asked for that this tool was not given")
    return known


def bearer_problem(lms: Lms, request: HttpRequest, scopes: Iterable[str]) -> int | None:
    """None if the bearer token is good for one of `scopes`, else the status that this LMS refuses with."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    with lms.lock:
        known = lms.tokens.get(value)
    if kind.lower() != "bearer" or known is None or known.expires_at <= lms.now():
        return 401
    return None if known.scopes & set(scopes) else lms.manner.missing_scope_status
