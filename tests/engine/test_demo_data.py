"""A made-up crowd that keeps all rules: what stands in its rows is what the room itself would have written."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from itpm_byte.learning.progress import recount
from itpm_byte.learning.sheets import read_work
from lti.models import Context, Institution, Membership, PlatformUser, Role, Score
from tests.player.seats import published

pytestmark = pytest.mark.django_db

SIZES = {"courses": 3, "learners": 20, "progress": 45, "attempts": 100, "until": "2026-05-31"}


def make(**changes):
    told = {**SIZES, **changes}
    said = StringIO()
    call_command("demo_data", *(f"--{name}={value}" for name, value in told.items()), stdout=said)
    return said.getvalue()


def rows(*models):
    """Everything but keys of rows, what points to them, and when they were written."""
    return [
        [tuple(value for name, value in row.items() if not name.endswith(("id", "updated_at"))) for row in found]
        for found in (model.objects.values() for model in models)
    ]


def test_it_makes_as_much_as_was_asked_for():
    published()
    make()
    learners = PlatformUser.objects.filter(memberships__role=Role.LEARNER).distinct().count()
    made = Context.objects.count(), learners, Progress.objects.count(), Attempt.objects.count()
    assert made == (3, 20, 45, 100)
    assert Institution.objects.get().slug == "demo-1-0"
    connection.check_constraints()


def test_progress_and_grade_are_what_the_attempts_say():
    published()
    make()
    wrong = []
    for row in Progress.objects.select_related("placement__byte", "placement__resource_link", "learner"):
        said = {name: getattr(row, name) for name in FACTS}
        before = Score.objects.filter(user=row.learner, line_item__resource_link=row.placement.resource_link).values()
        before = list(before)
        recount(row, row.placement, row.learner, read_work(row.placement, row.learner), now=row.last_activity_at)
        row.refresh_from_db()
        after = Score.objects.filter(user=row.learner, line_item__resource_link=row.placement.resource_link).values()
        wrong += [] if said == {name: getattr(row, name) for name in FACTS} and before == list(after) else [said]
    assert wrong == []


FACTS = ("completed_at", "attempts_submitted", "counted_points", "counted_possible")


def test_attempts_have_the_answers_that_their_points_come_from_and_happen_in_order():
    published()
    make()
    for attempt in Attempt.objects.all():
        assert attempt.responses.exists() == (attempt.submitted_at is not None)
        assert attempt.submitted_at is None or attempt.submitted_at - attempt.started_at < timedelta(minutes=11)
    for row in Progress.objects.filter(completed_at__isnull=False):
        times = list(Attempt.objects.filter(learner=row.learner, placement=row.placement).order_by("number"))
        assert [one.started_at for one in times] == sorted(one.started_at for one in times)
        assert row.started_at <= times[0].started_at
    assert Response.objects.count() == Attempt.objects.filter(submitted_at__isnull=False).count()


def test_everybody_s_work_is_in_a_course_they_belong_to():
    published()
    make()
    for row in Progress.objects.select_related("placement__resource_link"):
        seat = Membership.objects.get(context=row.placement.resource_link.context_id, user=row.learner)
        assert seat.role == Role.LEARNER


def test_the_same_seed_makes_the_same_rows_and_another_one_others():
    published()
    make()
    first = rows(PlatformUser, Attempt, Progress)
    with pytest.raises(CommandError, match="seed 1 is there already"):
        make()
    for model in (Score, Placement, Context, PlatformUser):
        model.objects.all().delete()
    Institution.objects.update(slug="away")
    from lti.models import Deployment, Registration

    Deployment.objects.all().delete()
    Registration.objects.all().delete()
    make()
    assert rows(PlatformUser, Attempt, Progress) == first
    make(seed=2)
    assert PlatformUser.objects.filter(registration__client_id="demo-2-0").count() == 23


def test_without_a_byte_the_one_that_ships_is_loaded():
    make(progress=5, attempts=5)
    assert Placement.objects.first().byte.slug == "it-project-manager"


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"progress": 0}, "at least 1"), ({"courses": 21}, "as many learners as courses")],
)
def test_sizes_that_make_no_sense_are_told(changes, words):
    with pytest.raises(CommandError, match=words):
        make(**changes)


@override_settings(IS_PRODUCTION=True)
def test_production_is_left_alone_unless_somebody_insists():
    published()
    with pytest.raises(CommandError, match="say --yes"):
        make()
    assert Institution.objects.count() == 0
    call_command("demo_data", "--courses=1", "--learners=2", "--progress=1", "--attempts=1", "--yes", stdout=StringIO())
    assert Progress.objects.count() == 1
