"""Which Byte stands behind a link."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from itpm_byte.content.models import Byte
from itpm_byte.learning import picks, progress
from itpm_byte.learning.errors import ByteInUse, ByteUnknown
from itpm_byte.learning.models import Pick, Placement
from itpm_byte.learning.models.placements import ASKING
from lti.grades import columns
from lti.models import LineItem, ResourceLink
from lti.prepared import Prepared

# What a teacher decides, and which of it changes what counts.
SETTINGS = frozenset(
    {
        "attempts_allowed",
        "closes_at",
        "due_at",
        "follows_current",
        "grade_on",
        "opens_at",
        "pass_mark",
        "reveal",
        "which_counts",
    }
)
COUNTING = frozenset({"which_counts", "grade_on"})

log = structlog.get_logger(__name__)


def find(link: ResourceLink) -> Placement | None:
    """The link's placement, None if nobody set it up yet. One query."""
    found = _of_link.first(link=link.pk)
    if found is not None:
        found.resource_link = link
    return found


def copy_state_at(link_id: OuterRef) -> Subquery:
    """For a query of links: the state of the placement there, NULL if nobody set the link up yet."""
    return Subquery(Placement.objects.filter(resource_link=link_id).values("copy_state"))


def asks_about_copy(copy_state: str | None) -> bool | None:
    """Should a teacher say whether this is a copy? None if nobody set the link up yet."""
    return None if copy_state is None else copy_state in ASKING


def for_link(link: ResourceLink, *, byte_slug: str, language: str, now: datetime, **settings: object) -> Placement:
    """The link's placement; made with these of SETTINGS when there is none. One query when it is there.

    `language` is a BCP 47 tag; the nearest published language is taken (content's rule). A placement that exists keeps
    its Byte and settings whatever the arguments say: attempts stand behind it. Its newer version is taken by
    `refresh_version`. Raises ByteUnknown when no Byte of that slug is published yet.
    """
    found = find(link)
    if found is None:
        try:
            byte = Byte.objects.defer("document").filter(published_at__lte=now).current(byte_slug, language)
        except Byte.DoesNotExist:
            raise ByteUnknown(byte_slug) from None
        # Two learners may be first at once: the second one gets the first one's row.
        found, _is_new = _with_byte().get_or_create(resource_link=link, defaults={**settings, "byte": byte})
        found.resource_link = link
    return found


def of_pick(link: ResourceLink, pick: Pick, *, now: datetime) -> Placement:
    """The link's placement; made as the teacher picked it when there is none. Raises ByteUnknown.

    A copy of the link names the same pick and begins with the same settings, without anybody's attempts.
    """
    placement = for_link(link, byte_slug=pick.byte_slug, language=pick.language, now=now, **picks.settings_of(pick))
    # What a column that we have to make ourselves is called, and found by again (AGS-10, AGS-11).
    LineItem.objects.filter(resource_link=link, resource_id="").update(resource_id=str(pick.uuid), label=pick.title)
    return placement


def follow_lms(link: ResourceLink, pick: Pick, custom: Mapping[str, str], *, now: datetime) -> bool:
    """Take dates that a teacher changed in the LMS since the pick (DL-17). Whether any were taken.

    Only for a teacher's launch: LMSs tell learners the dates of their own, which may be exceptions.
    """
    told = picks.dates_changed_in_lms(pick, custom)
    placement = find(link) if told else None
    news = {name: when for name, when in told.items() if placement and getattr(placement, name) != when}
    if placement is None or not news:
        return False
    try:
        change_settings(placement, now=now, is_lms_told=False, **news)
    except ValidationError:
        # Dates that exclude each other; what was set here goes on.
        log.info("learning.dates_of_lms_refused", placement=placement.pk)
        return False
    return True


def refresh_version(placement: Placement, *, now: datetime) -> bool:
    """Move to the current version of the same Byte and language, if the placement follows it. Whether it moved.

    Open attempts keep their version. No query when the version at hand is the current one.
    """
    if placement.byte.is_current or not placement.follows_current:
        return False
    newest = (
        Byte.objects.defer("document")
        .filter(slug=placement.byte.slug, language=placement.byte.language, is_current=True, published_at__lte=now)
        .first()
    )
    if newest is None:
        return False
    Placement.objects.filter(pk=placement.pk, follows_current=True).update(byte=newest)
    placement.byte = newest
    return True


def change_settings(placement: Placement, *, now: datetime, is_lms_told: bool = True, **settings: object) -> None:
    """Set some of SETTINGS. What counts differently from now on is counted anew for everybody, in the same transaction.

    Dates that a teacher changes here are told to the LMS's column, too; those that come from the LMS, or along with a
    copy, are not. Raises ValidationError for values that make no sense.
    """
    if not settings.keys() <= SETTINGS:
        raise TypeError(f"no settings of a placement: {sorted(settings.keys() - SETTINGS)}")
    dates_before = _dates_of_column(placement)
    for name, value in settings.items():
        setattr(placement, name, value)
    with transaction.atomic():
        placement.full_clean()
        placement.save(update_fields=settings.keys())
        if not settings.keys().isdisjoint(COUNTING):
            progress.recount_all(placement, now=now)
        # Only what changed: the LMS's own dates are the teacher's, too.
        dates = {name: at for name, at in _dates_of_column(placement).items() if at != dates_before[name]}
        if dates and is_lms_told:
            columns.change(resource_link=placement.resource_link, now=now, dates=dates)


def put_byte(placement: Placement, byte: Byte) -> None:
    """Another version or language behind the link: attempts keep theirs, also the open ones. Another Byte only while
    nobody has begun. The placement must be held (`progress.hold`). Raises ByteInUse.
    """
    if byte.slug != placement.byte.slug and has_begun(placement):
        raise ByteInUse
    placement.byte = byte
    placement.save(update_fields=["byte"])


def has_begun(placement: Placement) -> bool:
    """Has anybody read or answered here, or a grade? Then the Byte stays."""
    return placement.progress.exists()


def _dates_of_column(placement: Placement) -> dict[str, datetime | None]:
    return {"starts_at": placement.opens_at, "ends_at": placement.due_at or placement.closes_at}


def _with_byte() -> QuerySet[Placement]:
    return Placement.objects.select_related("byte").defer("byte__document")


_of_link = Prepared(lambda link: _with_byte().filter(resource_link=link), link=ResourceLink._meta.pk)
