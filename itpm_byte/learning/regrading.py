"""A teacher changes settings, or has attempts marked anew: no grade changes unless the teacher has seen which.

Each deed is one transaction with its record. It holds the whole class: nobody's grade can change between the look at
what would happen and the happening itself. Lock order as in `progress`: the placement, then the learners' rows.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from itpm_byte.content.models import Byte
from itpm_byte.learning import dry_run, placements, progress
from itpm_byte.learning.dry_run import DryRun
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti import audit

BATCH = 500


class NotAsShown(Exception):
    """Grades would change, and others than the teacher saw. Nothing was changed; `dry_run` is what there is to see.

    `settings` are those that would be new.
    """

    def __init__(self, found: DryRun, settings: Mapping[str, object]) -> None:
        super().__init__("grades would change otherwise than was shown")
        self.dry_run = found
        self.settings = settings


def change_settings(
    placement: Placement,
    settings: Mapping[str, object],
    *,
    byte: Byte | None = None,
    shown: str = "",
    by: audit.Actor,
    now: datetime,
    is_lms_told: bool = True,
) -> int:
    """As `placements.change_settings`, and another Byte or version. How many grades that changed.

    `shown` is the fingerprint of the DryRun that the teacher agreed to; grades that stay need none. The same settings
    again change nothing. Raises NotAsShown, ByteInUse, ValidationError.
    """
    with transaction.atomic():
        _hold(placement)
        before = {name: getattr(placement, name) for name in settings}
        news: dict[str, Any] = {name: value for name, value in settings.items() if value != before[name]}
        moves = byte is not None and byte.pk != placement.byte_id
        if not news and not moves:
            return 0
        found = dry_run.of_settings(placement, news)
        _check(found, shown, news)
        told: dict[str, object] = {name: before[name] for name in news}
        after: dict[str, object] = {**news, "grades_changed": len(found.changes)}
        if byte is not None and moves:
            told["byte"], after["byte"] = placement.byte_id, byte.pk
            placements.put_byte(placement, byte)
        placements.change_settings(placement, now=now, is_lms_told=is_lms_told, **news)
        course = placement.resource_link.context
        audit.record("settings.changed", by=by, now=now, on=placement, context=course, before=told, after=after)
    return len(found.changes)


def mark(placement: Placement, version: Byte | None, *, shown: str = "", by: audit.Actor, now: datetime) -> int:
    """Mark attempts by the key of this version, see `dry_run.of_marking`. How many grades that changed.

    Open attempts stay as they are, and so does what counts for nothing. Raises NotAsShown.
    """
    with transaction.atomic():
        _hold(placement)
        found = dry_run.of_marking(placement, version)
        if not found.marks:
            return 0
        _check(found, shown)
        before = {
            "points": [[mark.attempt.pk, mark.attempt.points] for mark in found.marks],
            "marked_with": [[mark.attempt.pk, mark.attempt.marked_with_id] for mark in found.marks],
        }
        for one in found.marks:
            one.attempt.points, one.attempt.marked_with = one.points, one.key
        rows = [one.attempt for one in found.marks]
        Attempt.objects.bulk_update(rows, ["points", "marked_with"], batch_size=BATCH)
        progress.recount_all(placement, now=now)
        after = {
            "points": [[attempt.pk, attempt.points] for attempt in rows],
            "marked_with": version.pk if version else None,
            "grades_changed": len(found.changes),
        }
        course = placement.resource_link.context
        audit.record("attempts.marked", by=by, now=now, on=placement, context=course, before=before, after=after)
    return len(found.changes)


def _hold(placement: Placement) -> None:
    """Until the transaction ends nobody begins here, submits, or is arranged for; the settings are those of now."""
    progress.hold(placement)
    rows = Progress.objects.select_for_update(of=("self",)).filter(placement=placement).order_by("pk")
    list(rows.values_list("pk", flat=True))
    placement.refresh_from_db(fields=sorted(placements.SETTINGS))


def _check(found: DryRun, shown: str, settings: Mapping[str, object] = MappingProxyType({})) -> None:
    if (found.changes or found.marks) and found.fingerprint != shown:
        raise NotAsShown(found, settings)
