"""Loaded by pytest before Django is set up: tests run with development settings."""

import os

import pytest
from hypothesis import settings

from tests import template

os.environ.setdefault("ITPM_ENVIRONMENT", "development")

# A busy machine is no failure: examples have no time limit of their own.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.end_run()
