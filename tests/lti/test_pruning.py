"""What is forgotten, and when."""

from datetime import timedelta

import pytest

from lti import pruning
from lti.models import Launch, Login
from tests.lti.course import NOW, make_course

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def course():
    return make_course()


def leave_login(course, expires_at, state: str = "s") -> Login:
    return Login.objects.create(
        state_hash=state, nonce="n", binding_hash="b", registration=course.registration, target_link_uri="/",
        created_at=expires_at - HOUR, expires_at=expires_at,
    )  # fmt: skip


def leave_launch(course, expires_at, **fields) -> Launch:
    return Launch.objects.create(
        deployment=course.deployment, user=course.lin, resource_link=course.link, role="learner",
        message_type="LtiResourceLinkRequest", created_at=expires_at - 8 * HOUR, expires_at=expires_at, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(("ago", "is_kept"), [(timedelta(0), True), (timedelta(minutes=59), True), (HOUR, False)])
def test_logins_are_forgotten_an_hour_after_they_ran_out(course, ago, is_kept):
    leave_login(course, NOW - ago)
    pruning.prune(now=NOW)

    assert Login.objects.exists() == is_kept


@pytest.mark.parametrize(("ago", "is_kept"), [(timedelta(0), True), (6 * DAY, True), (7 * DAY, False)])
def test_sessions_are_forgotten_a_week_after_they_ran_out(course, ago, is_kept):
    leave_launch(course, NOW - ago)
    pruning.prune(now=NOW)

    assert Launch.objects.exists() == is_kept


def test_sessions_that_were_ended_are_forgotten_a_week_after_that(course):
    leave_launch(course, NOW + DAY, ended_at=NOW - 7 * DAY)
    pruning.prune(now=NOW)

    assert Launch.objects.count() == 0


def test_forgetting_a_login_leaves_its_launch(course):
    launch = leave_launch(course, NOW + DAY, login=leave_login(course, NOW - 2 * HOUR))
    pruning.prune(now=NOW)

    launch.refresh_from_db()
    assert launch.login is None


def test_many_are_forgotten_in_batches_and_counted(course, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 2)
    for number in range(5):
        leave_login(course, NOW - DAY, str(number))

    assert pruning.prune(now=NOW) == {"logins": 5, "launches": 0}


def test_grades_and_people_stay_when_sessions_go(course):
    score = course.queue("8")
    leave_launch(course, NOW - 30 * DAY)
    pruning.prune(now=NOW)

    score.refresh_from_db()
    assert (score.user, course.lin.memberships.count()) == (course.lin, 1)
