"""Loaded by pytest before Django is set up: tests run with development settings."""

import os

os.environ.setdefault("ITPM_ENVIRONMENT", "development")
