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
    return {constraint.name for model in apps.get_app_config(app).get_models() for constraint in model._meta.constraints}


def assert_refused(app: str, name: str, breach: Breach) -> None:
    """The breach must fail at exactly this constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        breach()
    assert _says(app, name) in str(refusal.value)


def _says(app: str, name: str) -> str:
    """How the database names the constraint: by name, but SQLite tells a unique one by its columns."""
    for model in apps.get_app_config(app).get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and isinstance(constraint, models.UniqueConstraint) and _is_sqlite():
                columns = [model._meta.get_field(field).column for field in constraint.fields]
                return "UNIQUE constraint failed: " + ", ".join(f"{model._meta.db_table}.{name}" for name in columns)
    return name


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"
