"""`manage.py check --deploy` is clean under production settings."""

import os
import subprocess
import sys
from collections.abc import Iterator

from tests.checks.words import ROOT

PRODUCTION = {
    "ITPM_ENVIRONMENT": "production",
    "SECRET_KEY": "kT9-only-for-this-check-Zq4mW8xB2nV6cL1pR5sD7fG3hJ0aYuEoI-ok",
    "FIELD_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "PUBLIC_URL": "https://byte.example.org",
    "DATABASE_URL": "sqlite:////tmp/itpm-byte-deployment-check.sqlite3",
}


def production_environment(**changes: str | None) -> dict[str, str]:
    """The environment of a well-set production, with changes; None takes a variable away."""
    kept = {key: value for key in ("PATH", "HOME", "LANG") if (value := os.environ.get(key))}
    return {key: value for key, value in {**kept, **PRODUCTION, **changes}.items() if value is not None}


def manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=production_environment(**changes), capture_output=True, text=True, check=False,
    )  # fmt: skip


def findings() -> Iterator[str]:
    answer = manage("check", "--deploy", "--fail-level", "WARNING")
    if answer.returncode != 0:
        yield f"manage.py check --deploy: {answer.stderr.strip()}"
