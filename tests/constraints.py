"""What the database itself refuses, whatever the code above it does.

A test module lists, for each named constraint of an app, rows that break it; `named` proves that none is forgotten.
"""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

type Breach = Callable[[], object]


def named(app: str) -> set[str]:
    """The names of all constraints that the app's models declare."""
    return {
        constraint.name for model in apps.get_app_config(app).get_models() for constraint in model._meta.constraints
    }


def assert_refused(app: str, name: str, breach: Breach) -> None:
    """The breach must fail at exactly this constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        breach()
    message = str(refusal.value)
    if connection.vendor == "sqlite":
        assert message == _sqlite_says(app, name)
    else:
        assert f'"{name}"' in message


def _sqlite_says(app: str, name: str) -> str:
    """SQLite names a check, but tells a unique constraint by its columns."""
    for model in apps.get_app_config(app).get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and isinstance(constraint, models.UniqueConstraint):
                columns = [model._meta.get_field(field).column for field in constraint.fields]
                return "UNIQUE constraint failed: " + ", ".join(
                    f"{model._meta.db_table}.{column}" for column in columns
                )
    return f"CHECK constraint failed: {name}"
