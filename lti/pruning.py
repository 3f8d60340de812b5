"""Forgets what nobody can need any more: logins that ran out, sessions that ended, people who only stood in a list."""

from datetime import datetime, timedelta

from django.db.models import Q

from lti.courses import members, misses
from lti.models import Launch, Login, Notice, ScoreSending

# Kept a while for whoever asks why a launch was refused or a session ended.
LOGINS_KEPT = timedelta(hours=1)
LAUNCHES_KEPT = timedelta(days=7)
# Longer than an LMS may send the same one again.
NOTICES_KEPT = timedelta(days=30)
# A course's year, and the time in which somebody asks about its grades.
SENDINGS_KEPT = timedelta(days=400)
BATCH = 1000


def prune(*, now: datetime) -> dict[str, int]:
    """How many rows of each were forgotten. A batch at a time, so that nobody waits long for a lock.

    A login must outlive every state it issued, else a replayed one could not be told from an unknown one (CORE-20).
    """
    old_logins = Login.objects.filter(expires_at__lte=now - LOGINS_KEPT)
    over = Q(expires_at__lte=now - LAUNCHES_KEPT) | Q(ended_at__lte=now - LAUNCHES_KEPT)
    return {
        "logins": _forget(old_logins, Login),
        "launches": _forget(Launch.objects.filter(over), Launch),
        "notices": _forget(Notice.objects.filter(received_at__lte=now - NOTICES_KEPT), Notice),
        "sendings": _forget(ScoreSending.objects.filter(at__lte=now - SENDINGS_KEPT), ScoreSending),
        "misses": misses.forget_old(now=now),
        "strangers": members.forget_strangers(now=now),
    }


def _forget(old: object, model: type[Login] | type[Launch] | type[Notice] | type[ScoreSending]) -> int:
    forgotten = 0
    while True:
        batch = list(old.values_list("pk", flat=True)[:BATCH])  # type: ignore[attr-defined]
        if not batch:
            return forgotten
        model.objects.filter(pk__in=batch).delete()
        forgotten += len(batch)
