"""Lists and launches of the same people at the same time: real threads, nobody waits for ever, nothing is lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from lti.courses import members, roster
from lti.models import Context, Membership, PlatformUser
from lti.services import Member, Roster
from tests.learning.test_at_once import at_once
from tests.lti.course import NOW, make_course

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 120


def listing(name):
    return Roster(
        tuple(Member(f"s{number}", ("Learner",), "Active", f"{name} {number}", "") for number in range(PEOPLE)), ""
    )


def launches(context_id, now):
    """People come in one after the other, as `launch.record` writes it: the person, then the seat."""
    for seat in Membership.objects.filter(context=context_id).order_by("?")[:40]:
        with transaction.atomic():
            PlatformUser.objects.filter(pk=seat.user_id).update(name="from a launch")
            Membership.objects.filter(pk=seat.pk).update(last_launch_at=now, status="active", role="instructor")


def test_of_a_whole_class_at_once_one_launch_asks_for_the_list():
    make_course()
    Context.objects.update(memberships_url="http://127.0.0.1:9/members")
    asked = at_once(*[lambda: roster.ask(Context.objects.get(), now=NOW) for _ in range(8)])
    assert sorted(asked) == [False] * 7 + [True]
    assert DBTaskResult.objects.filter(task_path="lti.courses.roster.sync").count() == 1


def test_two_courses_of_the_same_people_and_their_launches_do_not_get_in_each_others_way():
    """Each takes courses, then people, then seats: nobody holds what the other needs first."""
    first = make_course(product="sakai")
    second = Context.objects.create(deployment=first.deployment, context_id="other")
    courses = [first.context, second]
    for context in courses:
        members.write(context, listing("Known"), is_complete=True, begun_at=NOW)

    def write(context, name):
        return lambda: members.write(context, listing(name), is_complete=True, begun_at=NOW + timedelta(minutes=1))

    later = NOW + timedelta(minutes=2)
    results = at_once(
        write(courses[0], "Renamed"),
        write(courses[1], "Named anew"),
        *[lambda context=context: launches(context.pk, later) for context in courses for _ in range(2)],
    )

    assert [result["listed"] for result in results[:2]] == [PEOPLE, PEOPLE]
    seats = Membership.objects.filter(context__in=courses, user__sub__startswith="s")
    assert set(seats.values_list("status", flat=True)) == {"active"}
    assert set(seats.exclude(last_launch_at=None).values_list("role", flat=True)) == {"instructor"}


def test_the_same_new_people_in_two_lists_at_once_are_one_person_each():
    first = make_course()
    second = Context.objects.create(deployment=first.deployment, context_id="other")
    at_once(
        *[
            lambda context=context: members.write(context, listing("New"), is_complete=True, begun_at=NOW)
            for context in (first.context, second)
        ]
    )
    assert PlatformUser.objects.filter(sub__startswith="s").count() == PEOPLE
    assert Membership.objects.filter(user__sub__startswith="s").count() == 2 * PEOPLE
