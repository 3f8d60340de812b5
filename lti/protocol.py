"""The LTI protocol, on pylti1p3: its Django classes, with the defects that we know of repaired (test_protocol.py).

Nothing else imports pylti1p3. What the library does well is used as it is: the way a login and a launch go, message
validators, deep-link items. Where it is lax, slow or unsafe, its methods are overridden and lead to our own modules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

import structlog
from django.utils.datastructures import MultiValueDict
from pylti1p3.contrib.django.lti1p3_tool_config import DjangoDbToolConf
from pylti1p3.contrib.django.message_launch import DjangoMessageLaunch
from pylti1p3.contrib.django.oidc_login import DjangoOIDCLogin
from pylti1p3.contrib.django.session import DjangoSessionService
from pylti1p3.cookie import CookieService
from pylti1p3.deep_link import DeepLink, TDeepLinkData
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException
from pylti1p3.grade import Grade as Grade  # for lti.messages
from pylti1p3.lineitem import LineItem as LineItem  # for lti.line_items
from pylti1p3.message_launch import TLaunchData
from pylti1p3.message_validators.privacy_launch import PrivacyLaunchValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator
from pylti1p3.registration import Registration as PlatformRegistration
from pylti1p3.request import Request

from lti import addresses, claims, deep_linking, http, id_tokens, keysets, logins, registrations
from lti.claims import Claims
from lti.errors import ClaimInvalid, LaunchRefused
from lti.logins import LoginStart
from lti.models import Login, Registration
from lti.values import is_storable

log = structlog.get_logger("lti.protocol")

_RARE_MESSAGES = (SubmissionReviewLaunchValidator(), PrivacyLaunchValidator())
_OIDC_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Verified:
    """A launch that is good in every respect but one: whether this browser began it is still to be checked."""

    login: Login
    registration: Registration
    claims: Claims


def begin_login(params: Mapping[str, str], *, registration_uuid: UUID | None, now: datetime) -> LoginStart:
    """Answer a third-party login initiation (CORE-01 to CORE-09): one SELECT, one INSERT. Raises LaunchRefused."""
    oidc = OidcLogin(params, registration_uuid=registration_uuid, now=now)
    oidc.get_redirect_object(addresses.launch_url())
    return oidc.start


def read_launch(post: Mapping[str, str], *, now: datetime) -> Verified:
    """Check what the LMS posted to the launch address (CORE-10 to CORE-31): one SELECT. Raises LaunchRefused.

    Consumes nothing: `launch.record` does. The browser's binding is the caller's to compare (login.binding_hash).
    """
    message = LaunchMessage(post, now=now)
    message.validate()
    return Verified(login=message.login, registration=message.login.registration, claims=message.claims)


def deep_linking_response(
    registration: Registration,
    deployment_id: str,
    settings: Mapping[str, Any],
    items: Sequence[deep_linking.Item],
    *,
    message: str = "",
    now: datetime,
) -> str:
    """The form, as safe HTML, that brings the chosen items back to the LMS (DL-05 to DL-19)."""
    answer = DeepLinkAnswer(registration, deployment_id, settings, message=message, now=now)
    return answer.output_response_form([LinkItem(item) for item in items])


class Parameters(Request):
    """What was sent, for pylti1p3. A parameter that came twice is not guessed at (BAD-43)."""

    def __init__(self, sent: Mapping[str, str]) -> None:
        self._sent = sent

    def get_param(self, key: str) -> str:
        if isinstance(self._sent, MultiValueDict) and len(self._sent.getlist(key)) > 1:
            raise LaunchRefused("request_malformed", detail=f"{key} came more than once")
        value = self._sent.get(key) or ""
        if not is_storable(value):
            raise LaunchRefused("request_malformed", detail=f"{key} holds NUL")
        return value

    def is_secure(self) -> bool:
        return True


class NoCookies(CookieService):
    """The views set and compare cookies: partitioned ones, that hold a secret instead of the state (CK-01)."""

    def get_cookie(self, name: str) -> None:
        return None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        """The state stands in our table."""


class NoSession(DjangoSessionService):
    """State, nonce and launch stand in our tables, bound to each other; nothing is kept in a browser's session."""

    def __init__(self) -> None:
        """Without a request there is no session to reach."""


class KnownPlatform(PlatformRegistration):
    """A row of ours as pylti1p3 sees it. The private key stays out: `lti.keys` signs."""

    def __init__(self, row: Registration) -> None:
        self.row = row
        self.set_issuer(row.issuer).set_client_id(row.client_id).set_auth_login_url(row.auth_login_url)
        self.set_auth_token_url(row.auth_token_url).set_key_set_url(row.jwks_url).set_auth_audience(row.audience)


class ToolConf(DjangoDbToolConf):
    """Registrations from our tables. The base class loads models of its own, and takes a non-default client."""

    def __init__(self, *, deployment_hint: str = "", registration_uuid: UUID | None = None) -> None:
        self._deployment_hint = deployment_hint
        self._registration_uuid = registration_uuid

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **kwargs: Any) -> KnownPlatform:
        row = registrations.for_login(
            issuer=iss,
            client_id=client_id,
            deployment_hint=self._deployment_hint,
            registration_uuid=self._registration_uuid,
        )
        return KnownPlatform(row)


class OidcLogin(DjangoOIDCLogin):
    """A login initiation. After `get_redirect_object` the login is saved and stands in `start`."""

    start: LoginStart

    def __init__(self, params: Mapping[str, str], *, registration_uuid: UUID | None, now: datetime) -> None:
        request = Parameters(params)
        self._initiation = logins.Initiation.read(request.get_param)
        self._now = now
        conf = ToolConf(deployment_hint=self._initiation.deployment_hint, registration_uuid=registration_uuid)
        super().__init__(request, conf, NoSession(), NoCookies())  # type: ignore[no-untyped-call]

    def _prepare_redirect_url(self, launch_url: str) -> str:
        """The base class would break an auth URL that has a query, and store a state nobody is bound to."""
        platform = self.validate_oidc_login()
        assert isinstance(platform, KnownPlatform)
        self._registration = platform
        self.start = logins.begin(self._initiation, platform.row, redirect_uri=launch_url, now=self._now)
        return self.start.auth_url


class LaunchMessage(DjangoMessageLaunch):
    """A launch. After `validate` it holds the login that asked for it and the typed claims."""

    login: Login
    claims: Claims

    def __init__(self, post: Mapping[str, str], *, now: datetime) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            Parameters(post), ToolConf(), NoSession(), NoCookies(), requests_session=http.session()
        )
        self._now = now
        self._row: Registration | None = None
        self._body: dict[str, Any] = {}
        self._return_url = ""

    def validate(self) -> Self:
        """Nothing of the token is believed before its signature is; then CORE-16 to CORE-31, one by one."""
        self._validated = True
        try:
            self.validate_state().validate_registration().validate_jwt_format().validate_jwt_signature()
            self.validate_nonce().validate_message().validate_deployment().validate_target()
        except LaunchRefused as refused:
            self._validated = False
            refused.registration = refused.registration or self._row
            refused.return_url = self._return_url
            raise
        return self

    def validate_state(self) -> Self:
        error = self._sent("error")
        if error:
            code = error if _OIDC_ERROR.fullmatch(error) else "unreadable"
            is_login = code in {"login_required", "interaction_required"}
            raise LaunchRefused("lms_login_required" if is_login else "lms_refused", detail=code)
        self.login = logins.find(self._sent("state"), now=self._now)
        return self

    def validate_registration(self) -> Self:
        """The login's own: whatever issuer the token claims, only this LMS's keys may have signed it."""
        self._row = self.login.registration
        self._registration = KnownPlatform(self._row)
        if self._row.status != Registration.Status.ACTIVE:
            raise LaunchRefused("registration_inactive")
        return self

    def validate_jwt_format(self) -> Self:
        token = self._sent("id_token")
        if not token:
            raise LaunchRefused("token_missing")
        self._header = id_tokens.read_header(token, self.login.registration)
        return self

    def get_public_key(self) -> tuple[keysets.PublicKey, str]:  # type: ignore[override]  # PEM text there
        key = id_tokens.public_key(self._header, self.login.registration, now=self._now)
        return key, self._header.algorithm

    def validate_jwt_signature(self) -> Self:
        key, _ = self.get_public_key()
        self._body = id_tokens.verify(self._sent("id_token"), self._header, key)
        self._jwt = {
            "header": {"kid": self._header.kid, "alg": self._header.algorithm},
            "body": cast(TLaunchData, self._body),
        }
        return self

    def validate_nonce(self) -> Self:
        """Issuer, audience and the nonce of just this login. From here on the LMS's return URL may be used."""
        id_tokens.check_origin(self._body, self.login.registration, nonce=self.login.nonce)
        self._return_url = claims.return_url(self._body)
        return self

    def validate_message(self) -> Self:
        id_tokens.check_times(self._body, now=self._now)
        try:
            self.claims = claims.parse(self._body, allows_anonymous=self.login.registration.allows_anonymous)
            if odd := claims.odd_custom(self._body):
                log.info("lti.custom_dropped", registration=self.login.registration_id, names=odd)
            named = {**self._body, claims.LTI + "message_type": self.claims.message_type}
            for validator in _RARE_MESSAGES:
                if validator.can_validate(named):
                    validator.validate(named)
        except ClaimInvalid as invalid:
            raise LaunchRefused(invalid.reason, detail=invalid.detail) from invalid
        except LtiException as invalid:
            raise LaunchRefused("claim_missing", detail=str(invalid)) from invalid
        return self

    def validate_deployment(self) -> Self:
        """Here only against what the login announced (CORE-05); `launch.record` looks the deployment up."""
        if self.login.deployment_hint not in {"", self.claims.deployment_id}:
            raise LaunchRefused("deployment_mismatch")
        return self

    def validate_target(self) -> Self:
        logins.check_target(self.claims.target_link_uri, self.login)
        return self

    def _sent(self, name: str) -> str:
        value: str = self._request.get_param(name)
        return value


class LinkItem(DeepLinkResource):
    """One chosen activity; the base class knows a third of the properties, and sends null for those left out."""

    def __init__(self, item: deep_linking.Item) -> None:
        self._item = item
        self.set_url(item.url).set_title(item.title).set_custom_params(item.custom)

    def to_dict(self) -> dict[str, object]:
        return deep_linking.content_item(self._item)


class DeepLinkAnswer(DeepLink):
    """The answer to a deep-linking request; the base class writes unescaped HTML, and null for data never sent."""

    def __init__(
        self, row: Registration, deployment_id: str, settings: Mapping[str, Any], *, message: str, now: datetime
    ) -> None:
        super().__init__(KnownPlatform(row), deployment_id, cast(TDeepLinkData, settings))
        self._row, self._settings, self._text, self._now = row, settings, message, now

    def get_message_jwt(self, resources: Sequence[DeepLinkResource]) -> dict[str, object]:
        items = [resource.to_dict() for resource in resources]
        return deep_linking.message(
            self._row, self._deployment_id, self._settings, items, text=self._text, now=self._now
        )

    def encode_jwt(self, message: dict[str, Any]) -> str:
        return deep_linking.encode(message, now=self._now)

    def get_response_form_html(self, jwt_val: str) -> str:
        return deep_linking.form(self._deep_link_settings["deep_link_return_url"], jwt_val)
