"""Mails to operators when the grades of one LMS stay undelivered: one when it begins, one when it is over.

An incident opens when a grade has waited for ALERT_AFTER_MINUTES. It is over when none has waited that long any more
and the LMS took one since, or none is left. Nothing about a person stands in a mail: numbers, times, a cause.
A mail that can't be sent is tried again at the next turn; a worker that dies between sending and noting it sends twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from itpm_byte.watch.models import Incident
from lti.grades import advice
from lti.models import Registration, Score, ScoreSending

KEPT = timedelta(days=400)
_LMS = "line_item__deployment__registration"
NOT_TRIED = "No worker has tried to send them: there are too few workers, or none ran for a while."

log = structlog.get_logger("watch.alerts")


@dataclass(slots=True)
class Waiting:
    """Grades of one LMS that have waited too long."""

    number: int = 0
    since: datetime | None = None
    code: str = ""
    """The commonest cause, of lti.grades.advice."""


def tell(*, now: datetime) -> int:
    """Open, tell and close incidents. How many mails left."""
    if not settings.ALERT_EMAILS or not settings.MAILERS:
        return 0
    waiting = _waiting(now=now)
    known = Incident.objects.filter(closed_at=None).select_related("registration")
    incidents = {incident.registration_id: incident for incident in known}
    for registration in Registration.objects.filter(pk__in=waiting.keys() - incidents.keys()):
        incidents[registration.pk] = Incident.objects.create(registration=registration, opened_at=now)
    told = 0
    for key, incident in incidents.items():
        if incident.told_at is None and key in waiting:
            _send(incident, "grades do not arrive", _begun(incident.registration, waiting[key], now=now))
            told += _settle(incident, told_at=timezone.now())
        elif key not in waiting and _is_over(incident):
            if incident.told_at is not None:
                _send(incident, "grades arrive again", _over(incident, now=now))
                told += 1
            _settle(incident, closed_at=now)
    Incident.objects.filter(closed_at__lte=now - KEPT).delete()
    return told


def _waiting(*, now: datetime) -> dict[int, Waiting]:
    """By the registration's key; of LMSs that are switched on."""
    late = Score.objects.filter(
        ~Q(state="sent"),
        state=Score.State.DUE,
        timestamp__lte=now - timedelta(minutes=settings.ALERT_AFTER_MINUTES),
        **{f"{_LMS}__status": Registration.Status.ACTIVE},
    )
    found: dict[int, Waiting] = {}
    rows = late.order_by().values_list(_LMS, "last_error").annotate(number=Count("pk"), oldest=Min("timestamp"))
    for key, code, number, oldest in rows.order_by("-number", "last_error"):
        told = found.setdefault(key, Waiting(code=code))
        told.number += number
        told.since = min(filter(None, (told.since, oldest)))
        told.code = told.code or code
    return found


def _is_over(incident: Incident) -> bool:
    sent = ScoreSending.objects.filter(
        outcome="sent", at__gt=incident.opened_at, **{f"score__{_LMS}": incident.registration_id}
    )
    return sent.exists() or not _failed(incident.registration).exists()


def _failed(registration: Registration) -> QuerySet[Score]:
    return Score.objects.filter(~Q(state="sent"), state=Score.State.FAILED, **{_LMS: registration})


def _settle(incident: Incident, **times: datetime) -> int:
    return Incident.objects.filter(pk=incident.pk).update(**times)


def _send(incident: Incident, what: str, text: str) -> None:
    """One mail to each address, so that nobody reads whom else we tell."""
    name = " ".join(incident.registration.name.split())
    for address in settings.ALERT_EMAILS:
        EmailMessage(subject=f"ITPM Byte, {name}: {what}", body=text, to=[address]).send()
    log.info("watch.told", registration=str(incident.registration.uuid), what=what)


def _begun(registration: Registration, waiting: Waiting, *, now: datetime) -> str:
    cause = str(advice.for_teacher(waiting.code, registration.product)) or NOT_TRIED
    return f"""{waiting.number} grades wait to be sent to {registration.name}, the oldest since {_at(waiting.since)}.

Cause: {cause}

Nothing is lost: they are tried again for three days. There is one more mail when they arrive again.

How this connection fares: {_page("platform", registration)}
What is wrong with it: {_page("doctor", registration)}
"""


def _over(incident: Incident, *, now: datetime) -> str:
    registration = incident.registration
    failed = _failed(registration).count()
    rest = (
        f"\n{failed} could not be sent for good; the page says why. Mend it, then send them again.\n" if failed else ""
    )
    minutes = int((now - incident.opened_at).total_seconds() // 60)
    return f"""Grades for {registration.name} arrive again; none waits too long.

It began at {_at(incident.opened_at)} and lasted {minutes} minutes.
{rest}
How this connection fares: {_page("platform", registration)}
"""


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"


def _page(name: str, registration: Registration) -> str:
    return str(settings.PUBLIC_URL) + reverse(f"lti:{name}", args=[registration.uuid])
