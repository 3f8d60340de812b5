import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from lti import checks, keys
from lti.models import ToolKey


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.django_db
def test_all_checks_are_registered_and_development_is_content():
    assert [message.id for message in run_checks() if message.id.startswith("lti.")] == []
    assert "lti.W004" in [message.id for message in run_checks(include_deployment_checks=True)]


@pytest.mark.parametrize("key", ["", "short", "x" * 44])
def test_an_encryption_key_that_is_none_is_told_with_its_number(settings, key):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), key]
    (told,) = checks.encryption_keys_fit()
    assert (told.id, told.msg) == ("lti.E001", "Key 2 of FIELD_ENCRYPTION_KEYS is no Fernet key.")


def test_good_encryption_keys_are_fine(settings):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    assert checks.encryption_keys_fit() == []


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [(["byte.example"], []), ([".example"], []), (["*"], []), ([], []), (["other.example"], ["lti.E002"])],
)
def test_the_host_of_the_public_address_must_be_served(settings, hosts, expected):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://byte.example", hosts
    assert ids(checks.public_url_is_served()) == expected


@pytest.mark.parametrize("path", ["nowhere.at_all", "lti.launch.nothing", "lti.launch.TRIES", "nodots"])
def test_a_launch_hook_that_is_no_function_is_told(settings, path):
    settings.LTI_LAUNCH_HOOK = path
    assert ids(checks.launch_hook_exists()) == ["lti.E003"]


def test_a_launch_hook_that_is_a_function_is_fine(settings):
    settings.LTI_LAUNCH_HOOK = "lti.launch.record"
    assert checks.launch_hook_exists() == []


@pytest.mark.parametrize(("is_open", "expected"), [(True, ["lti.W004"]), (False, [])])
def test_a_production_that_would_call_itself_is_told(settings, is_open, expected):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = is_open
    assert ids(checks.only_real_platforms()) == expected


@pytest.mark.django_db
def test_a_database_without_a_key_is_told_and_with_one_is_fine():
    assert ids(checks.there_is_a_key(databases=["default"])) == ["lti.W005"]
    keys.rotate(now=timezone.now())
    assert checks.there_is_a_key(databases=["default"]) == []
    assert checks.there_is_a_key() == []


@pytest.mark.django_db
def test_a_key_that_can_not_be_opened_is_told(settings):
    keys.rotate(now=timezone.now())
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert ids(checks.there_is_a_key(databases=["default"])) == ["lti.E006"]


@pytest.mark.django_db(transaction=True)
def test_a_database_without_tables_is_not_judged():
    table = ToolKey._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            assert checks.there_is_a_key(databases=["default"]) == []
        finally:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
