"""Forgets what nobody can need any more: logins that ran out, sessions that ended."""

from datetime import datetime, timedelta

from django.db.models import Q

from lti.models import Launch, Login

# Kept a while for whoever asks why a launch was refused or a session ended.
LOGINS_KEPT = timedelta(hours=1)
LAUNCHES_KEPT = timedelta(days=7)
BATCH = 1000


def prune(*, now: datetime) -> dict[str, int]:
    """How many rows of each were forgotten. A batch at a time, so that nobody waits long for a lock.

    A login must outlive every state it issued, else a replayed one could not be told from an unknown one (CORE-20).
    """
    old_logins = Login.objects.filter(expires_at__lte=now - LOGINS_KEPT)
    over = Q(expires_at__lte=now - LAUNCHES_KEPT) | Q(ended_at__lte=now - LAUNCHES_KEPT)
    return {"logins": _forget(old_logins, Login), "launches": _forget(Launch.objects.filter(over), Launch)}


def _forget(old: object, model: type[Login] | type[Launch]) -> int:
    forgotten = 0
    while True:
        batch = list(old.values_list("pk", flat=True)[:BATCH])  # type: ignore[attr-defined]
        if not batch:
            return forgotten
        model.objects.filter(pk__in=batch).delete()
        forgotten += len(batch)
