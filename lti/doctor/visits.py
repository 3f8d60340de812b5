"""Visits of the connection doctor that somebody asked for on a page: a worker makes them, the page shows how far."""

from datetime import datetime, timedelta

from django.db import transaction

from lti.doctor import examination as doctor
from lti.doctor.visit import Finding
from lti.models import Examination, Registration

# A worker that hasn't finished by then has died.
LONGEST = timedelta(minutes=2)


def ask_for(registration: Registration, *, now: datetime) -> tuple[Examination, bool]:
    """The visit, and whether it is a new one: while one is under way nobody needs a second."""
    with transaction.atomic():
        examination, is_new = Examination.objects.select_for_update().get_or_create(
            registration=registration, defaults={"asked_at": now}
        )
        if is_new or not is_under_way(examination, now=now):
            examination.asked_at, examination.began_at, examination.finished_at = now, None, None
            examination.findings = []
            examination.save()
            return examination, True
    return examination, False


def is_under_way(examination: Examination, *, now: datetime) -> bool:
    return examination.finished_at is None and now - examination.asked_at < LONGEST


def make(examination_id: int, *, now: datetime) -> str:
    """The visit itself; each finding is saved as it comes. A word for the task's record."""
    examination = Examination.objects.select_related("registration").filter(pk=examination_id, began_at=None).first()
    if examination is None:
        return "nothing to do"
    same = Examination.objects.filter(pk=examination.pk, asked_at=examination.asked_at)
    if not same.filter(began_at=None).update(began_at=now):
        return "another worker is there"
    told = []
    for finding in doctor.examine(examination.registration, now=now):
        told.append(finding.as_json())
        same.update(findings=told)
    same.update(finished_at=now)
    return doctor.conclude(examination.registration, findings_of(told), now=now)


def findings_of(told: list[dict[str, object]]) -> list[Finding]:
    return [Finding.from_json(each) for each in told]
