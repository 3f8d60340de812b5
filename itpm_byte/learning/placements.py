"""Which Byte stands behind a link."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.learning import progress
from itpm_byte.learning.errors import ByteUnknown
from itpm_byte.learning.models import Placement
from lti.models import ResourceLink
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
        "reveal",
        "which_counts",
    }
)
COUNTING = frozenset({"which_counts", "grade_on"})


def for_link(link: ResourceLink, *, byte_slug: str, language: str, now: datetime) -> Placement:
    """The link's placement; made with default settings when there is none. One query when it is there.

    `language` is a BCP 47 tag; the nearest published language is taken (content's rule). A placement that exists keeps
    its Byte whatever the arguments say: attempts stand behind it. Its newer version is taken by `refresh_version`.
    Raises ByteUnknown when no Byte of that slug is published yet.
    """
    found = _of_link.first(link=link.pk)
    if found is None:
        try:
            byte = Byte.objects.defer("document").filter(published_at__lte=now).current(byte_slug, language)
        except Byte.DoesNotExist:
            raise ByteUnknown(byte_slug) from None
        # Two learners may be first at once: the second one gets the first one's row.
        found, _is_new = _with_byte().get_or_create(resource_link=link, defaults={"byte": byte})
    found.resource_link = link
    return found


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


def change_settings(placement: Placement, *, now: datetime, **settings: object) -> None:
    """Set some of SETTINGS. What counts differently from now on is counted anew for everybody, in the same transaction.

    Raises ValidationError for values that make no sense.
    """
    if not settings.keys() <= SETTINGS:
        raise TypeError(f"no settings of a placement: {sorted(settings.keys() - SETTINGS)}")
    for name, value in settings.items():
        setattr(placement, name, value)
    with transaction.atomic():
        placement.full_clean()
        placement.save(update_fields=settings.keys())
        if not settings.keys().isdisjoint(COUNTING):
            progress.recount_all(placement, now=now)


def _with_byte() -> QuerySet[Placement]:
    return Placement.objects.select_related("byte").defer("byte__document")


_of_link = Prepared(lambda link: _with_byte().filter(resource_link=link), link=ResourceLink._meta.pk)
