"""Loaded by pytest before Django is set up: tests run with development settings."""

import os
from typing import Any

import pytest
from hypothesis import settings

from tests import template
from tests.distribution import Distribution

os.environ.setdefault("ITPM_ENVIRONMENT", "development")

# What has nothing to do with our database: `make test` tries it once, on the second of its two Pythons.
BARE = ("tests/sandbox/", "tests/test_catalogues.py", "tests/test_settings.py")

# A busy machine is no failure: examples have no time limit of their own.
# On PostgreSQL everything is repeated: the two runs together try as many examples as a test asks for.
settings.register_profile("house", deadline=None, max_examples=70)
settings.register_profile("again", parent=settings.get_profile("house"), max_examples=30)
settings.load_profile("again" if template.is_postgres() else "house")


def examples(number: int) -> int:
    """How many examples a test that usually wants this many tries in this run."""
    return max(1, number * settings.default.max_examples // 100)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.begin_run()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(BARE):
            assert not item.get_closest_marker("django_db"), f"{item.nodeid} belongs to both databases."
            item.add_marker("bare")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.end_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Distribution | None:
    return Distribution(config, log) if config.getvalue("dist") == "loadfile" else None
