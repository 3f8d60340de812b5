"""Who is listed, how far they are, filters, order, totals: from the database, in a fixed number of statements."""

from datetime import timedelta
from decimal import Decimal

import pytest

from itpm_byte.insight import grade_sync, headline, roster
from itpm_byte.insight.roster import GradeState, Status, Wish
from itpm_byte.learning import arrangements
from itpm_byte.learning.models import Arrangement, Placement, Progress, StandingAccommodation
from lti.models import Group, GroupMember, Membership, PlatformUser, Registration, Role
from tests.insight.scenes import teacher_of
from tests.learning.casting import DAY, NOW, statements


def listed(at, wish=None, sort="name"):
    rows = roster.in_order(roster.narrowed(roster.learners(at.placement), wish or Wish()), sort)
    return list(roster.read(rows, at.placement))


def names(at, wish=None, sort="name"):
    return [learner.name for learner in listed(at, wish, sort)]


def only(at, name):
    return next(learner for learner in listed(at) if learner.name == name)


def test_everybody_who_learns_here_is_listed_whether_they_came_or_not(at):
    at.began(at.learner("Kai"))
    at.finished(at.learner("Noor"))
    at.finished(at.learner("Olu", status="left"))
    at.began(at.learner("Pia", status="left"))
    told = [(learner.name, learner.status) for learner in listed(at)]
    assert told == [
        ("Kai", Status.IN_PROGRESS),
        ("Lin", Status.NOT_STARTED),
        ("Noor", Status.COMPLETED),
        ("Olu", Status.COMPLETED),
        ("Pia", Status.LEFT),
    ]
    assert [learner.name for learner in listed(at) if learner.has_left] == ["Olu", "Pia"]
    assert [learner.name for learner in listed(at) if learner.has_left_since] == ["Olu"]


def test_staff_test_users_and_people_of_other_courses_are_not_listed(at):
    at.finished(teacher_of(at, "Tom", Role.TEACHING_ASSISTANT))
    at.began(at.learner("Student view", is_test_user=True))
    at.learner("Former test", role=Role.MENTOR)
    assert names(at) == ["Lin"]


def test_who_worked_here_is_listed_without_a_seat_in_the_course(at):
    Membership.objects.filter(user=at.finished(at.learner("Kai"))).delete()
    at.finished(at.learner("Mia", role=Role.NONE))
    assert names(at) == ["Kai", "Lin", "Mia"]


def test_a_link_without_a_course_lists_who_worked_there(at):
    at.began(at.people.lin)
    at.learner("Kai")
    at.placement.resource_link.context = None
    at.placement.resource_link.save()
    assert names(at) == ["Lin"]


def test_what_counts_is_told_with_its_share_and_against_the_pass_mark(at):
    at.finished(at.learner("Kai"), "1.8", 3, attempts=2)
    at.finished(at.learner("Noor"), "1.7999", 3)
    kai, noor, lin = only(at, "Kai"), only(at, "Noor"), only(at, "Lin")
    assert (kai.points, kai.possible, round(kai.per_cent, 6), kai.attempts) == (Decimal("1.8"), 3, 60, 2)
    # The Byte's pass mark is 60.
    assert (kai.has_passed, noor.has_passed, lin.has_passed) == (True, False, None)
    Placement.objects.update(pass_mark=50)
    at.placement.refresh_from_db()
    assert only(at, "Noor").has_passed is True


def test_what_a_teacher_arranged_is_marked_and_an_own_grade_goes_before_what_attempts_made(at):
    kai, noor, olu = at.finished(at.learner("Kai"), "0"), at.finished(at.learner("Noor")), at.learner("Olu")
    given = {"placement": at.placement, "updated_at": NOW}
    Arrangement.objects.create(learner=kai, override_points=3, override_possible=4, extra_attempts=1, **given)
    Arrangement.objects.create(learner=noor, is_exempt=True, due_at=NOW, **given)
    context = at.people.context
    StandingAccommodation.objects.create(context=context, learner=olu, extra_days=2, updated_at=NOW)
    marks = only(at, "Kai").marks
    assert (marks.is_overridden, marks.has_extra_attempts, marks.is_exempt, marks.has_own_dates) == (
        True,
        True,
        False,
        False,
    )
    assert (only(at, "Kai").per_cent, only(at, "Kai").has_passed) == (75, True)
    exempt = only(at, "Noor")
    assert (exempt.marks.is_exempt, exempt.marks.has_own_dates, exempt.status) == (True, True, Status.COMPLETED)
    assert (exempt.points, exempt.per_cent, exempt.has_passed) == (None, None, None)
    assert only(at, "Olu").marks.has_accommodation
    assert not only(at, "Lin").marks


@pytest.mark.parametrize(
    ("state", "fields", "grade", "words"),
    [
        ("due", {}, GradeState.WAITING, ""),
        ("due", {"last_error": "rate_limited"}, GradeState.WAITING, "The learning platform asked us to slow down."),
        ("sent", {}, GradeState.SENT, ""),
        ("failed", {"last_error": "column_gone"}, GradeState.ATTENTION, "The grade column was deleted"),
        ("unavailable", {}, GradeState.ATTENTION, "The activity has no grade column."),
        ("changed", {"last_error": "changed_in_lms"}, GradeState.ATTENTION, "The grade was changed in the learning"),
        ("sent", {"observed_at": NOW + DAY}, GradeState.ATTENTION, "It was sent, but the gradebook shows no grade."),
        ("sent", {"observed_at": NOW - DAY}, GradeState.SENT, ""),
        ("sent", {"points": None, "grading_progress": "NotReady"}, GradeState.NONE, ""),
    ],
)
def test_each_grade_is_told_with_advice_where_something_went_wrong(at, state, fields, grade, words):
    at.graded(at.people.lin, state, **fields)
    lin = only(at, "Lin")
    assert lin.grade == grade
    assert lin.grade_advice[: len(words)] == words
    assert bool(lin.grade_advice) == bool(words)


def test_advice_is_in_the_words_of_the_lms(at):
    Registration.objects.update(product="moodle")
    at.graded(at.people.lin, "failed", last_error="column_gone")
    at.placement.resource_link.deployment.registration.refresh_from_db()
    assert only(at, "Lin").grade_advice.startswith("The activity or its grade item was deleted in Moodle.")


def test_without_a_grade_nothing_is_said(at):
    assert (only(at, "Lin").grade, only(at, "Lin").sync) == (GradeState.NONE, "")


def furnish(at):
    at.finished(at.learner("Kai", email="kai@school.example"), "0.5", at=NOW + DAY)
    at.finished(at.learner("Élodie"), attempts=3)
    at.began(at.learner("Noor"), at=NOW - DAY)
    at.graded(PlatformUser.objects.get(name="Kai"), "failed", last_error="forbidden")
    at.graded(PlatformUser.objects.get(name="Élodie"))
    group = Group.objects.create(context=at.people.context, group_id="b", name="Blue")
    GroupMember.objects.create(group=group, user=at.people.lin)
    GroupMember.objects.create(group=group, user=PlatformUser.objects.get(name="Noor"))
    return group


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish(status="completed"), {"Kai", "Élodie"}),
        (Wish(status="left"), set()),
        (Wish(grade="attention"), {"Kai"}),
        (Wish(grade="none"), {"Lin", "Noor"}),
        (Wish(search="ÉLO"), {"Élodie"}),
        (Wish(search="élodie"), {"Élodie"}),
        (Wish(search="school"), {"Kai"}),
        (Wish(search="kai school"), {"Kai"}),
        (Wish(search="100%"), set()),
        (Wish(search="\0"), {"Kai", "Élodie", "Noor", "Lin"}),
        (Wish(status="completed", grade="sent", search="o"), {"Élodie"}),
    ],
)
def test_filters_narrow_the_list(at, wish, found):
    furnish(at)
    assert set(names(at, wish)) == found


def test_groups_are_named_and_narrow_the_list(at):
    group = furnish(at)
    assert names(at, Wish(group=group.pk)) == ["Lin", "Noor"]
    assert names(at, Wish(group=group.pk + 1)) == []
    assert (only(at, "Lin").groups, only(at, "Kai").groups) == (("Blue",), ())
    assert [str(found) for found in roster.groups_of(at.placement)] == ["Blue"]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("status", ["Lin", "Noor", "Kai", "Zoe"]),
        ("-attempts", ["Zoe", "Kai", "Lin", "Noor"]),
        ("score", ["Kai", "Zoe", "Lin", "Noor"]),
        ("-score", ["Zoe", "Kai", "Lin", "Noor"]),
        ("activity", ["Noor", "Zoe", "Kai", "Lin"]),
        ("-activity", ["Kai", "Zoe", "Noor", "Lin"]),
        ("grade", ["Kai", "Zoe", "Lin", "Noor"]),
        ("-name", ["Zoe", "Noor", "Lin", "Kai"]),
        ("nonsense", ["Kai", "Lin", "Noor", "Zoe"]),
    ],
)
def test_the_list_comes_in_any_order_and_what_is_empty_comes_last(at, sort, found):
    furnish(at)
    PlatformUser.objects.filter(name="Élodie").update(name="Zoe")
    assert names(at, sort=sort) == found


def test_an_own_grade_begins_nothing_for_who_never_came(at):
    arrangements.override(at.placement, at.people.lin, points=Decimal(1), by=at.people.ada, reason="Oral", now=NOW)
    lin = only(at, "Lin")
    assert (lin.status, lin.points, lin.started_at, lin.grade) == (Status.NOT_STARTED, 1, None, GradeState.WAITING)


def test_the_headline_counts_everybody_once_and_leaves_out_who_left_or_is_exempt(at):
    for number, points in enumerate(("0", "0.5", "1")):
        at.finished(at.learner(f"Kai {number}"), points)
    at.finished(at.learner("Left", status="left"), "0")
    at.began(at.learner("Left early", status="left"))
    exempt = at.finished(at.learner("Exempt"), "0")
    Arrangement.objects.create(placement=at.placement, learner=exempt, is_exempt=True, updated_at=NOW)
    at.graded(exempt, "failed")
    told = headline.of_everybody(at.placement)
    assert told.by_status == {
        Status.NOT_STARTED: 1,
        Status.IN_PROGRESS: 0,
        Status.COMPLETED: 5,
        Status.LEFT: 1,
    }
    assert (told.learners, told.exempt) == (7, 1)
    assert (told.scored, told.passed, told.mean, told.median) == (3, 1, 50, 50)
    assert told.by_grade[GradeState.ATTENTION] == 1
    at.finished(at.people.lin, "0.75")
    assert headline.of_everybody(at.placement).median == 62.5


def test_a_headline_over_nobody_has_no_mean(at):
    told = headline.headline(roster.narrowed(roster.learners(at.placement), Wish(search="nobody")))
    assert (told.learners, told.scored, told.mean, told.median) == (0, 0, None, None)


def test_what_was_wished_sent_and_seen_stands_side_by_side(at):
    seen = NOW + timedelta(minutes=5)
    at.graded(at.people.lin, "changed", "0.5", sent_at=NOW, sent_given=1, observed="0.9", observed_at=seen)
    rows = roster.in_order(grade_sync.grades(at.placement), "name")
    (grade,) = grade_sync.read(rows, at.placement)
    assert (grade.wanted, grade.sent, grade.sent_at, grade.maximum) == (Decimal("0.5"), 1, NOW, 1)
    assert (grade.observed, grade.observed_at, grade.is_changed) == (Decimal("0.9"), seen, True)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_list_costs_the_same_statements_however_long_it_is(at, count):
    learners = PlatformUser.objects.bulk_create(
        PlatformUser(registration=at.people.registration, sub=f"x{number}", name=f"X {number}")
        for number in range(count)
    )
    seats = (Membership(context=at.people.context, user=user, role=Role.LEARNER) for user in learners)
    Membership.objects.bulk_create(seats)
    begun = {"started_at": NOW, "last_activity_at": NOW}
    Progress.objects.bulk_create(Progress(placement=at.placement, learner=user, **begun) for user in learners)
    with statements() as sent:
        assert len(listed(at)) == count + 1
        headline.of_everybody(at.placement)
    # Twice the key of the grade column; the list, its groups; numbers.
    assert len(sent) == 5


def test_a_file_reads_the_same_rows_in_chunks(at):
    furnish(at)
    rows = roster.in_order(roster.learners(at.placement), "name")
    assert list(roster.read(rows, at.placement, in_chunks=True)) == listed(at)
    told = grade_sync.read(grade_sync.grades(at.placement), at.placement, in_chunks=True)
    assert len(list(told)) == 4
