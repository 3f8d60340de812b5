"""Settings come from the environment; wrong values fail loudly; the example file tells them all."""

import re

import pytest

from tests.checks import sizes, words
from tests.checks.deployment import manage
from tests.checks.words import ROOT

READ_BY = [path for room in ("itpm_byte", "lti") for path in (ROOT / room).rglob("*.py") if "sandbox" not in path.parts]


def test_the_example_file_names_exactly_the_variables_that_are_read():
    source = "".join(path.read_text() for path in READ_BY)
    read = set(re.findall(r"env(?:[._]\w+)?\(\s*\"([A-Z_]+)\"", source))
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert named == read


@pytest.mark.parametrize(
    ("changes", "words_said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 50 random characters"),
        ({"FIELD_ENCRYPTION_KEYS": None}, "FIELD_ENCRYPTION_KEYS is missing"),
        ({"PUBLIC_URL": None}, "Say scheme and host"),
        ({"PUBLIC_URL": "http://byte.example.org"}, "must begin with https://"),
        ({"PUBLIC_URL": "https://byte.example.org/path"}, "Say scheme and host"),
        ({"DEBUG": "True"}, "DEBUG shows secrets"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"ITPM_ENVIRONMENT": "staging"}, "Say 'production' or 'development'"),
        ({"LTI_ALLOW_LOOPBACK_PLATFORMS": "True"}, "production talks to https LMSs only"),
        ({"DATABASE_URL": "mysql://a:b@127.0.0.1/c"}, "DATABASE_URL must begin with"),
        ({"LTI_SESSION_HOURS": "many"}, "LTI_SESSION_HOURS"),
        ({"TASKS": "threads"}, "Say 'database' or 'celery'"),
        ({"TASKS": "celery"}, "TASKS=celery needs CELERY_BROKER_URL"),
    ],
)
def test_a_wrong_value_stops_production_with_words(changes, words_said):
    answer = manage("check", **changes)

    assert answer.returncode != 0
    [said] = answer.stderr.splitlines()  # and no traceback
    assert words_said in said


@pytest.mark.parametrize("nothing", [None, ""])
def test_the_first_command_needs_no_settings_and_prints_what_they_ask_for(nothing):
    nothing_yet = dict.fromkeys(("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "PUBLIC_URL", "DATABASE_URL"), nothing)
    printed = manage("new_secret", **nothing_yet).stdout
    made = dict(line.split("=", 1) for line in printed.splitlines())

    assert set(made) == {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS"}
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **made)
    assert answer.returncode == 0, answer.stderr


def test_production_without_a_default_secret_or_debug_is_clean():
    answer = manage("check", "--deploy", "--fail-level", "WARNING")

    assert (answer.returncode, answer.stderr) == (0, "")


def test_staff_s_passwords_are_hashed_by_django_s_own_slow_hash():
    """All other tests run with a fast one (tests/conftest.py)."""
    asked = "from django.contrib.auth.hashers import make_password; print(make_password('a password'))"
    answer = manage("shell", "--no-imports", "-c", asked)

    assert answer.stdout.startswith("pbkdf2_sha256$"), answer.stderr


def test_the_registry_rule_finds_an_index_option_and_a_host(tmp_path):
    bad = tmp_path / "bad.txt"
    host, option = ".".join(("pypi", "org")), "--index" + "-url"
    bad.write_text(f"fine\n{option} x\nhttps://files.example" + f"/packages/ab/cd\nhttps://{host}")

    assert [finding.split(":")[1] for finding in words.findings([bad])] == ["2", "3", "4"]


def test_the_size_rule_finds_long_files_and_functions():
    from pathlib import Path

    long_function = "def long():\n" + "    x = 1\n" * 41
    found = list(sizes.file_findings(Path("a.py"), long_function + "\n" * 300))

    assert found == ["a.py: 342 lines, 300 at most", "a.py:1: long has 41 lines, 40 at most"]
