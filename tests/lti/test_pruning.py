"""What is forgotten, and when."""

from datetime import timedelta

import pytest

from lti import pruning
from lti.models import Group, GroupMember, Launch, Login, Membership, Notice, PlatformUser
from tests.lti.course import NOW, make_course, make_member

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

    nothing = dict.fromkeys(("launches", "notices", "sendings", "misses", "strangers"), 0)
    assert pruning.prune(now=NOW) == {"logins": 5} | nothing


def test_grades_and_people_stay_when_sessions_go(course):
    score = course.queue("8")
    leave_launch(course, NOW - 30 * DAY)
    pruning.prune(now=NOW)

    score.refresh_from_db()
    assert (score.user, course.lin.memberships.count()) == (course.lin, 1)


@pytest.mark.parametrize(("ago", "is_kept"), [(29 * DAY, True), (30 * DAY, False)])
def test_notices_are_forgotten_a_month_after_they_came(course, ago, is_kept):
    Notice.objects.create(deployment=course.deployment, notice_id="n", notice_type="x", received_at=NOW - ago)
    pruning.prune(now=NOW)

    assert Notice.objects.exists() == is_kept


# --- people who only stood in a list (NRPS-09)


def listed(course, sub="new", *, ago=90 * DAY, status="left", **fields):
    """Somebody whom only the roster brought, last seen in it so long ago."""
    return make_member(course.context, sub, "learner", status=status, roster_seen_at=NOW - ago, **fields)


def test_who_left_without_ever_coming_is_forgotten_after_the_time_that_is_set(course, settings):
    settings.LTI_ROSTER_KEPT_DAYS = 90
    gone, kept = listed(course), listed(course, "later", ago=89 * DAY)

    assert pruning.prune(now=NOW)["strangers"] == 1

    assert not PlatformUser.objects.filter(pk=gone.pk).exists()
    assert Membership.objects.filter(user=kept).exists()


@pytest.mark.parametrize(
    "fields", [{"status": "active"}, {"status": "inactive"}, {"last_launch_at": NOW - 400 * DAY}], ids=str
)
def test_who_is_in_the_course_or_ever_came_stays(course, fields):
    somebody = listed(course, **fields)
    assert pruning.prune(now=NOW)["strangers"] == 0
    assert Membership.objects.filter(user=somebody).exists()


def test_who_left_one_course_stays_known_in_the_other(course):
    somebody, other = listed(course), make_course()
    Membership.objects.create(context=other.context, user=somebody, role="learner")

    assert pruning.prune(now=NOW)["strangers"] == 1
    assert [seat.context for seat in somebody.memberships.all()] == [other.context]


def test_whoever_did_anything_stays_also_without_a_seat(course):
    somebody = listed(course)
    course.queue("8", user=course.kai)
    leave_launch(course, NOW + DAY)
    Launch.objects.update(user=somebody)

    assert pruning.prune(now=NOW)["strangers"] == 1
    assert PlatformUser.objects.filter(pk=somebody.pk).exists()


def test_groups_keep_nobody_alive(course):
    somebody = listed(course)
    group = Group.objects.create(context=course.context, group_id="r")
    GroupMember.objects.create(group=group, user=somebody)

    pruning.prune(now=NOW)

    assert not PlatformUser.objects.filter(pk=somebody.pk).exists()
    assert Group.objects.filter(pk=group.pk).exists()
