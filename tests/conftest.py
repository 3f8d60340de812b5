"""What every test may use."""

import pytest

from tests import template
from tests.running import lms, running, tool

__all__ = ["lms", "running", "tool"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """A copy of the migrated database. On SQLite a file, not memory: threads and worker processes open it too."""
    from django.db import connection

    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        template.copy_file(file)
        connection.settings_dict["TEST"]["NAME"] = str(file)
    else:
        connection.settings_dict["TEST"]["TEMPLATE"] = template.name()


@pytest.fixture(scope="session")
def django_db_keepdb():
    """What was copied is kept; on PostgreSQL Django itself makes the copy."""
    return not template.is_postgres()


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_when_asked_for():
    """Else each test client looks at every static file when it is made: that takes longer than most tests."""
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _passwords_hashed_fast():
    """Django's own hash takes a third of a second on purpose; tests/test_settings.py looks at that one."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _nobodys_language():
    """The language of a request stays until the thread's next request begins. In the service nothing runs between the
    two; here the next test does."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True)
def _forgotten_versions():
    """Each test's rows begin with the same ids again: what the process remembers of the last test's is wrong now."""
    from itpm_byte.content import reading
    from itpm_byte.learning import answer_key

    answer_key.forget()
    reading._rendered.cache_clear()
