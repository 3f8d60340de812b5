"""What staff did is written down with the deed, in its transaction: who, what, to whom, when, why, before and after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.functional import Promise

from lti.models import Context, Institution, PlatformUser, StaffAction

log = structlog.get_logger("lti.audit")

# A teacher as an LMS knows them, an account of this site, or None for what the service does by itself.
type Actor = PlatformUser | AbstractBaseUser | None
LONGEST_REASON = 1000


def record(
    action: str,
    *,
    by: Any,
    now: datetime,
    on: models.Model | None = None,
    context: Context | None = None,
    institution: Institution | None = None,
    subject: PlatformUser | None = None,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> StaffAction:
    """One row for one deed; must run inside the deed's transaction, so that neither exists without the other.

    `by` is an Actor. `institution` is the context's if only that is given. `before` and `after` hold what changed, by
    field name: numbers, dates, choices; never names, e-mails or answers. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a deed and its record belong into one transaction")
    if institution is None and context is not None:
        institution = context.deployment.institution
    row = StaffAction.objects.create(
        at=now,
        account=by if by is not None and not isinstance(by, PlatformUser) else None,
        teacher=by if isinstance(by, PlatformUser) else None,
        institution=institution,
        context=context,
        action=action,
        object_type=on._meta.label_lower if on is not None else "",
        object_id=str(on.pk) if on is not None else "",
        subject=subject,
        reason=reason.replace("\0", "").strip()[:LONGEST_REASON],
        before=_plain(before),
        after=_plain(after),
    )
    log.info("staff_action", action=action, record=row.pk)
    return row


def _plain(values: Mapping[str, object] | None) -> dict[str, object] | None:
    """As JSON keeps it: times and points as texts, rows as their keys."""
    if values is None:
        return None
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_value(part) for part in value]
    return DjangoJSONEncoder().default(value)
