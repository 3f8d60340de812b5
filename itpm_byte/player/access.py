"""Who may do what on the page, and where a launch leads."""

from datetime import datetime

from django.urls import reverse

from itpm_byte.learning import placements
from itpm_byte.learning.errors import ByteUnknown
from lti import reviews
from lti.claims import Claims
from lti.errors import LaunchRefused
from lti.models import Launch

DEFAULT_BYTE = "it-project-manager"


def open_launch(launch: Launch, claims: Claims, *, now: datetime) -> str:
    """Put the Byte that the course asks for behind this link (first launch) and say where the browser goes.

    The course names the Byte by the custom parameter `byte`. Raises LaunchRefused when there is no such Byte.
    """
    subject = reviews.subject_of(launch, claims)
    if subject is not None:
        return reverse("player:attempts", args=[launch.pk, subject.pk])
    if launch.resource_link is None:
        raise LaunchRefused("message_type", detail=launch.message_type)
    wanted = claims.custom.get("byte", "")
    # A parameter that the LMS did not fill in arrives as it was written, as "$…" (OK-12).
    slug = DEFAULT_BYTE if not wanted or wanted.startswith("$") else wanted
    try:
        placements.for_link(launch.resource_link, byte_slug=slug, language=launch.locale, now=now)
    except ByteUnknown as unknown:
        raise LaunchRefused("not_available", detail="byte_unknown") from unknown
    return reverse("player:page", args=[launch.pk])


def is_recorded(launch: Launch) -> bool:
    """Only what real learners do is kept. Staff, observers, test users and guests look at a preview."""
    return launch.is_gradable
