"""Loaded by pytest before Django is set up: tests run with development settings."""

import os

from hypothesis import settings

os.environ.setdefault("ITPM_ENVIRONMENT", "development")

# A busy machine is no failure: examples have no time limit of their own.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
