"""Nothing goes without a rule; what goes by a rule is what its dry run said."""

from datetime import UTC, datetime, timedelta

import pytest

from itpm_byte.engine.upkeep import JOBS
from itpm_byte.learning.models import Progress, SupportRequest
from itpm_byte.privacy import retention
from itpm_byte.privacy.models import RetentionRule
from lti.models import Membership, PlatformUser, StaffAction
from tests.cast import cast, someone
from tests.learning.casting import placement

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=400), NOW - timedelta(days=30)


@pytest.fixture
def people():
    found = cast("amber")
    place = placement(found.link)
    old = someone(found, "Old")
    for user, at in ((found.lin, YOUNG), (old, OLD), (found.ada, YOUNG), (found.max, YOUNG)):
        Membership.objects.filter(user=user).update(last_launch_at=at)
    for user, at in ((found.lin, YOUNG), (old, OLD)):
        Progress.objects.create(placement=place, learner=user, started_at=at, last_activity_at=at)
        SupportRequest.objects.create(placement=place, learner=user, message="Help", created_at=at)
    return found


def rule(people, work=12, support=None):
    return retention.set_rule(
        people.institution, work_months=work, support_months=support, by=people.sue, reason="Law", now=NOW
    )


def named():
    return set(PlatformUser.objects.exclude(name="").values_list("name", flat=True))


def test_without_a_rule_nothing_goes(people):
    RetentionRule.objects.create(institution=people.institution)
    assert retention.apply_all(now=NOW + timedelta(days=9000)) == {
        "people": 0,
        "support_requests": 0,
        "looked_at_again": 0,
    }
    assert named() == {"Ada", "Lin", "Max", "Old"}
    assert StaffAction.objects.count() == 0


def test_who_was_long_inactive_is_erased_and_the_others_stay(people):
    rule(people)
    assert retention.outlook(people.institution, work_months=12, support_months=3, now=NOW) == retention.Outlook(1, 1)
    assert named() == {"Ada", "Lin", "Max", "Old"}
    assert retention.apply_all(now=NOW)["people"] == 1
    assert named() == {"Ada", "Lin", "Max"}
    assert Progress.objects.count() == 2
    run = StaffAction.objects.get(action="retention.applied")
    assert (run.account, run.institution, run.after["people"]) == (None, people.institution, 1)
    assert retention.apply_all(now=NOW)["people"] == 0
    assert StaffAction.objects.filter(action="retention.applied").count() == 1


def test_who_still_stands_in_a_courses_list_stays(people):
    rule(people)
    Membership.objects.filter(user__name="Old").update(roster_seen_at=YOUNG)
    assert retention.apply_all(now=NOW)["people"] == 0


def test_old_requests_for_help_go_by_their_own_rule(people):
    rule(people, work=None, support=3)
    assert retention.apply_all(now=NOW)["support_requests"] == 1
    assert [request.learner for request in SupportRequest.objects.all()] == [people.lin]
    assert named() == {"Ada", "Lin", "Max", "Old"}


def test_a_rule_reaches_no_other_institution_and_nobody_who_is_there_too(people):
    other = cast("birch")
    Membership.objects.filter(user__registration=other.registration).update(last_launch_at=OLD)
    old = PlatformUser.objects.get(name="Old")
    Membership.objects.create(context=other.context, user=old, role="learner", last_launch_at=OLD)
    rule(people)
    assert retention.apply_all(now=NOW)["people"] == 0


def test_setting_a_rule_is_written_down_with_before_and_after(people):
    assert rule(people, work=24)
    assert rule(people, work=12)
    assert not rule(people, work=12)
    row = StaffAction.objects.latest("pk")
    assert (row.action, row.account, row.reason) == ("retention.rule_set", people.sue, "Law")
    assert (row.before["work_months"], row.after["work_months"]) == (24, 12)
    with pytest.raises(retention.MonthsInvalid):
        rule(people, work=0)


@pytest.mark.parametrize(
    ("months", "day"), [(1, (2026, 10, 30)), (9, (2026, 2, 28)), (11, (2025, 12, 30)), (24, (2024, 11, 30))]
)
def test_months_are_months_of_the_calendar(months, day):
    found = retention.months_before(NOW, months)
    assert (found.year, found.month, found.day) == day


def test_a_worker_does_it_once_a_day():
    (job,) = [job for job in JOBS if job.name == "retention"]
    assert job.every == timedelta(days=1)
