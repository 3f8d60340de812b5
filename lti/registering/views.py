"""The page with which an LMS registers itself. It is opened in the LMS's frame, and needs no cookie (REG-01 to 10)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lti import http, references
from lti.framing import framed_with_forms
from lti.languages import in_english
from lti.models import RegistrationLink
from lti.registering import canvas, dynamic_registration, next_steps
from lti.registering import links as registration_links
from lti.registering.dynamic_registration import Offer, Outcome
from lti.registering.refusals import RegistrationRefused

SALT = "lti.registration"
STATE_SECONDS = 30 * 60
LONGEST = 8000
# Time enough to read what to do next (WCAG 2.2, 2.2.1: it can be stopped).
CLOSES_AFTER = 60

log = structlog.get_logger("lti.registration")


@csrf_exempt  # nothing here goes by cookies: the secret stands in the address, what was confirmed is signed (REG-02)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks the person and fetches nothing; POST registers. Both may stand in a frame of any LMS."""
    now = timezone.now()
    link = None
    try:
        link = registration_links.find(token, now=now)
        if request.method == "POST":
            return _finished(dynamic_registration.register(link, _confirmed(request.POST, link), now=now))
        return _asked(request, link, token)
    except RegistrationRefused as refused:
        return _refused(refused, link)


@require_safe
def canvas_configuration(request: HttpRequest) -> JsonResponse:
    """Public and the same for everybody: the address that a Canvas developer key is configured by (REG-21)."""
    response = JsonResponse(canvas.configuration())
    patch_cache_control(response, public=True, max_age=3600)
    return response


def _asked(request: HttpRequest, link: RegistrationLink, token: str) -> HttpResponse:
    """The confirmation page; without an LMS's words in the address, what to do with the link."""
    if "openid_configuration" not in request.GET:
        address = request.build_absolute_uri(reverse("lti:register", args=[token]))
        return _page("lti/register/paste.html", link=link, address=address)
    offer = _offer(request.GET, link)
    state = signing.dumps(
        {"link": link.pk, "configuration": offer.openid_configuration, "token": offer.registration_token},
        salt=SALT,
        compress=True,
    )
    return _page("lti/register/confirm.html", link=link, host=_host(offer.openid_configuration), state=state)


def _offer(sent: Mapping[str, str], link: RegistrationLink) -> Offer:
    offer = Offer(sent.get("openid_configuration", ""), sent.get("registration_token", ""))
    if len(offer.openid_configuration) > LONGEST or len(offer.registration_token) > LONGEST:
        raise RegistrationRefused("request_malformed", detail="too long")
    # It becomes a header: only what a bearer token is made of (RFC 6750).
    if not offer.registration_token.isascii() or not offer.registration_token.isprintable():
        raise RegistrationRefused("request_malformed", detail="registration_token")
    try:
        http.check_address(offer.openid_configuration)
    except http.AddressRefused as refused:
        raise RegistrationRefused("address_refused", said=str(refused)) from refused
    if link.host and _host(offer.openid_configuration) != link.host:
        raise RegistrationRefused("host_not_allowed", said=link.host)
    return offer


def _confirmed(sent: Mapping[str, str], link: RegistrationLink) -> Offer:
    """What the page showed, unchanged and not long ago."""
    try:
        state = signing.loads(sent.get("state", ""), salt=SALT, max_age=STATE_SECONDS)
    except signing.BadSignature as problem:
        raise RegistrationRefused("state_old", detail=type(problem).__name__) from problem
    if state["link"] != link.pk:
        raise RegistrationRefused("state_old", detail="another link")
    return Offer(state["configuration"], state["token"])


def _finished(outcome: Outcome) -> HttpResponse:
    registration = outcome.registration
    return _page(
        "lti/register/finished.html",
        registration=registration,
        is_active=registration.status == registration.Status.ACTIVE,
        is_disabled=registration.status == registration.Status.DISABLED,
        is_new=outcome.is_new,
        has_deployment=outcome.has_deployment,
        missing=[scope.rpartition("/")[2] for scope in outcome.missing_scopes],
        steps=next_steps.after_registration(registration.product),
        closes_after=CLOSES_AFTER,
    )


def _refused(refused: RegistrationRefused, link: RegistrationLink | None) -> HttpResponse:
    reference = references.for_page()
    log.warning(
        "registration_refused",
        reason=refused.reason,
        reference=reference,
        link=link.pk if link else None,
        detail=refused.detail,
    )
    return _page(
        "lti/register/refused.html",
        status=refused.words.status,
        words=refused.words,
        said=refused.said,
        reference=reference,
    )


def _host(url: str) -> str:
    """host[:port], lower case."""
    return urlsplit(url).netloc.lower()


@in_english
def _page(template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Rendered without the request: whoever is logged in here in another tab plays no part."""
    return framed_with_forms(HttpResponse(get_template(template).render(context), status=status))
