"""What `lti.rows` takes a short way for is what Django makes of it."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django_tasks_db.models import DBTaskResult

from itpm_byte.insight.models import DayTally
from itpm_byte.learning.models import Attempt, Progress, Response
from lti.models import Launch, Login, Membership, PlatformUser, Registration, Score
from lti.rows import Writer, new
from tests.lti.course import make_course

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
FAR_EAST = timezone(timedelta(hours=9))
OURS = [model for name in ("lti", "learning", "content") for model in apps.get_app_config(name).get_models()]


@pytest.fixture
def course(db):
    return make_course()


def held(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.mark.parametrize("model", [*OURS, DBTaskResult], ids=lambda model: model.__name__)
def test_a_new_row_holds_what_django_would_give_it(model):
    ours, djangos = held(new(model)), held(model())
    made_anew = {field.attname for field in model._meta.concrete_fields if callable(field.default)}
    assert ours.keys() == djangos.keys()
    for name in ours.keys() - made_anew:
        assert repr(ours[name]) == repr(djangos[name]), name
    assert {name: type(ours[name]) for name in made_anew} == {name: type(djangos[name]) for name in made_anew}


def test_two_new_rows_share_nothing_that_can_change():
    first, second = new(Progress), new(Progress)
    first.seen_sections.append("intro")
    assert second.seen_sections == []
    assert new(Launch).pk != new(Launch).pk


def test_relations_are_there_without_a_query(course, django_assert_num_queries):
    login = new(Login, registration=course.registration)
    launch = new(Launch, login=login, user_id=course.lin.pk, membership=None)
    with django_assert_num_queries(0):
        assert (login.registration, login.registration_id) == (course.registration, course.registration.pk)
        assert (launch.login, login.launch, launch.membership_id) == (login, launch, None)
    assert launch.user_id == course.lin.pk
    with pytest.raises(Launch.deployment.RelatedObjectDoesNotExist):
        assert launch.deployment


def test_a_name_that_is_no_field_is_refused():
    with pytest.raises(TypeError, match="Login has no .'state'."):
        new(Login, state="secret")


@pytest.mark.parametrize(
    "row",
    [
        new(Login, nonce="%s", created_at=NOW, expires_at=NOW.replace(microsecond=0), registration_id=7),
        new(Launch, role="learner", is_test_user=True, created_at=NOW, ended_at=None),
        new(PlatformUser, registration_id=1, sub="5", name="Łu ' \"", erased_at=NOW.astimezone(FAR_EAST)),
        new(Membership, context_id=1, user_id=2, last_launch_at=NOW),
        new(Score, score_given=Decimal("0.5"), score_maximum=Decimal(1), timestamp=NOW, ours=["a"], last_status=None),
        new(Registration, frame_origins=["https://lms.example"], overwrites_changes=True),
        new(Attempt, number=1, started_at=NOW, points=Decimal("0.3333"), points_possible=2),
        new(Response, attempt_id=1, question_id=2, choice_id=3, answered_at=NOW),
        new(DBTaskResult, args_kwargs={"args": [1]}, run_after=NOW),
    ],
    ids=lambda row: type(row).__name__,
)  # fmt: skip
def test_values_are_written_as_django_writes_them(row, db):
    fields = [field for field in row._meta.local_concrete_fields if not getattr(field, "auto_now_add", False)]
    values = Writer(fields, connection).values(row, is_new=True)
    assert list(values) == [f"p{place}" for place in range(len(fields))]
    for value, field in zip(values.values(), fields, strict=True):
        expected = field.get_db_prep_save(field.pre_save(row, add=True), connection)
        # Numbers may have a type of psycopg's on top, JSON has no equality.
        assert value == expected or repr(value) == repr(expected), field.name


def test_a_field_that_says_itself_when_it_was_is_asked(db):
    enqueued = DBTaskResult._meta.get_field("enqueued_at")
    assert enqueued.auto_now_add
    row, before = new(DBTaskResult), datetime.now(UTC)
    Writer([enqueued], connection).values(row, is_new=True)
    assert before <= row.enqueued_at <= datetime.now(UTC)


def test_of_a_moment_a_day_takes_the_date(db):
    day = DayTally._meta.get_field("day")
    (written,) = Writer([day], connection).values(new(DayTally, day=NOW), is_new=True).values()
    assert written == day.get_db_prep_save(NOW, connection)
