"""Pauses of a whole LMS, and who ends them (AGS-04, AGS-05)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lti import health, tasks
from lti.models import Registration, Score
from tests.cast import cast
from tests.lti.course import Course, make_course

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


def waiting(now) -> Course:
    """A course whose LMS refused us, and whose grade waits for the end of the pause."""
    course = make_course()
    course.queue("8", now=now)
    Registration.objects.filter(pk=course.registration.pk).update(services_paused_until=now + HOUR, services_failures=9)
    Score.objects.filter(line_item=course.line_item).update(next_try_at=now + HOUR)
    return course


def is_free(course: Course, now) -> bool:
    """Does the next sweep ring for it, and does no pause stop it?"""
    tasks.ring_overdue(now=now)
    course.registration.refresh_from_db()
    return course.registration.services_paused_until is None and course.line_item.scores.get().rung_at == now


def test_what_waits_for_the_end_of_a_pause_is_set_free(now):
    course = waiting(now)
    assert not is_free(course, now)
    health.lift(course.registration, now=now)

    assert is_free(course, now)


def test_the_first_score_after_a_pause_is_still_a_probe(now):
    course = waiting(now)
    health.lift(course.registration, now=now)

    assert Registration.objects.get().services_failures == 9


def test_another_lms_stays_paused(now):
    mended, other = waiting(now), waiting(now)
    health.lift(mended.registration, now=now)

    assert not is_free(other, now)


def test_a_score_whose_time_has_not_come_is_not_sent_early(now):
    """Timestamps grow by whole seconds (AGS-22): the second of two quick wishes lies a second ahead."""
    course = waiting(now)
    Score.objects.update(timestamp=now + timedelta(seconds=1), next_try_at=now + timedelta(seconds=1))
    health.lift(course.registration, now=now)

    assert Score.objects.get().next_try_at == now + timedelta(seconds=1)


@pytest.mark.parametrize("what", ["registration", "deployment"])
def test_whoever_switches_a_connection_on_again_sets_its_grades_free(now, what):
    course = waiting(now)
    row = getattr(course, what)
    row.status = "disabled"
    row.save()
    client = Client()
    client.force_login(cast().sue)
    path = f"/staff/lms/{course.registration.uuid}/"
    if what == "registration":
        client.post(path + "decide/", {"decision": "approve"})
    else:
        owner = {"decision": "approve", "institution": row.institution_id}
        client.post(path + f"deployments/{row.pk}/", owner)
    row.refresh_from_db()

    assert (row.status, is_free(course, timezone.now())) == ("active", True)


@pytest.mark.parametrize(("code", "longest"), [("token_refused", 3600), ("unreachable", 300), ("rate_limited", 300)])
def test_ags_05_pauses_grow_to_an_hour_where_we_are_refused_and_to_minutes_elsewhere(code, longest):
    assert [health.pause_after(failures, code).total_seconds() for failures in (1, 2, 50)] == [5, 10, longest]
