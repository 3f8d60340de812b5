"""Mails to operators: one when grades for an LMS stay undelivered, one when it is over, nothing about anybody."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from itpm_byte.engine.models import PeriodicJob
from itpm_byte.engine.upkeep import JOBS, Upkeep
from itpm_byte.watch import alerts
from itpm_byte.watch.models import Incident
from lti.models import PlatformUser, Registration, Score, ScoreSending
from tests.constraints import assert_refused, named
from tests.lti.course import NOW, Course, make_course

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.ALERT_EMAILS = ["ops@example.org", "night@example.org"]
    settings.ALERT_AFTER_MINUTES = 30


@pytest.fixture
def late() -> Course:
    """A course whose two grades have waited for an hour at NOW."""
    course = make_course()
    for learner in (course.lin, course.kai):
        course.queue(user=learner, now=NOW - timedelta(hours=1))
    Score.objects.update(last_error="unreachable")
    return course


def delivered(course: Course, *, at) -> None:
    for score in Score.objects.all():
        ScoreSending.objects.create(score=score, at=at, given=8, maximum=10, outcome="sent")
    Score.objects.update(state="sent", sent_at=at)


def told() -> list[tuple[str, str]]:
    """Subject and address of what left since the last look."""
    found = [(message.subject, *message.to) for message in mail.outbox]
    mail.outbox.clear()
    return found


def test_an_incident_is_told_once_with_number_time_and_cause_and_once_when_it_is_over(late):
    assert [alerts.tell(now=NOW + minute * MINUTE) for minute in range(3)] == [1, 0, 0]

    text = mail.outbox[0].body
    assert "2 grades wait to be sent to LMS, the oldest since 2026-11-23 11:00 UTC." in text
    assert "The learning platform doesn\u2019t answer." in text.replace("'", "\u2019")
    assert f"/staff/lms/{late.registration.uuid}/doctor/" in text
    begun = "ITPM Byte, LMS: grades do not arrive"
    assert told() == [(begun, "ops@example.org"), (begun, "night@example.org")]

    delivered(late, at=NOW + 5 * MINUTE)
    assert [alerts.tell(now=NOW + minute * MINUTE) for minute in (6, 7)] == [1, 0]
    assert "lasted 6 minutes" in mail.outbox[0].body
    assert {subject for subject, _ in told()} == {"ITPM Byte, LMS: grades arrive again"}

    late.queue("3", now=NOW + timedelta(hours=2))
    assert alerts.tell(now=NOW + timedelta(hours=3)) == 1
    assert Incident.objects.count() == 2


def test_nothing_about_a_person_stands_in_a_mail(late):
    PlatformUser.objects.filter(pk=late.lin.pk).update(name="Lin Tran", email="lin@school.example", sub="sub-of-lin")
    Score.objects.update(comment="Well done, Lin")
    alerts.tell(now=NOW)
    delivered(late, at=NOW + MINUTE)
    alerts.tell(now=NOW + 2 * MINUTE)

    whole = "".join(f"{message.subject}{message.body}" for message in mail.outbox)
    assert "2 grades" in whole
    for personal in ("Lin", "Tran", "school.example", "sub-of-lin", "Well done", late.context.title):
        assert personal not in whole


def test_what_is_delivered_in_time_is_no_incident(late):
    Score.objects.update(timestamp=NOW - timedelta(minutes=29))

    assert (alerts.tell(now=NOW), Incident.objects.count()) == (0, 0)


def test_grades_given_up_after_days_are_no_end_of_it(late):
    alerts.tell(now=NOW)
    Score.objects.update(state="failed", next_try_at=None)
    told()

    assert (alerts.tell(now=NOW + MINUTE), told()) == (0, [])
    one = Score.objects.first()
    ScoreSending.objects.create(score=one, at=NOW + MINUTE, given=8, maximum=10, outcome="sent")
    Score.objects.filter(pk=one.pk).update(state="sent", sent_at=NOW + MINUTE)
    assert alerts.tell(now=NOW + 2 * MINUTE) == 1
    assert "1 could not be sent for good" in mail.outbox[0].body


def test_each_lms_has_its_own_and_one_that_is_switched_off_has_none(late):
    other = make_course(issuer="https://other.example")
    other.queue(now=NOW - timedelta(hours=1))
    Registration.objects.filter(pk=other.registration.pk).update(name="Other\r\nBcc: somebody@example.org")
    assert alerts.tell(now=NOW) == 2
    assert {subject for subject, _ in told()} == {
        "ITPM Byte, LMS: grades do not arrive",
        "ITPM Byte, Other Bcc: somebody@example.org: grades do not arrive",
    }

    Incident.objects.all().delete()
    Registration.objects.update(status="disabled")
    assert alerts.tell(now=NOW) == 0


def test_where_nobody_tried_that_is_the_cause(late):
    Score.objects.update(last_error="")
    alerts.tell(now=NOW)

    assert alerts.NOT_TRIED in mail.outbox[0].body


def test_a_mail_that_cannot_leave_is_tried_again(late, monkeypatch):
    def away(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(alerts.EmailMessage, "send", away)
        with pytest.raises(ConnectionRefusedError):
            alerts.tell(now=NOW)

    assert Incident.objects.get().told_at is None
    assert alerts.tell(now=NOW + MINUTE) == 1


def test_without_an_address_nothing_happens(late, settings):
    settings.ALERT_EMAILS = []

    assert (alerts.tell(now=NOW), Incident.objects.count()) == (0, 0)


def test_old_incidents_are_forgotten(late):
    Incident.objects.create(
        registration=late.registration, opened_at=NOW - timedelta(days=402), closed_at=NOW - timedelta(days=401)
    )
    alerts.tell(now=NOW)

    assert Incident.objects.get().closed_at is None


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_at_the_same_moment_tell_once(late):
    jobs = tuple(job for job in JOBS if job.name == "alerts")
    barrier = threading.Barrier(3)

    def tick():
        barrier.wait()
        try:
            Upkeep(jobs).tick(now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PeriodicJob.objects.get().name == "alerts"
    assert len(told()) == 2


def test_the_database_keeps_one_open_incident_for_an_lms(late):
    Incident.objects.create(registration=late.registration, opened_at=NOW)

    assert named("watch") == {"watch_incident_one_open"}
    assert_refused(
        "watch",
        "watch_incident_one_open",
        lambda: Incident.objects.create(registration=late.registration, opened_at=NOW),
    )
