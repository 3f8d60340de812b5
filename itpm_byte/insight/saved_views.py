"""Views of the completion report that staff keep, share inside their institution, and have sent to them.

A view is only a wish: whoever opens it sees what they may see themselves, and so does a mail.
"""

import calendar
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from itpm_byte.insight.models import SavedView, Subscription
from lti import audit, tenancy

# A worker that died while it sent is followed by another one after that.
LEASE = timedelta(minutes=30)


def visible_to(account: Any) -> QuerySet[SavedView]:
    """Own ones, and those that are shared with an institution of the account."""
    shared = Q(institution__isnull=False) & tenancy.within(account, "institution")
    return SavedView.objects.filter(Q(owner=account) | shared).select_related("owner", "institution").order_by("name")


def keep(account: Any, *, name: str, query: str, institution: Any, now: datetime) -> SavedView:
    """`institution` None: for the owner alone."""
    with transaction.atomic():
        view = SavedView.objects.create(owner=account, name=name, query=query, institution=institution, created_at=now)
        audit.record("view.saved", by=account, now=now, on=view, institution=institution)
    return view


def forget(account: Any, view: SavedView, *, now: datetime) -> None:
    """Its subscriptions go along."""
    with transaction.atomic():
        audit.record("view.deleted", by=account, now=now, on=view, institution=view.institution)
        view.delete()


def subscribe(account: Any, view: SavedView, *, every: str, form: str, now: datetime) -> Subscription:
    """One per account and view; again changes it. `every`: week or month. `form`: link or file."""
    values = {"every": every, "form": form, "next_at": following(now, every), "claimed_until": None}
    with transaction.atomic():
        found, _is_new = Subscription.objects.update_or_create(view=view, account=account, defaults=values)
        audit.record("view.subscribed", by=account, now=now, on=view, after={"every": every, "form": form})
    return found


def unsubscribe(subscription: Subscription, *, now: datetime) -> None:
    with transaction.atomic():
        audit.record("view.unsubscribed", by=subscription.account, now=now, on=subscription.view)
        subscription.delete()


def following(now: datetime, every: str) -> datetime:
    """The next Monday, or first of a month, at six in the morning (UTC)."""
    morning = now.replace(hour=6, minute=0, second=0, microsecond=0)
    if every == Subscription.Every.WEEK:
        day = morning + timedelta(days=-morning.weekday() % 7)
        return day if day > now else day + timedelta(days=7)
    first = morning.replace(day=1)
    if first > now:
        return first
    return first + timedelta(days=calendar.monthrange(first.year, first.month)[1])


def claim_due(*, now: datetime) -> Subscription | None:
    """One that is due, for this caller alone until the lease ends: a conditional UPDATE decides between workers."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    for found in Subscription.objects.filter(free, next_at__lte=now).order_by("next_at")[:20]:
        mine = Subscription.objects.filter(free, pk=found.pk, next_at=found.next_at)
        if mine.update(claimed_until=now + LEASE):
            return Subscription.objects.select_related("view", "account").get(pk=found.pk)
    return None


def settle(subscription: Subscription, *, now: datetime) -> bool:
    """Move on to the next period, before the mail leaves: whatever dies after this sends no second one.

    False when somebody else has moved it, or it is gone: then nothing may be sent.
    """
    mine = Subscription.objects.filter(
        pk=subscription.pk, next_at=subscription.next_at, claimed_until=subscription.claimed_until
    )
    times = {"next_at": following(now, subscription.every), "claimed_until": None, "sent_at": now}
    return bool(mine.update(**times))
