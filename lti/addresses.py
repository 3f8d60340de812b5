"""Our own addresses as an LMS must know them."""

import re
from functools import cache
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti.models import Registration
from lti.registering import tool

WORK = "work"
_ANY = UUID(int=0)


def login_url(registration: Registration) -> str:
    """Where logins of this registration begin: each has its own, so that the client id may be left out (CORE-03)."""
    return str(settings.PUBLIC_URL) + reverse("lti:login", args=[registration.uuid])


def launch_url() -> str:
    """The redirect URI, and the target link URI of every activity; which one it is says a custom parameter."""
    return str(settings.PUBLIC_URL) + path_of("lti:launch")


def work_url(score_id: int) -> str:
    """Opens one learner's work, signed as a launch to it (AGS-32). Only our own number: LMSs garble what is escaped."""
    return f"{launch_url()}?{WORK}={score_id}"


def work_named(target_link_uri: str) -> int | None:
    """The number in such an address; None for any other address, zero for one that nobody here has made."""
    try:
        said = parse_qs(urlsplit(target_link_uri).query).get(WORK) if "?" in target_link_uri else None
    except ValueError:
        return 0
    if not said:
        return None
    return int(said[0]) if re.fullmatch(r"[0-9]{1,18}", said[0]) else 0


def keyset_url() -> str:
    return str(settings.PUBLIC_URL) + reverse("lti:jwks")


def notices_url() -> str:
    """Where LMSs post notices of their own (OTH-09)."""
    return str(settings.PUBLIC_URL) + reverse("lti:notices")


@cache
def path_of(name: str) -> str:
    """`reverse`, asked once: each time it compares with every address that there is."""
    return reverse(name)


def path_in_session(name: str, launch_id: UUID) -> str:
    """The same for an address that holds nothing but the launch's id."""
    return _path_in_any_session(name).replace(str(_ANY), str(launch_id))


@cache
def _path_in_any_session(name: str) -> str:
    return reverse(name, args=[_ANY])


def for_lms(registration: Registration) -> list[tuple[Promise, str]]:
    """What the LMS's administrator must enter there: label and value, in the order in which LMSs ask."""
    return [
        (_("Tool URL, target link URI"), launch_url()),
        (_("Initiate login URL"), login_url(registration)),
        (_("Redirect URI"), launch_url()),
        (_("Public keyset URL"), keyset_url()),
        (_("Deep linking URL, content selection URL"), launch_url()),
        (_("Domain"), tool.domain()),
        (_("Icon"), tool.icon_url()),
        (_("Custom parameter of an activity that says which Byte"), "byte=it-project-manager"),
        *((_("Custom parameter, if the LMS knows it"), f"{name}=${said}") for name, said in tool.VARIABLES.items()),
        (_("Services"), "AGS (line items, scores, results), NRPS"),
        (_("Scopes"), " ".join(tool.SCOPES)),
    ]


def is_ours(url: str) -> bool:
    """Same origin as PUBLIC_URL (CORE-25)."""
    try:
        parts, own = urlsplit(url), urlsplit(settings.PUBLIC_URL)
        return (parts.scheme, parts.hostname, _port(parts.port, parts.scheme)) == (
            own.scheme,
            own.hostname,
            _port(own.port, own.scheme),
        )
    except ValueError:
        return False


def _port(port: int | None, scheme: str) -> int | None:
    return port or {"https": 443, "http": 80}.get(scheme)
