"""All addresses of an LMS, derived from the one that its people know (REG-11, REG-20 to 24)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti import http
from lti.models import Registration

_POLICY = Registration.DeploymentPolicy


class PresetUnfit(ValueError):
    """What was given does not lead to addresses; the text says why, for whoever typed it."""


@dataclass(frozen=True)
class Derived:
    """What a preset knows of one LMS. "" where the LMS itself must be asked."""

    issuer: str
    auth_login_url: str
    auth_token_url: str
    jwks_url: str
    audience: str = ""
    signing_algorithms: tuple[str, ...] = ()
    frame_origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    key: str
    name: str
    product: str
    """As the LMS says it in its launches."""
    address_label: Promise
    derive: Callable[[str, str, str], Derived]
    """(site, client id, own id) to addresses; site without a slash at its end."""
    deployment_policy: str = _POLICY.REJECT
    own_id_label: Promise | str = ""
    """Where addresses hold an id that the LMS gives to each tool: what it is called there."""


def derive(key: str, lms_url: str, *, client_id: str = "", own_id: str = "") -> Derived:
    """Addresses of the LMS at `lms_url`. Raises PresetUnfit."""
    return PRESETS[key].derive(site_of(lms_url), client_id.strip(), own_id.strip())


def fields(key: str, derived: Derived) -> dict[str, Any]:
    """What belongs into the optional fields of a registration of this kind."""
    preset = PRESETS[key]
    return {
        "product": preset.product,
        "audience": derived.audience or None,
        "signing_algorithms": list(derived.signing_algorithms) or None,
        "frame_origins": list(derived.frame_origins) or None,
        "deployment_policy": preset.deployment_policy,
    }


def site_of(lms_url: str) -> str:
    """scheme://host[:port][/path] without a slash at the end; a missing https:// is put before. Raises PresetUnfit."""
    url = lms_url.strip()
    if url and "://" not in url:
        url = f"https://{url}"
    url = url.partition("?")[0].partition("#")[0].rstrip("/")
    try:
        http.check_address(url)
    except http.AddressRefused as refused:
        raise PresetUnfit(str(refused)) from refused
    return url


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _moodle(site: str, _client_id: str, _own_id: str) -> Derived:
    """The issuer is the site's address letter for letter, also where Moodle lives in a folder (REG-20)."""
    return Derived(
        issuer=site,
        auth_login_url=f"{site}/mod/lti/auth.php",
        auth_token_url=f"{site}/mod/lti/token.php",
        jwks_url=f"{site}/mod/lti/certs.php",
    )


def _canvas(site: str, _client_id: str, _own_id: str) -> Derived:
    """Hosted by Instructure: one issuer for all customers, and one each for its beta and test systems (CORE-43)."""
    host = urlsplit(site).hostname or ""
    system = next((name for name in ("beta", "test") if host.endswith(f".{name}.instructure.com")), "")
    dotted = f"{system}." if system else ""
    service = f"https://sso.{dotted}canvaslms.com"
    return Derived(
        issuer=f"https://canvas.{dotted}instructure.com",
        auth_login_url=f"{service}/api/lti/authorize_redirect",
        auth_token_url=f"{service}/login/oauth2/token",
        jwks_url=f"{service}/api/lti/security/jwks",
        frame_origins=tuple(sorted({origin(site), f"https://*.{dotted}instructure.com"})),
    )


def _canvas_of_ones_own(site: str, _client_id: str, _own_id: str) -> Derived:
    """An installation that nobody told its own issuer says Canvas's (CORE-04)."""
    return Derived(
        issuer="https://canvas.instructure.com",
        auth_login_url=f"{site}/api/lti/authorize_redirect",
        auth_token_url=f"{site}/login/oauth2/token",
        jwks_url=f"{site}/api/lti/security/jwks",
        frame_origins=(origin(site),),
    )


def _blackboard(site: str, client_id: str, _own_id: str) -> Derived:
    """One gateway for all schools; only the key set's address knows the application (REG-22)."""
    gateway = "https://developer.blackboard.com/api/v1"
    return Derived(
        issuer="https://blackboard.com",
        auth_login_url=f"{gateway}/gateway/oidcauth",
        auth_token_url=f"{gateway}/gateway/oauth2/jwttoken",
        jwks_url=f"{gateway}/management/applications/{client_id}/jwks.json" if client_id else "",
        signing_algorithms=("RS256", "RS512"),
        frame_origins=(origin(site),),
    )


def _d2l(site: str, _client_id: str, _own_id: str) -> Derived:
    """Tokens come from one place for all schools, and want an audience of their own (REG-23, AGS-02)."""
    home = origin(site)
    return Derived(
        issuer=home,
        auth_login_url=f"{home}/d2l/lti/authenticate",
        auth_token_url="https://auth.brightspace.com/core/connect/token",  # noqa: S106 # nosec B106 - an address
        jwks_url=f"{home}/d2l/.well-known/jwks",
        audience="https://api.brightspace.com/auth/token",
    )


def _sakai(site: str, _client_id: str, own_id: str) -> Derived:
    home = origin(site)
    return Derived(
        issuer=home,
        auth_login_url=f"{home}/imsoidc/lti13/oidc_auth",
        auth_token_url=f"{home}/imsblis/lti13/token/{own_id}" if own_id else "",
        jwks_url=f"{home}/imsblis/lti13/keyset",
    )


def _open_edx(site: str, _client_id: str, own_id: str) -> Derived:
    """Each activity is a registration of its own, and so are its addresses (REG-24)."""
    home = origin(site)
    return Derived(
        issuer=home,
        auth_login_url=f"{home}/api/lti_consumer/v1/launch/",
        auth_token_url=f"{home}/api/lti_consumer/v1/token/{own_id}" if own_id else "",
        jwks_url=f"{home}/api/lti_consumer/v1/public_keysets/{own_id}" if own_id else "",
    )


_SITE = _("Address of the LMS")

PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("moodle", "Moodle", "moodle", _("Address of the Moodle site, as it stands in wwwroot"), _moodle),
        Preset("canvas", "Canvas (Instructure)", "canvas", _SITE, _canvas, _POLICY.PENDING),
        Preset("canvas-self-hosted", "Canvas (self-hosted)", "canvas", _SITE, _canvas_of_ones_own, _POLICY.PENDING),
        Preset("blackboard", "Blackboard Learn", "BlackboardLearn", _SITE, _blackboard, _POLICY.PENDING),
        Preset("d2l", "D2L Brightspace", "desire2learn", _SITE, _d2l),
        Preset(
            "sakai", "Sakai", "sakai", _SITE, _sakai, own_id_label=_("Number of the tool, at the token address's end")
        ),
        Preset(
            "openedx",
            "Open edX",
            "Open edX",
            _("Address of the LMS (not of Studio)"),
            _open_edx,
            own_id_label=_("Id at the end of the block's keyset and token address"),
        ),
    )
}
