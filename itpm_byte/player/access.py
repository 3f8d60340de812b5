"""Who may do what on the page, and where a launch leads."""

from datetime import datetime

import structlog
from django.urls import reverse

from itpm_byte.content import catalogue
from itpm_byte.learning import copies, picks, placements
from itpm_byte.learning.errors import ByteUnknown
from lti import deep_linking_requests
from lti.addresses import path_in_session
from lti.claims import DEEP_LINK, Claims
from lti.courses import reviews
from lti.errors import LaunchRefused
from lti.models import Launch, ResourceLink

log = structlog.get_logger(__name__)


def open_launch(launch: Launch, claims: Claims, *, now: datetime) -> str:
    """Put the Byte that the course asks for behind this link (first launch) and say where the browser goes.

    Teachers who are to choose activities come to the picker, else to the overview. Where nothing says which Byte it is
    to be, teachers come to the list of Bytes, learners to a page that says so. Raises LaunchRefused for a Byte that
    does not exist.
    """
    if launch.message_type == DEEP_LINK:
        deep_linking_requests.keep(launch, claims)
        return path_in_session("authoring:pick", launch.pk)
    subject = reviews.subject_of(launch, claims)
    if subject is not None:
        return reverse("player:attempts", args=[launch.pk, subject.pk])
    if launch.resource_link is None:
        raise LaunchRefused("message_type", detail=launch.message_type)
    asked = placements.asks_about_copy(launch.of_product)
    if asked is None:
        return _open_first(launch, claims, now=now)
    if launch.may_author and (pick := picks.of_link(launch.resource_link, _said(claims, "pick"))):
        placements.follow_lms(launch.resource_link, pick, claims.custom, now=now)
    asks = asked and launch.may_author
    return path_in_session("authoring:copied", launch.pk) if asks else _home(launch)


def _home(launch: Launch) -> str:
    """Who teaches or assists comes to the overview of the activity, everybody else to the Byte."""
    return path_in_session("reports:overview" if launch.is_staff else "player:page", launch.pk)


def _open_first(launch: Launch, claims: Claims, *, now: datetime) -> str:
    """A link without a Byte: perhaps it was copied (OTH-08), else it is set up as the course says."""
    link = launch.resource_link
    assert link is not None
    origin = copies.origin_of(link, claims.custom)
    if origin is not None and origin.is_certain:
        copies.clone(link, origin.placement, now=now)
        is_set_up = True
    else:
        is_set_up = _set_up(launch, claims, now=now)
        copies.look_further(link, origin)
    if not is_set_up and not launch.may_author:
        return path_in_session("player:page", launch.pk)
    if not launch.may_author or (is_set_up and origin is None):
        return _home(launch)
    return path_in_session("authoring:choose" if origin is None else "authoring:copied", launch.pk)


def is_recorded(launch: Launch) -> bool:
    """Only what real learners do is kept. Staff, observers, test users and guests look at a preview."""
    return launch.is_gradable


def is_rehearsal(launch: Launch, wanted: str) -> bool:
    """A preview that goes by the rules for learners; others reveal all."""
    return wanted == "learner" and not is_recorded(launch)


def _set_up(launch: Launch, claims: Claims, *, now: datetime) -> bool:
    """A first launch: by the teacher's pick, else by the custom parameter `byte`, else by the only Byte there is.

    The pick goes first: in Moodle a parameter of the whole tool hides an activity's own.
    """
    link = launch.resource_link
    assert link is not None
    pick_id, slug = _said(claims, "pick"), _said(claims, "byte")
    try:
        if pick_id and _by_pick(link, pick_id, now=now):
            return True
        slug = slug or catalogue.only_slug(now=now)
        if slug:
            placements.for_link(link, byte_slug=slug, language=launch.locale, now=now)
    except ByteUnknown as unknown:
        if launch.may_author:
            return False
        raise LaunchRefused("not_available", detail="byte_unknown") from unknown
    return bool(slug)


def _by_pick(link: ResourceLink, pick_id: str, *, now: datetime) -> bool:
    pick = picks.of_link(link, pick_id)
    if pick is None:
        # Typed in by hand, or a copy that came from another tenant.
        log.warning("authoring.pick_unknown", resource_link=link.pk)
        return False
    placements.of_pick(link, pick, now=now)
    return True


def _said(claims: Claims, name: str) -> str:
    """A parameter that the LMS did not fill in arrives as it was written, as "$…" (OK-12)."""
    value = claims.custom.get(name, "")
    return "" if value.startswith("$") else value
