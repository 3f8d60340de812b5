"""Who posts notices that are refused, over all processes; who posts too many in a minute waits (SEC-19)."""

from datetime import datetime, timedelta

from django.db.models import Case, F, Value, When
from django.utils.crypto import salted_hmac

from lti.models import NoticeMiss

# So many refused notices in a minute from one address are somebody's mistake or mischief.
MOST = 30
# All senders together, for notices whose key is not known yet.
NEW_KEYS = "new keys"
KEPT = timedelta(hours=1)


def are_too_many(sender: str, *, now: datetime) -> bool:
    return NoticeMiss.objects.filter(sender=_name(sender), minute=_minute(now), number__gte=MOST).exists()


def add(sender: str, *, now: datetime) -> None:
    name, minute = _name(sender), _minute(now)
    number = Case(When(minute=minute, then=F("number") + 1), default=Value(1))
    if not NoticeMiss.objects.filter(sender=name).update(number=number, minute=minute):
        # Two at once may count as one.
        NoticeMiss.objects.bulk_create([NoticeMiss(sender=name, minute=minute, number=1)], ignore_conflicts=True)


def forget_old(*, now: datetime) -> int:
    forgotten, _ = NoticeMiss.objects.filter(minute__lte=now - KEPT).delete()
    return forgotten


def seconds_left(now: datetime) -> int:
    """Until the next minute, in which everybody begins anew."""
    return 60 - now.second


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _name(sender: str) -> str:
    """No address is kept."""
    return salted_hmac("lti.misses", sender, algorithm="sha256").hexdigest()
