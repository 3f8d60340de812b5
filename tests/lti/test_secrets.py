from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from lti import secrets

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_encrypted_comes_back_and_is_different_each_time(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    first, second = secrets.encrypt("clé 🔑"), secrets.encrypt("clé 🔑")
    assert first != second
    assert first.isascii()
    assert (secrets.decrypt(first), secrets.decrypt(second)) == ("clé 🔑", "clé 🔑")


def test_a_new_key_in_front_writes_and_the_old_one_behind_it_still_reads(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    before = secrets.encrypt("x")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert secrets.decrypt(before) == "x"
    after = secrets.encrypt("y")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert secrets.decrypt(after) == "y"


@pytest.mark.parametrize("damaged", ["", "gAAAA", "x" * 100, "é"])
def test_what_no_key_opens_is_said_to_be_unreadable(settings, damaged):
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt(damaged)
    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt(Fernet(OLD).encrypt(b"x").decode())


def test_the_command_prints_two_lines_for_the_environment():
    printed = StringIO()
    call_command("new_secret", stdout=printed)
    (name, secret), (other_name, key) = (line.split("=", 1) for line in printed.getvalue().splitlines())
    assert (name, other_name) == ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    assert len(secret) >= 50
    assert secret.isalnum()
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"
