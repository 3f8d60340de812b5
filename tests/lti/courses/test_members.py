"""Whatever lists and launches come in which order, the memberships say what both together mean (NRPS-03, NRPS-04)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti.courses import members
from lti.models import Context, Membership, PlatformUser, Role
from lti.services import Member, Roster
from tests.lti.course import NOW, make_course

SUBS = ["a", "b", "c", "d"]
ROLES = {"Learner": "learner", "Instructor": "instructor", "Mentor": "mentor"}
STATUSES = {"Active": "active", "Inactive": "inactive", "Deleted": "left"}

listed = st.dictionaries(
    st.sampled_from(SUBS), st.tuples(st.sampled_from(sorted(ROLES)), st.sampled_from(sorted(STATUSES)))
)
happening = st.one_of(
    st.tuples(st.just("launch"), st.sampled_from(SUBS), st.sampled_from(sorted(ROLES))),
    st.tuples(st.just("everybody"), listed.filter(bool), st.none()),
    st.tuples(st.just("differences"), listed, st.none()),
)


def launch(context, sub, role, *, now):
    """As `launch.record` writes it down."""
    user, _ = PlatformUser.objects.get_or_create(registration=context.deployment.registration, sub=sub)
    seat = Membership.objects.filter(context=context, user=user).first()
    known = members.known_as(Role(ROLES[role]), seat, product=context.deployment.registration.product)
    told = {"role": known, "status": "active", "last_launch_at": now}
    Membership.objects.update_or_create(context=context, user=user, defaults=told)


class Expected:
    """The same in a few words: who is what, and who has come in person."""

    def __init__(self, product):
        self.seats, self.came, self.is_moodle = {}, set(), product == "moodle"

    def launch(self, sub, role):
        assists = self.is_moodle and role == "Instructor" and self.seats.get(sub, ("",))[0] == "teaching_assistant"
        self.seats[sub] = ("teaching_assistant" if assists else ROLES[role], "active")
        self.came.add(sub)

    def role(self, sub, listed_as):
        if sub not in self.came:
            return ROLES[listed_as]
        known = self.seats[sub][0]
        if self.is_moodle and known in {"instructor", "teaching_assistant"}:
            return {"Learner": "teaching_assistant", "Instructor": "instructor"}.get(listed_as, known)
        return known

    def read(self, people, *, is_complete):
        for sub, (role, status) in people.items():
            if sub in self.seats or status != "Deleted":
                self.seats[sub] = (self.role(sub, role), STATUSES[status])
        for sub in self.seats.keys() - people.keys() if is_complete else ():
            self.seats[sub] = (self.seats[sub][0], "left")


@pytest.mark.parametrize("product", ["sakai", "moodle"])
@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(happening, max_size=8))
def test_any_story_of_lists_and_launches_comes_out_as_it_should(product, story):
    context = make_course(product=product).context
    Membership.objects.filter(context=context).delete()
    expected, people_before = Expected(product), PlatformUser.objects.count()
    for minute, (what, who, role) in enumerate(story):
        now = NOW + timedelta(minutes=minute)
        if what == "launch":
            launch(context, who, role, now=now)
            expected.launch(who, role)
            continue
        found = tuple(Member(sub, (said,), status, "", "") for sub, (said, status) in who.items())
        is_complete = what == "everybody"
        members.write(context, Roster(found, ""), is_complete=is_complete, begun_at=now)
        expected.read(who, is_complete=is_complete)

    seats = Membership.objects.filter(context=context).select_related("user")
    assert {seat.user.sub: (seat.role, seat.status) for seat in seats} == expected.seats
    assert PlatformUser.objects.count() >= people_before


@pytest.mark.django_db
def test_what_was_done_is_counted():
    course = make_course()
    found = (Member("5", ("Learner",), "Active", "", ""), Member("new", ("Learner",), "Active", "", ""))
    told = members.write(course.context, Roster(found, ""), is_complete=True, begun_at=NOW)
    assert told == {"listed": 2, "new": 1, "gone": 2}
    assert members.write(course.context, Roster(found, ""), is_complete=True, begun_at=NOW) is None
    assert Context.objects.get(pk=course.context.pk).roster_synced_at == NOW
