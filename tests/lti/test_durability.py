"""Who reads "saved" has saved it; only logins and launches are not waited for, because they are simply begun anew."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from itpm_byte.learning import placements
from lti.durability import begun_anew_otherwise
from tests.cast import cast
from tests.lti.platform import Visit
from tests.player.seats import published, sit

pytestmark = pytest.mark.django_db(transaction=True)

IS_SQLITE = connection.vendor == "sqlite"
WAITS, DOES_NOT = True, not IS_SQLITE  # on PostgreSQL all wait


def waits() -> bool:
    """Whether a commit of this connection waits for the disk: as the server has it on PostgreSQL, FULL on SQLite."""
    if IS_SQLITE:
        return connection.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        return cursor.fetchone()[0] not in {"session", "client"}


@contextmanager
def watched():
    """Which tables were written to, and whether that was waited for."""
    seen = {}

    def watch(execute, sql, *rest):
        if sql.startswith("INSERT"):
            seen[sql.split('"')[1]] = waits()
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield seen


def test_logins_and_launches_are_not_waited_for(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    platform.register()
    with watched() as seen:
        assert Visit(platform).launch().status_code == 303
    assert seen.keys() >= {"lti_login", "lti_launch", "lti_platformuser"}
    assert set(seen.values()) == {DOES_NOT}
    assert waits()


def test_an_answer_with_its_grade_is():
    people = cast()
    published()
    placements.for_link(people.link, byte_slug="it-project-manager", language="en", now=timezone.now())
    lin = sit(people.lin, people.link)
    with watched() as seen:
        assert lin.answer("samantha").status_code == 303
    assert seen.keys() >= {"learning_attempt", "learning_response", "learning_progress", "lti_score"}
    assert set(seen.values()) == {WAITS}


@begun_anew_otherwise
def begun(end=None):
    seen = waits()
    if end:
        end()
    return seen


def test_all_others_wait_also_after_an_error_and_with_a_new_connection():
    connection.ensure_connection()
    assert begun() == DOES_NOT
    assert waits()
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 / 0)
    assert waits()
    begun(connection.close)
    connection.ensure_connection()
    assert waits()
