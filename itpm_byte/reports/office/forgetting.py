"""What log-ins of staff leave behind, and how long it is kept."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session

# Longer than an account is locked.
ATTEMPTS_KEPT = timedelta(days=1)
# Account, time and address, for whoever asks who was in.
LOG_INS_KEPT = timedelta(days=90)


def prune(*, now: datetime) -> int:
    """How many rows were forgotten."""
    old = (
        AccessAttempt.objects.filter(attempt_time__lte=now - ATTEMPTS_KEPT),
        AccessLog.objects.filter(attempt_time__lte=now - LOG_INS_KEPT),
        Session.objects.filter(expire_date__lte=now),
    )
    return sum(rows.delete()[0] for rows in old)
