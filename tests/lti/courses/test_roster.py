"""A course's list of people: when it is asked for, what is written down, what happens when it can't be had."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lti import services
from lti.courses import members, roster
from lti.models import Context, Membership, PlatformUser, Registration, Role
from lti.outcomes import ServiceProblem, Verdict
from tests.lti.course import NOW, course_at, make_course
from tests.lti.scripted import Said, ScriptedLms, with_token

HOUR = timedelta(hours=1)
Status = Membership.Status


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def seats(context):
    """Role and status by the person's id."""
    found = Membership.objects.filter(context=context).select_related("user")
    return {seat.user.sub: (seat.role, seat.status) for seat in found}


def listing(*members, **headers):
    return Said({"members": list(members)}, headers=headers)


def member(sub, role="Learner", **fields):
    return {"user_id": sub, "roles": [role], **fields}


def course_with(lms, **fields):
    course = make_course(url=lms.url)
    Context.objects.filter(pk=course.context.pk).update(memberships_url=f"{lms.url}/members", **fields)
    course.context.refresh_from_db()
    return course


# --- asking


@pytest.mark.django_db
def test_a_list_is_asked_for_once_per_course_and_interval_whoever_launches(django_capture_on_commit_callbacks):
    course = make_course()
    Context.objects.update(memberships_url="http://127.0.0.1:9/members")
    read_by_ada, read_by_lin = Context.objects.get(), Context.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        # NRPS-07: both launches read the course before either wrote.
        answers = [roster.ask(read_by_ada, now=NOW), roster.ask(read_by_lin, now=NOW)]
        answers += [roster.ask(Context.objects.get(), now=NOW + timedelta(minutes=59))]

    assert answers == [True, False, False]
    tasks = DBTaskResult.objects.filter(task_path="lti.courses.roster.sync")
    assert [task.args_kwargs["args"] for task in tasks] == [[course.context.pk]]
    assert roster.ask(Context.objects.get(), now=NOW + HOUR)


@pytest.mark.django_db
def test_asking_for_a_list_that_is_not_due_costs_no_statement(django_assert_num_queries):
    make_course()
    Context.objects.update(memberships_url="http://127.0.0.1:9/members", roster_asked_at=NOW)
    known = Context.objects.get()

    with django_assert_num_queries(0):
        assert not roster.ask(known, now=NOW + timedelta(minutes=59))


@pytest.mark.django_db
def test_a_course_whose_lms_lists_nobody_is_never_asked_for():
    make_course()
    assert not roster.ask(Context.objects.get(), now=NOW)


@pytest.mark.django_db
def test_somebody_who_looks_at_the_list_may_have_it_fetched_sooner():
    make_course()
    Context.objects.update(memberships_url="http://127.0.0.1:9/members", roster_asked_at=NOW)

    asked = [
        roster.ask(Context.objects.get(), now=NOW + timedelta(seconds=seconds), at_most_every=roster.BY_HAND)
        for seconds in (30, 90)
    ]
    assert asked == [False, True]


# --- what is written down


def test_everybody_in_the_course_becomes_known_also_who_never_came(moodle):
    """NRPS-01, NRPS-04, NRPS-06: the right question, short roles, and learners who have not started are rows."""
    course, now = course_at(moodle), timezone.now()

    outcome = roster.update(course.context.pk, now=now)

    assert outcome.verdict is Verdict.SENT
    found = Membership.objects.select_related("user").filter(context=course.context, last_launch_at=None)
    assert {
        (seat.user.sub, seat.user.name, seat.role) for seat in found if seat.user.name.startswith(("Lin", "Z"))
    } == {
        ("5", "Lin Tran", "learner"),
        ("9", "Zoë O'Hara-Núñez", "learner"),
    }
    assert len(seats(course.context)) == 8
    context = Context.objects.get(pk=course.context.pk)
    assert (context.roster_synced_at, context.roster_error) == (now, "")
    assert roster.freshness_of(context) == roster.Freshness(True, now, "")
    assert moodle.journal.refusals == []


def test_canvas_full_role_addresses_are_understood(canvas):
    course, now = course_at(canvas), timezone.now()

    roster.update(course.context.pk, now=now)

    tom = canvas.store.person("tom")["id"]
    assert seats(course.context)[tom] == ("teaching_assistant", "active")
    assert seats(course.context)[course.lin.sub] == ("learner", "active")


def test_who_taught_at_a_launch_is_never_listed_as_a_learner(moodle):
    """Moodle's non-editing teachers are learners in its list and instructors in its launches: assistants."""
    course, now = course_at(moodle), timezone.now()
    tom = PlatformUser.objects.create(registration=course.registration, sub=moodle.store.person("tom")["id"])
    Membership.objects.create(context=course.context, user=tom, role="instructor", last_launch_at=now - HOUR)

    roster.update(course.context.pk, now=now)

    assert seats(course.context)[tom.sub] == ("teaching_assistant", "active")


@pytest.mark.parametrize(
    ("product", "listed", "role"),
    [
        ("moodle", "Learner", "teaching_assistant"),
        ("moodle", "Instructor", "instructor"),
        ("moodle", "Mentor", "instructor"),
        ("sakai", "Learner", "instructor"),
    ],
)
def test_only_moodles_list_tells_instructors_from_assistants(key, product, listed, role):
    with ScriptedLms(with_token(lambda asked: listing(member("5"), member("3", listed)))) as lms:
        course = course_with(lms)
        Registration.objects.update(product=product)
        Membership.objects.filter(user=course.ada).update(last_launch_at=NOW - HOUR)
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["3"] == (role, "active")


def test_a_moodle_assistant_who_becomes_a_teacher_is_one_after_the_next_list(key):
    lists = iter(["Learner", "Instructor"])
    with ScriptedLms(with_token(lambda asked: listing(member("5"), member("3", next(lists))))) as lms:
        course = course_with(lms)
        Membership.objects.filter(user=course.ada).update(last_launch_at=NOW - HOUR)
        roster.update(course.context.pk, now=NOW)
        seat = Membership.objects.get(user=course.ada)
        # A launch in between says instructor, as before.
        assert members.known_as(Role.INSTRUCTOR, seat, product="moodle") == Role.TEACHING_ASSISTANT
        assert members.known_as(Role.LEARNER, seat, product="moodle") == Role.LEARNER
        assert members.known_as(Role.INSTRUCTOR, seat, product="canvas") == Role.INSTRUCTOR
        roster.update(course.context.pk, now=NOW + HOUR)

    assert seats(course.context)["3"] == ("instructor", "active")


def test_a_list_never_makes_anybody_staff_who_launched_as_a_learner(key):
    """SEC-14: rights come from launches; an open page of a learner must not become a teacher's."""
    with ScriptedLms(with_token(lambda asked: listing(member("5", "Instructor")))) as lms:
        course = course_with(lms)
        Membership.objects.filter(user=course.lin).update(last_launch_at=NOW - HOUR)
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["5"] == ("learner", "active")


def test_who_never_launched_is_what_the_newest_list_says(key):
    roles = iter(["Learner", "Instructor"])
    with ScriptedLms(with_token(lambda asked: listing(member("new", next(roles))))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)
        first = seats(course.context)["new"]
        roster.update(course.context.pk, now=NOW + HOUR)

    assert (first, seats(course.context)["new"]) == (("learner", "active"), ("instructor", "active"))


def test_who_is_missing_has_left_and_nothing_of_theirs_is_deleted(key):
    """NRPS-03: without differences, everybody who is not listed is marked."""
    with ScriptedLms(with_token(lambda asked: listing(member("5"), member("3", "Instructor")))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)
        first = seats(course.context)

    assert first == {"3": ("instructor", "active"), "5": ("learner", "active"), "6": ("learner", "left")}


def test_who_comes_back_to_the_list_is_active_again(key):
    lists = iter([[member("5")], [member("5"), member("6")]])
    with ScriptedLms(with_token(lambda asked: listing(*next(lists)))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)
        between = seats(course.context)["6"]
        roster.update(course.context.pk, now=NOW + HOUR)

    assert (between, seats(course.context)["6"]) == (("learner", "left"), ("learner", "active"))


@pytest.mark.parametrize(
    ("said", "status"), [("Active", "active"), ("Inactive", "inactive"), ("inactive", "inactive"), ("Deleted", "left")]
)
def test_the_status_is_the_lists(key, said, status):
    """NRPS-04: Active when nothing is said, Inactive, Deleted."""
    with ScriptedLms(with_token(lambda asked: listing(member("5", status=said), member("6")))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["5"] == ("learner", status)


def test_somebody_deleted_whom_we_never_saw_gets_no_row(key):
    with ScriptedLms(with_token(lambda asked: listing(member("5"), member("gone", status="Deleted")))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)

    assert "gone" not in seats(course.context)


def test_a_test_user_is_marked_and_does_not_leave(key):
    """OTH-04: nobody's list names Canvas' test student."""
    with ScriptedLms(with_token(lambda asked: listing(member("5")))) as lms:
        course = course_with(lms)
        Membership.objects.filter(user=course.kai).update(is_test_user=True)
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["6"] == ("learner", "active")


def test_who_launched_after_the_list_was_asked_for_has_not_left(key):
    with ScriptedLms(with_token(lambda asked: listing(member("5")))) as lms:
        course = course_with(lms)
        Membership.objects.filter(user=course.kai).update(last_launch_at=NOW + timedelta(seconds=1))
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["6"] == ("learner", "active")


def test_an_older_answer_never_replaces_a_newer_one(key):
    with ScriptedLms(with_token(lambda asked: listing(member("5")))) as lms:
        course = course_with(lms, roster_synced_at=NOW + HOUR)
        roster.update(course.context.pk, now=NOW)

    assert seats(course.context)["6"] == ("learner", "active")
    assert Context.objects.get(pk=course.context.pk).roster_synced_at == NOW + HOUR


def test_only_what_pages_show_is_kept(key):
    """NRPS-09: the name; the address only where there is no name to show; no picture, no number."""
    told = [
        member("5", name="Lin Tran", email="lin@school.example", picture="https://x.example/p", given_name="Lin"),
        member("6", email="kai@school.example", lis_person_sourcedid="S6"),
    ]
    with ScriptedLms(with_token(lambda asked: listing(*told))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)

    kept = PlatformUser.objects.filter(sub__in=["5", "6"]).order_by("sub").values_list("name", "email")
    assert list(kept) == [("Lin Tran", ""), ("", "kai@school.example")]


def test_a_list_without_names_takes_none_away(key):
    with ScriptedLms(with_token(lambda asked: listing(member("5", email="lin@school.example"), member("6")))) as lms:
        course = course_with(lms)
        PlatformUser.objects.filter(sub="5").update(name="Lin from the launch")
        roster.update(course.context.pk, now=NOW)

    lin = PlatformUser.objects.get(sub="5")
    assert (lin.name, lin.email) == ("Lin from the launch", "")


def test_the_same_person_twice_and_ids_that_no_launch_could_have_do_no_harm(key):
    odd = [member("5"), member("5"), member("x" * 256), member("with\x00nought"), member("ab\ud800")]
    with ScriptedLms(with_token(lambda asked: listing(*odd))) as lms:
        course = course_with(lms)
        outcome = roster.update(course.context.pk, now=NOW)

    assert outcome.verdict is Verdict.SENT
    assert set(seats(course.context)) == {"3", "5", "6"}


def test_the_same_id_at_another_lms_is_another_person(key):
    """SEC-05: a list writes into its own course only."""
    other = make_course(url="http://127.0.0.1:9")
    with ScriptedLms(with_token(lambda asked: listing(member("5", name="Lin here")))) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)

    assert PlatformUser.objects.get(pk=other.lin.pk).name == ""
    assert seats(other.context)["6"] == ("learner", "active")
    assert seats(course.context)["6"] == ("learner", "left")


def test_a_large_course_costs_as_many_statements_as_a_small_one(key, django_assert_max_num_queries):
    people = [member(f"s{number}", name=f"Student {number}") for number in range(400)]
    with ScriptedLms(with_token(lambda asked: listing(*people))) as lms:
        course = course_with(lms)
        with django_assert_max_num_queries(30):
            roster.update(course.context.pk, now=NOW)

    assert Membership.objects.filter(context=course.context, status="active").count() == 400


# --- paging and differences


def test_pages_are_followed_as_the_lms_names_them_and_a_size_is_asked_for(moodle, monkeypatch):
    """NRPS-02: the limit is a hint, `Link` says where it goes on."""
    course = course_at(moodle)
    monkeypatch.setattr(roster, "PAGE_SIZE", 3)

    roster.update(course.context.pk, now=timezone.now())

    pages = [entry["path"].partition("?")[2] for entry in moodle.journal.entries("roster")]
    assert pages == ["limit=3", "limit=3&from=3", "limit=3&from=6"]
    assert len(seats(course.context)) == 8
    assert moodle.journal.refusals == []


@pytest.mark.parametrize("status", [400, 422])
def test_an_lms_that_minds_our_wishes_is_asked_without_them(key, status):
    with ScriptedLms(with_token(lambda asked: Said({}, status) if asked.query else listing(member("5")))) as lms:
        course = course_with(lms, groups_url=f"{lms.url}/groups")
        outcome = roster.update(course.context.pk, now=NOW)

    assert outcome.verdict is Verdict.SENT
    assert lms.paths("/members") == ["/members?limit=200&groups=true", "/members"]


def test_differences_are_asked_for_where_the_lms_tells_them_and_everybody_once_a_day(key):
    """NRPS-03: the address is taken as it is, Deleted appears only there, and nobody else is taken for gone."""

    def script(asked):
        if "since" in asked.path:
            return listing(member("6", status="Deleted"), member("new"))
        return listing(member("5"), member("6"), Link=f"<{lms.url}/members?since=Now>; rel=differences")

    with ScriptedLms(with_token(script)) as lms:
        course = course_with(lms)
        for hours in (0, 1, 25):
            roster.update(course.context.pk, now=NOW + hours * HOUR)
            if hours == 1:
                between = seats(course.context)

    assert lms.paths("/members") == ["/members?limit=200", "/members?since=Now", "/members?limit=200"]
    assert between == {
        "3": ("instructor", "left"),
        "5": ("learner", "active"),
        "6": ("learner", "left"),
        "new": ("learner", "active"),
    }
    assert seats(course.context)["new"] == ("learner", "left")


def test_an_lms_that_forgot_the_differences_is_asked_for_everybody(key):
    def script(asked):
        return Said({}, 404) if "since" in asked.path else listing(member("5"))

    with ScriptedLms(with_token(script)) as lms:
        differences = f"{lms.url}/members?since=1"
        course = course_with(lms, roster_differences_url=differences, roster_complete_at=NOW - HOUR)
        outcome = roster.update(course.context.pk, now=NOW)

    assert outcome.verdict is Verdict.SENT
    assert seats(course.context)["6"] == ("learner", "left")


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_an_lms_that_does_not_know_the_link_is_asked_for_the_course(key, status):
    """NRPS-05: a list for one link may be refused where the list of the course is not."""

    def script(asked):
        return Said({}, status) if "rlid" in asked.path else listing(member("5"))

    with ScriptedLms(with_token(script)) as lms:
        course = course_with(lms)
        services_of = services.Services.of_context(course.context, now=NOW)
        found = services.roster(services_of, course.context.memberships_url, resource_link_id="26")

    assert [one.user_id for one in found.members] == ["5"]
    assert lms.paths("/members") == ["/members?rlid=26", "/members"]


def test_an_lms_that_is_away_is_not_asked_twice(key):
    with ScriptedLms(with_token(lambda asked: Said({}, 503))) as lms:
        course = course_with(lms)
        services_of = services.Services.of_context(course.context, now=NOW)
        with pytest.raises(ServiceProblem):
            services.roster(services_of, course.context.memberships_url, resource_link_id="26")

    assert lms.paths("/members") == ["/members?rlid=26"]


# --- when it can't be had


def test_a_list_that_breaks_off_keeps_the_old_one_and_says_so(key):
    """NRPS-07: a partial answer is no answer."""

    def script(asked):
        if "p=2" in asked.path:
            return Said({}, 500)
        return listing(member("5"), Link=f"<{lms.url}/members?p=2>; rel=next")

    with ScriptedLms(with_token(script)) as lms:
        course = course_with(lms, roster_synced_at=NOW - HOUR)
        outcome = roster.update(course.context.pk, now=NOW)

    assert outcome.verdict is Verdict.RETRY
    assert seats(course.context)["6"] == ("learner", "active")
    context = Context.objects.get(pk=course.context.pk)
    fresh = roster.freshness_of(context)
    assert (context.roster_error, fresh.synced_at) == ("lms_error", NOW - HOUR)
    assert "did not answer" in fresh.advice


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said({}, 403), "forbidden"),
        (Said({}, 404), "column_gone"),
        (Said({}, 400), "not_accepted"),
        (Said({"members": []}), "roster_empty"),
        (Said({"members": [{"roles": ["Learner"]}]}), "roster_empty"),
        (Said(b"<html>"), "bad_answer"),
        (Said({}, 429), "rate_limited"),
        (Said({}, 503), "unreachable"),
    ],
)
def test_every_refusal_keeps_the_old_list_and_has_words(key, said, code):
    with ScriptedLms(with_token(lambda asked: said)) as lms:
        course = course_with(lms)
        roster.update(course.context.pk, now=NOW)

    context = Context.objects.get(pk=course.context.pk)
    assert (context.roster_error, context.roster_synced_at) == (code, None)
    assert roster.freshness_of(context).advice != ""
    assert {status for _role, status in seats(course.context).values()} == {"active"}


def test_after_a_passing_trouble_the_next_launch_may_ask_soon_again(key):
    with ScriptedLms(with_token(lambda asked: Said({}, 503))) as lms:
        course = course_with(lms, roster_asked_at=NOW)
        roster.update(course.context.pk, now=NOW)

    context = Context.objects.get(pk=course.context.pk)
    assert not roster.ask(context, now=NOW + timedelta(minutes=4))
    assert roster.ask(context, now=NOW + timedelta(minutes=6))


def test_after_a_refusal_that_stays_nobody_asks_before_the_hour_is_over(key):
    with ScriptedLms(with_token(lambda asked: Said({}, 403))) as lms:
        course = course_with(lms, roster_asked_at=NOW)
        roster.update(course.context.pk, now=NOW)

    assert not roster.ask(Context.objects.get(pk=course.context.pk), now=NOW + timedelta(minutes=59))


def test_a_worker_tries_again_by_itself_but_not_for_ever(key):
    with ScriptedLms(with_token(lambda asked: Said({}, 503))) as lms:
        course = course_with(lms)
        assert roster.sync.func(course.context.pk) == "unreachable"
        Registration.objects.update(services_paused_until=None)
        assert roster.sync.func(course.context.pk, roster.TRIES) == "unreachable"

    waiting = DBTaskResult.objects.filter(task_path="lti.courses.roster.sync")
    assert [task.args_kwargs["args"] for task in waiting] == [[course.context.pk, 1]]
    assert waiting[0].run_after > timezone.now()


@pytest.mark.parametrize("switched_off", ["registration", "deployment"])
def test_an_lms_that_is_switched_off_is_not_asked(key, switched_off):
    with ScriptedLms(with_token(lambda asked: listing(member("5")))) as lms:
        course = course_with(lms)
        row = getattr(course, switched_off)
        type(row).objects.filter(pk=row.pk).update(status="disabled")
        roster.update(course.context.pk, now=NOW)

    assert lms.asked == []
    assert Context.objects.get(pk=course.context.pk).roster_error == "platform_disabled"


def test_an_lms_that_wants_a_pause_is_left_alone(key):
    with ScriptedLms(with_token(lambda asked: listing(member("5")))) as lms:
        course = course_with(lms)
        Registration.objects.update(services_paused_until=NOW + timedelta(minutes=3))
        outcome = roster.update(course.context.pk, now=NOW)

    assert (outcome.verdict, outcome.delay, lms.asked) == (Verdict.BUSY, timedelta(minutes=3), [])
    assert Context.objects.get(pk=course.context.pk).roster_error == ""


def test_a_list_at_a_strangers_address_never_sees_our_token(key):
    """SEC-04, AGS-06: the address on the next page is the LMS's word, the host must be one of its own."""
    with ScriptedLms(with_token(lambda asked: listing(member("evil")))) as stranger:

        def script(asked):
            elsewhere = stranger.url.replace("127.0.0.1", "localhost")
            return listing(member("5"), Link=f"<{elsewhere}/steal>; rel=next")

        with ScriptedLms(with_token(script)) as lms:
            course = course_with(lms)
            outcome = roster.update(course.context.pk, now=NOW)

    assert (outcome.code, stranger.asked) == ("address_refused", [])
    assert "evil" not in seats(course.context)


def test_endless_pages_and_endless_courses_come_to_an_end(key, monkeypatch):
    monkeypatch.setattr(services, "MOST_MEMBERS", 3)

    def script(asked):
        page = int(asked.query.get("p", "1"))
        return listing(member(f"u{page}"), Link=f"<{lms.url}/members?p={page + 1}>; rel=next")

    with ScriptedLms(with_token(script)) as lms:
        course = course_with(lms)
        outcome = roster.update(course.context.pk, now=NOW)

    assert outcome.code == "roster_too_large"
    assert len(lms.paths("/members")) == 4
