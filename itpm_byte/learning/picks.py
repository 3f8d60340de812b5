"""What teachers choose in the LMS's picker: stored first, then signed; taken up by the link's first launch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Pick, Placement
from lti import addresses
from lti.deep_linking import Item
from lti.grades.line_items import REVIEWABLE, TAG
from lti.models import Launch, ResourceLink
from lti.registering import tool

# What of a placement's settings is decided here; the rest has its defaults.
SETTINGS = ("attempts_allowed", "closes_at", "due_at", "grade_on", "opens_at", "pass_mark", "reveal", "which_counts")
# The LMS's own dates, by our setting: the custom parameter, and the variable that fills it at each launch (DL-17).
DATES = {
    "opens_at": ("available_from", "ResourceLink.available.startDateTime"),
    "due_at": ("submit_until", "ResourceLink.submission.endDateTime"),
    "closes_at": ("available_until", "ResourceLink.available.endDateTime"),
}
# The LMS fills these in, if it knows them; the others tell what the course and the link were copied from (OTH-07).
FILLED_IN_BY_LMS = {name: f"${variable}" for name, variable in (*tool.VARIABLES.items(), *DATES.values())}


@dataclass(frozen=True)
class Draft:
    """One activity as the teacher wants it. `settings` by the names in SETTINGS; `opens_in` is iframe, window or ""."""

    byte: Byte
    title: str
    score_maximum: Decimal
    settings: Mapping[str, Any] = field(default_factory=dict)
    opens_in: str = ""


def keep(launch: Launch, drafts: Iterable[Draft], *, now: datetime) -> Sequence[Item]:
    """Store the picks of a deep linking launch; answers what is to be signed (SEC-13)."""
    return [_item(_stored(launch, draft, now=now), draft) for draft in drafts]


def of_link(link: ResourceLink, pick_id: str) -> Pick | None:
    """The pick that a link names. One of another tenant, or what was typed in by hand, is none (SEC-04, SEC-05)."""
    try:
        wanted = UUID(pick_id)
    except ValueError:
        return None
    return Pick.objects.filter(uuid=wanted, deployment=link.deployment_id).first()


def settings_of(pick: Pick) -> dict[str, Any]:
    """For a placement: by field name, with times as datetime."""
    fields = {field.attname: field for field in Placement._meta.concrete_fields}
    return {name: fields[name].to_python(pick.settings[name]) for name in SETTINGS if name in pick.settings}


def dates_changed_in_lms(pick: Pick, custom: Mapping[str, str]) -> dict[str, datetime]:
    """Dates that this launch tells and that are not those of the pick: somebody changed them in the LMS (DL-17).

    Those without a zone, and variables that were not filled in, tell nothing.
    """
    picked, told = settings_of(pick), {}
    for name, (parameter, _variable) in DATES.items():
        when = _moment(custom.get(parameter, ""))
        if when is not None and when != picked.get(name):
            told[name] = when
    return told


def _moment(text: str) -> datetime | None:
    try:
        when = parse_datetime(text)
    except ValueError:
        return None
    return when if when is not None and is_aware(when) else None


def _stored(launch: Launch, draft: Draft, *, now: datetime) -> Pick:
    encoder = DjangoJSONEncoder()
    told = {name: draft.settings[name] for name in SETTINGS if draft.settings.get(name) is not None}
    return Pick.objects.create(
        deployment=launch.deployment,
        made_by=None if launch.user.is_anonymous else launch.user,
        byte_slug=draft.byte.slug,
        language=draft.byte.language,
        title=draft.title,
        score_maximum=draft.score_maximum,
        settings={
            name: encoder.default(value) if isinstance(value, datetime) else value for name, value in told.items()
        },
        created_at=now,
    )


def _item(pick: Pick, draft: Draft) -> Item:
    """Our id stands in `custom`, which survives copies, and in `resourceId`; one launch URL for all (DL-16)."""
    settings = draft.settings
    return Item(
        url=addresses.launch_url(),
        title=draft.title,
        text=draft.byte.objective,
        custom={"byte": pick.byte_slug, "pick": str(pick.uuid), **FILLED_IN_BY_LMS},
        window={"targetName": "_blank"} if draft.opens_in == "window" else None,
        iframe={"height": 800} if draft.opens_in == "iframe" else None,
        score_maximum=draft.score_maximum,
        resource_id=str(pick.uuid),
        tag=TAG,
        reviewable=REVIEWABLE,
        available_from=settings.get("opens_at"),
        available_until=settings.get("closes_at"),
        submission_until=settings.get("due_at"),
    )
