"""PostgreSQL finds people by trigrams, and gets along where it may not have any."""

import importlib
from contextlib import contextmanager

import pytest
from django.db import connection

from lti.models import PlatformUser

pytestmark = pytest.mark.django_db
migration = importlib.import_module("lti.migrations.0017_people_are_found_by_name")


def has_index():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, PlatformUser._meta.db_table)
    return migration.INDEX in found


def run(step):
    step(None, connection.schema_editor())


def test_the_index_is_there_on_postgresql_alone_and_can_be_made_again():
    assert has_index() == (connection.vendor == "postgresql")
    run(migration.make)
    run(migration.drop)
    assert not has_index()


@contextmanager
def without_rights():
    """PostgreSQL's user may neither add the extension nor touch the table; elsewhere there is no index to make."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm")
        cursor.execute("CREATE ROLE weak")
        cursor.execute("SET LOCAL ROLE weak")
        yield
        cursor.execute("RESET ROLE")


def test_a_database_user_without_rights_gets_a_migrated_database_all_the_same():
    run(migration.drop)
    with without_rights():
        run(migration.make)
    assert not has_index()
    assert not PlatformUser.objects.exists()
