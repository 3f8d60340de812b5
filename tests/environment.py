"""Loaded by pytest before Django is set up: tests run with development settings."""

import gc
import os
from typing import Any

import pytest
from hypothesis import settings

from tests import template
from tests.distribution import Distribution

os.environ.setdefault("ITPM_ENVIRONMENT", "development")

# What has nothing to do with our database: `make test` tries it once, on the second of its two Pythons.
BARE = (
    "tests/sandbox/",
    "tests/contract/",
    "tests/fuzz/",
    *(f"tests/{name}.py" for name in ("test_bootstrap", "test_capacity", "test_catalogues", "test_checks")),
    *(f"tests/{name}.py" for name in ("test_deploy", "test_requirements", "test_settings", "test_staff_pages")),
    *(f"tests/content/test_{name}.py" for name in ("lint", "pictures", "prose", "rules", "shape", "source")),
    *(f"tests/content/test_{name}.py" for name in ("markdown", "shipped_byte", "svg", "writing_guide")),
    *(f"tests/engine/test_{name}.py" for name in ("demo", "pooled", "serve", "sqlite", "supervisor", "turns")),
    *(f"tests/lti/test_{name}.py" for name in ("callers", "claims", "framing", "http", "outcomes", "paging", "proofs")),
    *(f"tests/lti/test_{name}.py" for name in ("refusals", "roles", "secrets", "stencil")),
    "tests/insight/test_statistics.py",
    "tests/learning/test_scoring.py",
    "tests/lti/grades/test_advice.py",
    "tests/lti/registering/test_openid_configuration.py",
    "tests/player/test_languages.py",
    "tests/player/test_stylesheet.py",
    "tests/reports/test_export.py",
)

# Who has a broker has many machines, and PostgreSQL.
MANY_MACHINES = ("tests/on_celery/",)

# A busy machine is no failure: examples have no time limit of their own.
# On PostgreSQL everything is repeated: each run tries half of the examples that a test asks for.
settings.register_profile("house", deadline=None, max_examples=50)
settings.load_profile("house")


def examples(number: int) -> int:
    """How many examples a test that usually wants this many tries in this run."""
    return max(1, number * settings.default.max_examples // 100)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.begin_run()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith((*BARE, *MANY_MACHINES)):
            assert not asks_database(item), f"{item.nodeid} belongs to both databases."
            item.add_marker("once")


def pytest_collection_finish() -> None:
    """What is loaded by now stays. Walking through it again and again takes a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def asks_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames))  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.end_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Distribution | None:
    return Distribution(config, log) if config.getvalue("dist") == "loadfile" else None
