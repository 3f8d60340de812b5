"""Groups of a course, kept for filters (OTH-11, NRPS-08)."""

import pytest
from django.utils import timezone

from lti import offers
from lti.courses import groups, roster
from lti.models import Context, Group, GroupMember, Membership
from lti.services import Member
from tests.lti.course import NOW, course_at, make_course
from tests.lti.keyset import Keyset
from tests.lti.scripted import Said, ScriptedLms, with_token

CLAIM = offers.GROUPS


@pytest.fixture(scope="module")
def blackboard_process():
    from itpm_byte.sandbox.server import SandboxServer

    served = Keyset()
    with SandboxServer(served.url, manner="blackboard") as lms:
        yield lms, served
    served.close()


@pytest.fixture
def blackboard(blackboard_process, db):
    lms, served = blackboard_process
    served.install()
    lms.reset(served.url)
    return lms


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def course_with_groups(lms, **fields):
    course = make_course(url=lms.url)
    addresses = {"groups_url": f"{lms.url}/groups", "group_sets_url": f"{lms.url}/sets", **fields}
    Context.objects.filter(pk=course.context.pk).update(memberships_url=f"{lms.url}/members", **addresses)
    course.context.refresh_from_db()
    return course


def member(sub, *group_ids, tells=True):
    return Member(sub, ("Learner",), "Active", "", "", group_ids if tells else None)


def seats(context):
    found = GroupMember.objects.filter(group__context=context).values_list("group__name", "user__sub")
    return sorted(found)


def answers(rows=(), sets=()):
    """A groups service with these rows, and a roster of nobody."""

    def script(asked):
        if asked.path.startswith("/sets"):
            return Said({"sets": list(sets)})
        return Said({"groups": list(rows)})

    return ScriptedLms(with_token(script))


RED, BLUE = {"id": "r", "name": "Red", "set_id": "s"}, {"id": "b", "name": "Blue"}


def test_groups_come_with_the_roster(blackboard):
    course = course_at(blackboard)
    claim = blackboard.claims("lin", "careers", nonce="n")[CLAIM]
    Context.objects.update(
        groups_url=claim["context_groups_url"], group_sets_url=claim["context_group_sets_url"], roster_asked_at=NOW
    )

    roster.update(course.context.pk, now=timezone.now())

    named = {group.name: group.set_name for group in Group.objects.all()}
    assert named == {"Red": "Teams", "Blue": "Teams", "Early birds": ""}
    lin = course.lin.groups.values_list("name", flat=True)
    assert sorted(lin) == ["Early birds", "Red"]
    assert "groups=true" in blackboard.journal.entries("roster")[0]["path"]
    assert blackboard.journal.refusals == []


def test_who_is_in_which_group_is_what_the_newest_roster_says(key):
    with answers([RED, BLUE], [{"id": "s", "name": "Teams"}]) as lms:
        course = course_with_groups(lms)
        groups.update(course.context, [member("5", "r"), member("6", "r", "b")], now=NOW)
        first = seats(course.context)
        groups.update(course.context, [member("5", "b"), member("6")], now=NOW)

    assert first == [("Blue", "6"), ("Red", "5"), ("Red", "6")]
    assert seats(course.context) == [("Blue", "5")]
    assert Group.objects.get(group_id="r").set_name == "Teams"


def test_people_of_whom_nothing_was_told_stay_where_they_are(key):
    """Differences name only those who changed (NRPS-03)."""
    with answers([RED]) as lms:
        course = course_with_groups(lms, group_sets_url="")
        groups.update(course.context, [member("5", "r"), member("6", "r")], now=NOW)
        groups.update(course.context, [member("6")], now=NOW)

    assert seats(course.context) == [("Red", "5")]


def test_groups_that_are_gone_go_and_renamed_ones_keep_their_people(key):
    rows = [RED, BLUE]
    with answers(rows) as lms:
        course = course_with_groups(lms)
        groups.update(course.context, [member("5", "r", "b")], now=NOW)
        rows[:] = [{"id": "r", "name": "Crimson"}]

    with answers([{"id": "r", "name": "Crimson"}]) as lms:
        Context.objects.update(groups_url=f"{lms.url}/groups", group_sets_url="")
        course.registration.auth_token_url = f"{lms.url}/token"
        course.registration.save()
        context = Context.objects.select_related("deployment__registration").get(pk=course.context.pk)
        groups.update(context, [member("5", tells=False)], now=NOW)

    assert seats(course.context) == [("Crimson", "5")]


def test_a_service_that_fails_leaves_the_groups_and_never_holds_up_the_roster(key):
    def script(asked):
        if asked.path.startswith("/groups"):
            return Said({}, 500)
        return Said({"members": [{"user_id": "5", "roles": ["Learner"]}]})

    with ScriptedLms(with_token(script)) as lms:
        course = course_with_groups(lms)
        Group.objects.create(context=course.context, group_id="r", name="Red")
        roster.update(course.context.pk, now=NOW)

    assert Context.objects.get(pk=course.context.pk).roster_synced_at == NOW
    assert [group.name for group in Group.objects.all()] == ["Red"]
    assert Membership.objects.filter(status="left").count() == 2


def test_an_lms_without_groups_is_asked_for_none(key):
    with answers([RED]) as lms:
        course = course_with_groups(lms, groups_url="", group_sets_url="")
        assert not groups.update(course.context, [], now=NOW)
    assert lms.asked == []


def test_groups_of_one_course_never_show_in_another(key):
    """SEC-05."""
    with answers([RED]) as lms:
        course, other = course_with_groups(lms, group_sets_url=""), make_course()
        groups.update(course.context, [member("5", "r", "of another course")], now=NOW)

    assert seats(other.context) == []
    assert [seat.user for seat in GroupMember.objects.all()] == [course.lin]


def test_seats_in_groups_of_another_course_stay(key):
    with answers([RED]) as lms:
        course = course_with_groups(lms, group_sets_url="")
        elsewhere = Context.objects.create(deployment=course.deployment, context_id="elsewhere")
        theirs = Group.objects.create(context=elsewhere, group_id="r")
        GroupMember.objects.create(group=theirs, user=course.lin)
        groups.update(course.context, [member("5")], now=NOW)

    assert [seat.user for seat in theirs.members.all()] == [course.lin]


@pytest.mark.parametrize("odd", ["", "x" * 256, "a\x00b"])
def test_ids_that_no_database_keeps_are_left_out(key, odd):
    with answers([{"id": odd, "name": "Odd"}, RED]) as lms:
        course = course_with_groups(lms, group_sets_url="")
        groups.update(course.context, [member("5", "r", odd)], now=NOW)
    assert [group.name for group in Group.objects.all()] == ["Red"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, None),
        ({}, None),
        ({"context_groups_url": "not an address"}, None),
        ({"context_groups_url": "https://lms.example/g"}, offers.GroupsClaim("https://lms.example/g")),
        (
            {"context_groups_url": "https://lms.example/g", "context_group_sets_url": "https://lms.example/s"},
            offers.GroupsClaim("https://lms.example/g", "https://lms.example/s"),
        ),
    ],
)
def test_the_claim_is_read_as_it_comes(said, expected):
    assert offers.groups({CLAIM: said}) == expected
