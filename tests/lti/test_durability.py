"""Who reads "saved" has saved it; only logins and launches are not waited for, because they are simply begun anew."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from itpm_byte.learning import placements
from lti.durability import begun_anew_otherwise
from lti.models import Institution
from lti.prepared import insert
from lti.rows import new
from tests.cast import cast
from tests.lti.platform import Visit
from tests.player.seats import published, sit

pytestmark = pytest.mark.django_db(transaction=True)

IS_SQLITE = connection.vendor == "sqlite"


@pytest.fixture(autouse=True)
def _server_waits():
    """As every server does that nobody told otherwise; that of the tests was."""
    if not IS_SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO on")
    yield
    connection.close()


def waits() -> bool:
    """Whether what was written so far in this transaction waits for the disk when it is committed."""
    connection.ensure_connection()
    if IS_SQLITE:
        return connection.is_disk_awaited
    with connection.connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone() == ("on",)


@contextmanager
def watched():
    """Which tables were written to, and whether that is waited for."""
    seen = {}

    def watch(execute, sql, *rest):
        done = execute(sql, *rest)
        if sql.startswith("INSERT"):
            # A statement that is a transaction of its own is over by now: what it says of itself must do.
            is_over = not (IS_SQLITE or connection.in_atomic_block)
            seen[sql.split('"')[1]] = "set_config('synchronous_commit', 'off', true)" not in sql if is_over else waits()
        return done

    with connection.execute_wrapper(watch):
        yield seen


def test_logins_and_launches_are_not_waited_for(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    platform.register()
    with watched() as seen:
        assert Visit(platform).launch().status_code == 303
    assert (seen["lti_login"], seen["lti_launch"]) == (False, False)  # all of a launch is one transaction
    assert waits()


def test_an_answer_with_its_grade_is():
    people = cast()
    published()
    placements.for_link(people.link, byte_slug="it-project-manager", language="en", now=timezone.now())
    lin = sit(people.lin, people.link)
    with watched() as seen:
        assert lin.answer("samantha").status_code == 303
    assert seen.keys() >= {"learning_attempt", "learning_response", "learning_progress", "lti_score"}
    assert set(seen.values()) == {True}


@begun_anew_otherwise
def begun(end=None):
    with watched() as seen:
        insert(new(Institution, name=(name := uuid4().hex), slug=name))
    if end:
        end()
    return seen["lti_institution"]


def test_all_others_wait_also_after_an_error_and_with_a_new_connection():
    assert begun() is False
    assert waits()
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 / 0)
    assert waits()
    begun(connection.close)
    with watched() as seen:
        insert(new(Institution, name="Cedar", slug="cedar"))
    assert seen == {"lti_institution": True}


def test_only_the_transaction_that_began_so_does_not_wait():
    @begun_anew_otherwise
    def together():
        with transaction.atomic():
            insert(new(Institution, name=(name := uuid4().hex), slug=name))
            return waits()

    assert together() is False
    with transaction.atomic():
        insert(new(Institution, name="Cedar", slug="cedar"))
        assert waits()
