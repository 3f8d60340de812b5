"""Activities that a teacher copied with a course, or within one (OTH-08): settings go along, attempts never do.

`lti.courses.copies` says which activity is the origin. A certain one gives its settings at once, so that learners can
begin; a guess waits for the teacher. Either way the teacher is asked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.tasks import task
from django.utils import timezone

from itpm_byte.learning import placements, regrading
from itpm_byte.learning.models import Pick, Placement
from lti import scopes
from lti.audit import Actor
from lti.courses import copies
from lti.courses.copies import By, Candidate, Clues
from lti.models import Context, LineItem, ResourceLink
from lti.outcomes import ServiceProblem
from lti.services import LINE_ITEM_TYPE, Services

Copy = Placement.Copy
# Teachers choose among these; a course with more has other worries.
MOST_CANDIDATES = 200
DATES = frozenset({"opens_at", "due_at", "closes_at"})

log = structlog.get_logger("learning.copies")


class NotAskable(Exception):
    """There is no question of copying at this activity, or the answer does not fit it."""


@dataclass(frozen=True)
class Origin:
    """What a link was copied from."""

    placement: Placement
    is_certain: bool


@dataclass(frozen=True)
class Named:
    """An origin in words, for the teacher."""

    title: str
    course: str


# --- finding


def origin_of(link: ResourceLink, custom: Mapping[str, str]) -> Origin | None:
    """The activity that a link without a placement was copied from, None if nothing points to one.

    No query when the LMS told nothing. Remembers the course's history for the teacher's question.
    """
    told = link.context.origin_ids if link.context is not None else []
    context_id = link.context.context_id if link.context is not None else ""
    known = copies.clues(custom, title=link.title, context_id=context_id, told_origins=told)
    if not known.are_any:
        return None
    rows = _candidates(link, known)
    _log_strangers(link, known, rows)
    _remember_course(link, known)
    found = copies.resolve(known, [_as_candidate(row) for row in rows.values()])
    if found is None or (found.by is By.COURSE_HISTORY and _is_picked_anew(link, known)):
        return None
    log.info("learning.copy_found", resource_link=link.pk, origin=found.key, by=str(found.by))
    return Origin(rows[found.key], found.is_certain)


def choices_for(link: ResourceLink) -> list[Placement]:
    """Activities of the old course that the teacher may choose from; those of the same title first."""
    if link.context is None:
        return []
    known = copies.clues({}, title=link.title, context_id=link.context.context_id, told_origins=link.context.origin_ids)
    rows = _candidates(link, known)
    listed = copies.in_old_course(known, [_as_candidate(row) for row in rows.values()])
    guess = copies.resolve(known, listed)
    return sorted((rows[candidate.key] for candidate in listed), key=lambda row: not guess or row.pk != guess.key)


def origin_named(placement: Placement) -> Named | None:
    """What the placement was copied from, None if that is gone. Only of the same tenant, whatever happened since."""
    known = placement.copied_from_id
    origin = None if known is None else _of_tenant(placement.resource_link).filter(pk=known).first()
    if origin is None:
        return None
    link = origin.resource_link
    return Named(link.title or origin.byte.title, str(link.context or ""))


def _candidates(link: ResourceLink, known: Clues) -> dict[int, Placement]:
    """Placements that the clues may mean, by key: of this tenant only (SEC-05), those of this deployment first."""
    wanted = Q(resource_link__resource_link_id__in=known.link_history)
    wanted |= Q(resource_link__context__context_id__in=known.context_history)
    if known.pick:
        wanted |= Q(resource_link__line_item__resource_id=known.pick)
    found = _of_tenant(link).filter(wanted).exclude(resource_link=link).order_by("pk")[:MOST_CANDIDATES]
    own = link.deployment_id
    return {row.pk: row for row in sorted(found, key=lambda row: row.resource_link.deployment_id != own)}


def _of_tenant(link: ResourceLink) -> QuerySet[Placement]:
    """One LMS may serve several institutions: the owner counts, not the registration alone (CORE-41)."""
    deployment = link.deployment
    return (
        Placement.objects.select_related("byte", "resource_link__context", "resource_link__line_item")
        .defer("byte__document")
        .filter(
            resource_link__deployment__registration=deployment.registration_id,
            resource_link__deployment__institution=deployment.institution_id,
        )
    )


def _as_candidate(row: Placement) -> Candidate:
    link = row.resource_link
    column: LineItem | None = getattr(link, "line_item", None)
    return Candidate(
        key=row.pk,
        link_id=link.resource_link_id,
        context_id=link.context.context_id if link.context else "",
        title=link.title or row.byte.title,
        pick=column.resource_id if column else "",
    )


def _is_picked_anew(link: ResourceLink, known: Clues) -> bool:
    """Chosen in the LMS's picker for just this link: then a like-named one in an old course means nothing."""
    try:
        return Pick.objects.filter(uuid=UUID(known.pick), deployment=link.deployment_id).exists()
    except ValueError:
        return False


def _log_strangers(link: ResourceLink, known: Clues, rows: Mapping[int, Placement]) -> None:
    """A history that points into another tenant is ignored; somebody should know that the LMS said so."""
    found = {row.resource_link.resource_link_id for row in rows.values()}
    missing = [link_id for link_id in known.link_history if link_id not in found]
    if not missing:
        return
    strangers = ResourceLink.objects.filter(
        deployment__registration=link.deployment.registration_id, resource_link_id__in=missing
    ).exclude(deployment__institution=link.deployment.institution_id)
    if count := strangers.count():
        log.warning("learning.history_foreign", resource_link=link.pk, strangers=count)


def _remember_course(link: ResourceLink, known: Clues) -> None:
    if link.context is not None and list(known.context_history) != link.context.origin_ids:
        link.context.origin_ids = list(known.context_history)
        Context.objects.filter(pk=link.context.pk).update(origin_ids=link.context.origin_ids)


# --- taking over


def clone(link: ResourceLink, origin: Placement, *, now: datetime, state: Placement.Copy = Copy.CLONED) -> Placement:
    """The link's placement with the origin's Byte and settings; attempts stay there.

    CLONED: the teacher is yet to be asked; KEPT: it was the teacher who said so.
    """
    defaults = {
        **_settings_of(origin, now=now),
        "byte": origin.byte,
        "copied_from": origin,
        "copy_state": state,
    }
    # Two people may be first at once: the second one gets the first one's row.
    placement, _is_new = Placement.objects.get_or_create(resource_link=link, defaults=defaults)
    placements.refresh_version(placement, now=now)
    column: LineItem | None = getattr(origin.resource_link, "line_item", None)
    if column is not None and column.resource_id:
        told = {"resource_id": column.resource_id, "tag": column.tag, "label": column.label}
        LineItem.objects.filter(resource_link=link, resource_id="").update(**told)
    return placement


def look_further(link: ResourceLink, guess: Origin | None) -> None:
    """For a link that was set up without a certain origin: ask the teacher about the guess, or look at the column."""
    if guess is None:
        _ask_column(link)
        return
    rows = Placement.objects.filter(resource_link=link, copy_state=Copy.NONE)
    rows.update(copied_from=guess.placement, copy_state=Copy.SUGGESTED)


def _settings_of(origin: Placement, *, now: datetime) -> dict[str, Any]:
    """All settings, but no date that is over: a copied course would begin closed."""
    settings = {name: getattr(origin, name) for name in placements.SETTINGS}
    over = {name for name in DATES if settings[name] is not None and settings[name] <= now}
    return {name: None if name in over else value for name, value in settings.items()}


# --- the teacher's answer


def keep(placement: Placement) -> None:
    """The settings that came along are right. Raises NotAskable."""
    if placement.copy_state != Copy.CLONED:
        raise NotAskable
    _settle(placement, Copy.KEPT)


def take(link: ResourceLink, origin_uuid: str, *, shown: str = "", by: Actor, now: datetime) -> None:
    """It was copied from that one: take its settings, and its Byte while nobody has begun. Raises NotAskable, and
    NotAsShown as `regrading.change_settings` does."""
    origin = next((row for row in choices_for(link) if str(row.uuid) == origin_uuid), None)
    if origin is None:
        raise NotAskable
    with transaction.atomic():
        locked = Placement.objects.select_for_update(of=("self",)).filter(resource_link=link).first()
        if locked is None:
            clone(link, origin, now=now, state=Copy.KEPT)
            return
        if locked.copy_state != Copy.SUGGESTED:
            raise NotAskable
        if origin.byte_id != locked.byte_id and not locked.progress.exists():
            locked.byte = origin.byte
            locked.save(update_fields=["byte"])
        news = _settings_of(origin, now=now)
        regrading.change_settings(locked, news, shown=shown, by=by, now=now, is_lms_told=False)
        locked.copied_from = origin
        _settle(locked, Copy.KEPT)


def begin_afresh(placement: Placement, *, shown: str = "", by: Actor, now: datetime) -> None:
    """It is no copy, or its settings are not wanted: the usual ones. The Byte stays. Raises NotAskable, NotAsShown."""
    if not placement.asks_about_copy:
        raise NotAskable
    fields = {field.name: field for field in Placement._meta.concrete_fields}
    usual = {name: fields[name].get_default() for name in placements.SETTINGS}
    with transaction.atomic():
        if placement.copy_state == Copy.CLONED:
            regrading.change_settings(placement, usual, shown=shown, by=by, now=now, is_lms_told=False)
        _settle(placement, Copy.FRESH)


def _settle(placement: Placement, state: Placement.Copy) -> None:
    placement.copy_state = state
    placement.save(update_fields=["copy_state", "copied_from"])


# --- the grade column


def _ask_column(link: ResourceLink) -> None:
    """Ring for reading the new link's grade column: its resource id may name a pick that `custom` lost (OTH-08)."""
    column: LineItem | None = getattr(link, "line_item", None)
    if column is None or not column.url or column.resource_id:
        return
    if Pick.objects.filter(deployment=link.deployment_id).exists():
        transaction.on_commit(partial(read_column.enqueue, link.pk), robust=True)


@task
def read_column(link_id: int) -> str:
    """Look whether the column names an activity that we know. The answer is a word for the task's record."""
    return trace_by_column(link_id, now=timezone.now())


def trace_by_column(link_id: int, *, now: datetime) -> str:
    """Clone the settings of the activity that the column names while nobody has begun; else the teacher is asked."""
    relations = ("resource_link__context", "resource_link__deployment", "deployment__registration")
    column = LineItem.objects.select_related(*relations).filter(resource_link=link_id).exclude(url=None).first()
    if column is None:
        return "no column"
    services = Services.of_line_item(column, now=now)
    try:
        page = services.read(column.url or "", wants=[scopes.LINEITEM, scopes.LINEITEM_READ], accept=LINE_ITEM_TYPE)
    except ServiceProblem as problem:
        return problem.outcome.code or "not now"
    said = page.body.get("resourceId") if isinstance(page.body, dict) else None
    if not isinstance(said, str) or not 0 < len(said) <= 255:
        return "nothing said"
    found = origin_of(column.resource_link, {"pick": said})
    placement = Placement.objects.filter(resource_link=link_id, copy_state=Copy.NONE).first()
    if found is None or placement is None:
        return "unknown"
    LineItem.objects.filter(pk=column.pk, resource_id="").update(resource_id=said)
    with transaction.atomic():
        if not placement.progress.exists():
            placements.change_settings(placement, now=now, is_lms_told=False, **_settings_of(found.placement, now=now))
            placement.copied_from = found.placement
            _settle(placement, Copy.CLONED)
            return "cloned"
        placement.copied_from = found.placement
        _settle(placement, Copy.SUGGESTED)
    return "suggested"
