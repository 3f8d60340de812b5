"""How long an institution keeps what it has about people: rules, what would go by them, and the daily job."""

import calendar
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from itpm_byte.learning.models import Progress, SupportRequest
from itpm_byte.privacy import erasing, people
from itpm_byte.privacy.models import LONGEST, RetentionRule
from lti import audit
from lti.models import Institution, Launch, Membership, PlatformUser

BATCH = 200
# In one run of the job: what is more goes tomorrow.
MOST = 20_000

log = structlog.get_logger("privacy.retention")


class MonthsInvalid(ValueError):
    """From 1 to LONGEST, or no number at all."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would go now; None where there is no rule for it."""

    people: int | None
    support_requests: int | None


def set_rule(
    institution: Institution,
    *,
    work_months: int | None,
    support_months: int | None,
    by: Any,
    reason: str,
    now: datetime,
) -> bool:
    """What the daily job goes by from now on; None: nothing goes. Did it change anything? Raises MonthsInvalid."""
    wanted = {"work_months": work_months, "support_months": support_months}
    if not all(months is None or 1 <= months <= LONGEST for months in wanted.values()):
        raise MonthsInvalid
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        rule = RetentionRule.objects.filter(institution=institution).first() or RetentionRule(institution=institution)
        before = {name: getattr(rule, name) for name in wanted}
        if before == wanted:
            return False
        for name, months in wanted.items():
            setattr(rule, name, months)
        rule.save()
        audit.record(
            "retention.rule_set",
            by=by,
            now=now,
            on=rule,
            institution=institution,
            reason=reason,
            before=before,
            after=wanted,
        )
    return True


def outlook(institution: Institution, *, work_months: int | None, support_months: int | None, now: datetime) -> Outlook:
    """A dry run of such a rule. Nothing is changed."""
    return Outlook(
        None if work_months is None else inactive(institution, since=months_before(now, work_months)).count(),
        None if support_months is None else _old_requests(institution, months_before(now, support_months)).count(),
    )


def apply_all(*, now: datetime) -> dict[str, int]:
    """The daily job: each institution by its own rule, and a second look at who was erased lately. How much went."""
    went = {"people": 0, "support_requests": 0}
    for rule in RetentionRule.objects.select_related("institution").order_by("pk"):
        for name, number in apply(rule, now=now).items():
            went[name] += number
    went["looked_at_again"] = erasing.look_again(now=now)
    return went


def apply(rule: RetentionRule, *, now: datetime) -> dict[str, int]:
    """One institution by its rule; bears being cut off. One record per run in which something went."""
    went = {"people": 0, "support_requests": 0}
    if rule.work_months is not None:
        due = inactive(rule.institution, since=months_before(now, rule.work_months)).order_by("pk")
        for keys in batched(list(due.values_list("pk", flat=True)[:MOST]), BATCH):
            went["people"] += _erase(keys, rule, now=now)
    if rule.support_months is not None:
        old = _old_requests(rule.institution, months_before(now, rule.support_months)).order_by("pk")
        for keys in batched(list(old.values_list("pk", flat=True)[:MOST]), BATCH):
            went["support_requests"] += SupportRequest.objects.filter(pk__in=keys).delete()[0]
    if any(went.values()):
        with transaction.atomic():
            told = {**went, "work_months": rule.work_months, "support_months": rule.support_months}
            audit.record("retention.applied", by=None, now=now, on=rule, institution=rule.institution, after=told)
    log.info("privacy.retention", institution=rule.institution_id, **went)
    return went


def inactive(institution: Institution, *, since: datetime) -> QuerySet[PlatformUser]:
    """People of this institution alone who were neither active nor in a course's list since then."""
    seen = (
        Membership.objects.filter(user=OuterRef("pk")).filter(
            Q(last_launch_at__gte=since) | Q(roster_seen_at__gte=since)
        ),
        Progress.objects.filter(learner=OuterRef("pk")).filter(
            Q(last_activity_at__gte=since) | Q(started_at__gte=since) | Q(completed_at__gte=since)
        ),
        Launch.objects.filter(user=OuterRef("pk"), created_at__gte=since),
    )
    found = people.of(Institution.objects.filter(pk=institution.pk))
    for rows in seen:
        found = found.filter(~Exists(rows))
    # Of whom nothing has a date: since the row last changed.
    dated = Exists(Membership.objects.filter(user=OuterRef("pk"), last_launch_at__isnull=False)) | Exists(
        Progress.objects.filter(learner=OuterRef("pk"), last_activity_at__isnull=False)
    )
    return found.filter(Q(dated) | Q(updated_at__lt=since))


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last one of that month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))


def _erase(keys: tuple[int, ...], rule: RetentionRule, *, now: datetime) -> int:
    """Looked at again, one by one: somebody may have come back meanwhile."""
    assert rule.work_months is not None
    still = inactive(rule.institution, since=months_before(now, rule.work_months)).filter(pk__in=keys)
    return sum(erasing.forget(person, now=now) is not None for person in still)


def _old_requests(institution: Institution, before: datetime) -> QuerySet[SupportRequest]:
    path = "placement__resource_link__deployment__institution"
    return SupportRequest.objects.filter(created_at__lt=before, **{path: institution})
