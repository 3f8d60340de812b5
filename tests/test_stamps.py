"""Whoever changes a row by whatever way, `updated_at` says so: programs that pull changes miss none."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import Membership, PlatformUser, Score
from lti.prepared import update
from tests.cast import cast
from tests.learning.casting import answer, placement

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# A column of each that programs see, and another value for it.
SEEN = {
    Attempt: ("points_possible", 2),
    Placement: ("attempts_allowed", 3),
    Progress: ("attempts_submitted", 7),
    Membership: ("status", "left"),
    PlatformUser: ("name", "Lin B."),
    Score: ("state", "unavailable"),
}
ALL = pytest.mark.parametrize("model", SEEN)


@pytest.fixture(autouse=True)
def _rows(db):
    people = cast()
    answer(placement(people.link), people.lin)


def aged(model):
    """One row that has not changed for long. Its stamp never goes back, so the trigger must look away for once."""
    name = f"{model._meta.db_table}_stamp"
    row = model.objects.order_by("pk").first()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [name])
            (made,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER {name}")
        model.objects.filter(pk=row.pk).update(updated_at=LONG_AGO)
        cursor.execute(
            made if connection.vendor == "sqlite" else f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER {name}"
        )
    row.refresh_from_db()
    assert row.updated_at == LONG_AGO
    return row


def stamp(row):
    return type(row).objects.values_list("updated_at", flat=True).get(pk=row.pk)


def by_queryset(row, column, value):
    type(row).objects.filter(pk=row.pk).update(**{column: value})


def by_saving_the_whole_row(row, column, value):
    setattr(row, column, value)
    row.save()


def by_prepared_statement(row, column, value):
    setattr(row, column, value)
    update(row, column)


def by_many_at_once(row, column, value):
    setattr(row, column, value)
    type(row).objects.bulk_update([row], [column])


@ALL
@pytest.mark.parametrize("change", [by_queryset, by_saving_the_whole_row, by_prepared_statement, by_many_at_once])
def test_every_way_of_changing_a_row_is_seen(model, change):
    row = aged(model)
    change(row, *SEEN[model])
    assert stamp(row) > LONG_AGO


@ALL
def test_a_row_that_is_saved_as_it_was_before_somebody_elses_change_does_not_hide_that_change(model):
    row = aged(model)
    by_queryset(row, *SEEN[model])
    changed_at = stamp(row)
    model.objects.filter(pk=row.pk).update(updated_at=LONG_AGO)
    assert stamp(row) >= changed_at


@pytest.mark.parametrize(("model", "column"), [(Membership, "roster_seen_at"), (Score, "rung_at")])
def test_what_nobody_outside_sees_is_no_change(model, column):
    row = aged(model)
    by_queryset(row, column, LONG_AGO)
    assert stamp(row) == LONG_AGO


@pytest.mark.parametrize("model", [Attempt, Placement, Progress])
def test_columns_that_came_later_count_too(model):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [f"{model._meta.db_table}_stamp"])
        else:
            cursor.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [f"{model._meta.db_table}_stamp"]
            )
        (made,) = cursor.fetchone()
    missing = [field.column for field in model._meta.concrete_fields if f"new.{field.column}" not in made.lower()]
    assert missing == [], "Repeat lti.stamps.kept_by_database in the migration that adds them."


@ALL
def test_a_time_is_found_again_by_what_was_read(model):
    """SQLite compares texts: the database must write them as Django asks for them."""
    row = aged(model)
    by_queryset(row, *SEEN[model])
    assert model.objects.filter(updated_at=stamp(row), pk=row.pk).exists()
