"""Rows of the completion report, the numbers over them, and whose they are."""

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from itpm_byte.insight import completion, completion_querysets, roster, tallies, totals
from itpm_byte.insight.completion import Wish
from itpm_byte.insight.models import PlacementTally
from itpm_byte.insight.totals import Numbers
from itpm_byte.learning.models import Arrangement, Attempt, Progress
from lti.models import Group, InstitutionStaff, Membership
from tests.cast import cast, someone
from tests.insight.scenes import scene, teacher_of
from tests.learning.casting import NOW
from tests.player.seats import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(people):
    return scene(people)


def of(people, **wish):
    return {row.name: row for row in completion.page(people.sue, Wish(**wish)).rows}


def clerk_of(*institutions):
    user = User.objects.create_user("clerk", is_staff=True)
    for institution in institutions:
        InstitutionStaff.objects.create(user=user, institution=institution)
    return user


# --- rows


def test_everybody_who_learns_is_there_once_and_as_far_as_they_are(at, people):
    at.began(at.learner("Bo"))
    at.finished(at.learner("Cy"), "1", 2, attempts=3)
    at.finished(at.learner("Di", status="left"))
    at.learner("Ed", status="left")
    at.began(at.learner("Fa", status="left"))
    rows = of(people)
    assert {name: (row.status, row.has_left) for name, row in rows.items()} == {
        "Lin": ("not_started", False),
        "Bo": ("in_progress", False),
        "Cy": ("completed", False),
        "Di": ("completed", True),
        "Ed": ("left", True),
        "Fa": ("left", True),
    }
    overview = [(one.name, one.status, one.has_left) for one in roster.everybody(at.placement, "name")]
    assert sorted(overview) == sorted((row.name, row.status, row.has_left) for row in rows.values())
    cy = rows["Cy"]
    assert (cy.attempts, str(cy.per_cent), cy.has_passed, cy.completed_at) == (3, "50.0", False, NOW)
    place = (cy.place.institution, cy.place.lms, cy.place.course, cy.byte_title, cy.version)
    assert place == ("lms school", "lms", "Careers", at.placement.byte.title, 1)


def test_test_users_and_who_teaches_are_not_there_even_with_progress(at, people):
    at.finished(at.learner("Test", is_test_user=True))
    at.finished(teacher_of(at, "Promoted"))
    teacher_of(at, "Teacher")
    assert set(of(people)) == {"Lin"}


def test_who_has_progress_without_a_seat_is_there(at, people):
    gone = at.finished(at.learner("Gone"))
    Membership.objects.filter(user=gone).delete()
    assert of(people)["Gone"].status == "completed"


def test_a_teacher_s_own_grade_goes_before_the_attempts_and_exempt_learners_neither_pass_nor_fail(at, people):
    own, exempt = at.finished(at.learner("Own"), "0"), at.finished(at.learner("Exempt"))
    rules = {"placement": at.placement, "updated_at": NOW}
    Arrangement.objects.create(**rules, learner=own, override_points=9, override_possible=10)
    Arrangement.objects.create(**rules, learner=exempt, is_exempt=True)
    rows = of(people)
    assert (str(rows["Own"].per_cent), rows["Own"].has_passed) == ("90.0", True)
    assert rows["Exempt"].has_passed is None
    assert totals.report(people.sue, Wish(course=people.context.pk)).numbers.passed == 1


@pytest.mark.parametrize(
    ("state", "points", "shown"),
    [("sent", "1", "sent"), ("due", "1", "waiting"), ("failed", "1", "attention"), ("changed", "1", "attention")],
)
def test_how_the_grade_fares_is_told(at, people, state, points, shown):
    at.graded(at.finished(at.learner("Bo")), state, points)
    assert (of(people)["Bo"].grade, of(people)["Lin"].grade) == (shown, "none")


def test_the_version_is_that_of_the_newest_whole_attempt(at, people):
    old, new = published(), at.placement.byte
    bo = at.finished(at.learner("Bo"))
    fields = {"placement": at.placement, "learner": bo, "started_at": NOW, "points_possible": 1}
    Attempt.objects.create(**fields, byte=old, number=1, submitted_at=NOW, points=1)
    Attempt.objects.create(**fields, byte=new, number=2, submitted_at=NOW, points=1, voided_at=NOW)
    Attempt.objects.create(**fields, byte=new, number=3)
    rows = completion_querysets.begun(people.sue, Wish()).values_list("learner__name", "byte_key")
    assert dict(rows) == {"Bo": old.pk}


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ({"status": "not_started"}, {"Lin"}),
        ({"status": "in_progress"}, {"Bo"}),
        ({"status": "completed"}, {"Cy", "Di"}),
        ({"status": "left"}, {"Ed"}),
        ({"since": date(2026, 3, 2)}, {"Di"}),
        ({"until": date(2026, 3, 2)}, {"Cy"}),
        ({"since": date(2026, 3, 1), "until": date(2026, 3, 9)}, {"Cy", "Di"}),
        ({"basis": "active", "since": date(2026, 3, 4)}, {"Bo", "Di"}),
        ({"search": "cy@one"}, {"Cy"}),
        ({"search": "SUB-LIN"}, {"Lin"}),
        ({"search": "nobody"}, set()),
        ({"term": "2026"}, {"Lin", "Bo", "Cy", "Di", "Ed"}),
        ({"term": "2025"}, set()),
        ({"version": 1}, {"Lin", "Bo", "Cy", "Di", "Ed"}),
        ({"version": 2}, set()),
        ({"byte": "another"}, set()),
        ({"group": "red"}, {"Cy", "Lin"}),
        ({"group": "red", "status": "not_started"}, {"Lin"}),
    ],
)
def test_filters(at, people, wish, names):
    first, later = NOW.replace(year=2026, month=3, day=1), NOW.replace(year=2026, month=3, day=5)
    at.began(at.learner("Bo"), at=later)
    cy = at.finished(at.learner("Cy", email="cy@one.example"), at=first)
    at.finished(at.learner("Di"), at=later)
    at.learner("Ed", status="left")
    people.context.term = "2026"
    people.context.save()
    red = Group.objects.create(context=people.context, group_id="red")
    red.users.add(cy, people.lin)
    asked = Wish(**{**wish, "group": red.pk if "group" in wish else None})
    found = completion.page(people.sue, asked).rows
    assert sorted(row.name for row in found) == sorted(names)


def test_a_search_that_says_too_little_is_refused(at, people, monkeypatch):
    monkeypatch.setattr(completion_querysets, "MOST_FOUND", 2)
    for name in ("Ann", "Anna", "Anne"):
        at.learner(name)
    with pytest.raises(completion.SearchTooWide):
        completion.page(people.sue, Wish(search="ann"))
    assert set(of(people, search="anne")) == {"Anne"}


def test_pages_go_on_where_the_last_one_ended(at, people):
    for number in range(7):
        user = at.learner(f"L{number}")
        if number % 2:
            at.began(user)
    scene(cast("other"))
    whole = [row.key for row in completion.page(people.sue, Wish()).rows]
    seen, after = [], None
    while True:
        page = completion.page(people.sue, Wish(), after=after, limit=2)
        seen += [row.key for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == whole == sorted(whole)
    assert len(seen) == 9


def test_a_stream_is_the_same_rows_chunk_by_chunk(at, people, monkeypatch):
    other = scene(cast("other"))
    for here in (at, other):
        for number, state in enumerate(("sent", "failed", "due", "changed", "unavailable")):
            here.learner(f"Waits {number}")
            here.graded(here.finished(here.learner(f"Done {number}", status="left" if number % 2 else "active")), state)
    whole = completion.page(people.sue, Wish(), limit=100).rows
    assert {row.grade for row in whole} == {"none", "waiting", "sent", "attention"}
    monkeypatch.setattr(completion, "PLACES", 1)
    clerk = clerk_of(people.institution)
    for chunk in (1, 2, 100):
        monkeypatch.setattr(completion, "CHUNK", chunk)
        assert list(completion.stream(people.sue, Wish())) == whole
        assert list(completion.stream(clerk, Wish())) == [
            row for row in whole if row.place.institution_id == people.institution.pk
        ]


def test_a_page_costs_the_same_queries_with_1_and_3_rows(at, people, django_assert_num_queries):
    at.began(at.learner("Bo"))
    with django_assert_num_queries(5):
        completion.page(people.sue, Wish())
    at.began(at.learner("Cy"))
    at.finished(at.learner("Di"))
    with django_assert_num_queries(5):
        completion.page(people.sue, Wish())


# --- whose


def test_staff_see_their_institutions_alone_in_rows_and_numbers(at, people):
    other = scene(cast("other"))
    other.finished(other.learner("Theirs"))
    at.finished(at.learner("Ours"))
    tallies.refresh(now=timezone.now())
    clerk = clerk_of(people.institution)
    everything = Wish()
    assert {row.name for row in completion.page(clerk, everything).rows} == {"Ours", "Lin"}
    assert totals.report(clerk, everything).numbers == Numbers(not_started=1, completed=1, passed=1)
    assert [course.institution for course in totals.report(clerk, everything).courses] == ["lms school"]
    assert totals.report(people.sue, everything).numbers.completed == 2
    for asked in (
        {"institution": other.people.institution.pk},
        {"course": other.people.context.pk},
        {"lms": other.people.registration.pk},
        {"search": "Theirs"},
        {"learners": (Progress.objects.get(learner__name="Theirs").learner_id,)},
    ):
        assert completion.page(clerk, Wish(**asked)).rows == []
        assert totals.report(clerk, Wish(**asked)).numbers == Numbers()
        assert totals.days(clerk, Wish(**asked)) == {}


def test_staff_of_no_institution_see_nothing(at):
    at.finished(at.learner("Bo"))
    tallies.refresh(now=timezone.now())
    nobody = clerk_of()
    assert completion.page(nobody, Wish()).rows == []
    assert totals.report(nobody, Wish()).numbers == Numbers()


# --- numbers


def crowd():
    published()
    sizes = ("--courses=3", "--learners=25", "--progress=70", "--attempts=150", "--until=2026-05-31")
    call_command("demo_data", *sizes, stdout=StringIO())
    return User.objects.create_user("sue", is_staff=True, is_superuser=True)


def counted_by_hand(rows):
    rows = list(rows)
    number = {status: sum(row.status == status for row in rows) for status in totals.STATUSES}
    return Numbers(**number, passed=sum(bool(row.has_passed) for row in rows if row.status == "completed"))


def test_what_is_kept_is_what_the_rows_say_whatever_is_asked_for():
    sue = crowd()
    tallies.refresh(now=timezone.now())
    dates = {"since": date(2025, 9, 1), "until": date(2026, 3, 31)}
    narrow = [{}, dates, {**dates, "basis": "active"}, {"version": 1}, {"version": 2}, {"byte": "it-project-manager"}]
    for asked in narrow:
        for status in ("", *totals.STATUSES):
            wish = Wish(**asked, status=status)
            rows = list(completion.stream(sue, wish))
            assert rows == completion.page(sue, wish, limit=1000).rows
            report = totals.report(sue, wish)
            assert report.numbers == counted_by_hand(rows), wish
            assert sum(course.numbers.rows for course in report.courses) == len(rows)
            if status in {"", "completed"} and wish.basis == "completed":
                assert sum(report.days.values()) == sum(row.completed_at is not None for row in rows)


def test_a_course_is_counted_when_it_is_asked_for_and_agrees_with_what_is_kept():
    sue = crowd()
    tallies.refresh(now=timezone.now())
    for kept in totals.report(sue, Wish()).courses:
        live = totals.report(sue, Wish(course=kept.course_id))
        assert live.numbers == kept.numbers
        assert (live.as_of, live.courses) == (None, [kept])


def test_what_changed_is_counted_anew_and_what_did_not_is_left(at, people):
    other = scene(cast("other"))
    long_ago = timezone.now() - timedelta(hours=1)
    tallies.refresh(now=long_ago)
    # Rows have just been made; to the database they have changed since.
    tallies.refresh(now=timezone.now() + timedelta(minutes=5))
    before = dict(PlacementTally.objects.values_list("placement", "counted_at"))
    at.finished(at.learner("Bo"))
    Progress.objects.update(last_activity_at=NOW)
    later = timezone.now() + timedelta(minutes=6)
    PlacementTally.objects.filter(placement=at.placement).update(counted_at=long_ago)
    assert tallies.refresh(now=later) == 1
    after = dict(PlacementTally.objects.values_list("placement", "counted_at"))
    assert after == {**before, at.placement.pk: later}
    assert totals.report(people.sue, Wish()).numbers.completed == 1
    someone(other.people, "New")
    PlacementTally.objects.update(counted_at=timezone.now() - timedelta(hours=7))
    assert tallies.refresh(now=timezone.now()) == 2


def test_the_report_costs_the_same_queries_with_1_and_3_courses(at, people, django_assert_num_queries):
    at.finished(at.learner("Bo"))
    tallies.refresh(now=timezone.now())
    with django_assert_num_queries(5):
        totals.report(people.sue, Wish())
    scene(cast("other"))
    scene(cast("third"))
    tallies.refresh(now=timezone.now())
    with django_assert_num_queries(5):
        assert len(totals.report(people.sue, Wish()).courses) == 3


def test_courses_come_page_by_page(at, people):
    scene(cast("other"))
    tallies.refresh(now=timezone.now())
    first, second = (totals.report(people.sue, Wish(), offset=start, limit=1) for start in (0, 1))
    assert (first.has_more, second.has_more) == (True, False)
    assert first.courses[0].course_id != second.courses[0].course_id


# --- the trend


def test_steps_are_days_weeks_or_months_without_gaps():
    days = {date(2026, 1, 30): 2, date(2026, 2, 2): 1}
    unit, steps = totals.steps(days)
    assert unit == "day"
    assert [(step.completed, step.so_far) for step in steps] == [(2, 2), (0, 2), (0, 2), (1, 3)]
    unit, steps = totals.steps({**days, date(2026, 5, 1): 4})
    assert (unit, steps[0].begins, len(steps), steps[-1].so_far) == ("week", date(2026, 1, 26), 14, 7)
    unit, steps = totals.steps({**days, date(2027, 12, 31): 4})
    assert (unit, steps[0].begins, steps[-1].begins, len(steps)) == ("month", date(2026, 1, 1), date(2027, 12, 1), 24)
    assert totals.steps({}) == ("day", [])


def test_numbers_know_their_rate():
    numbers = Numbers(not_started=1, in_progress=1, completed=2, left=5)
    assert (numbers.rows, numbers.expected, numbers.rate) == (9, 4, 50)
    assert replace(Numbers()).rate is None
