"""A new encryption key takes over everything, so that the old one can be thrown away."""

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from itpm_byte.engine.management.commands import renew_encryption
from itpm_byte.reports.models import PhoneApp
from itpm_byte.reports.office import second_step
from lti import keys, secrets
from lti.models import ToolKey

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def kept(settings):
    """A key pair and a phone app, from the time of the old key."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    keys.rotate(now=timezone.now(), overlap=timedelta(0))
    return second_step.new_device(User.objects.create_superuser("sue"))


def test_every_encrypted_column_is_known():
    labels = {f"{model._meta.label}.{column}" for model, column in renew_encryption.columns()}

    assert labels == {
        "lti.ToolKey.private_key_encrypted",
        "lti.AccessToken.token_encrypted",
        "lti.DeepLinkingRequest.settings_encrypted",
        "lti.DeepLinkingRequest.answer_encrypted",
        "reports.PhoneApp.key",
    }


def test_afterwards_the_new_key_alone_opens_everything(kept, settings):
    code = totp(kept.bin_key)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    told = StringIO()

    call_command("renew_encryption", stdout=told)

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert told.getvalue() == "Encrypted anew: 2.\n"
    assert keys.sign({"sub": "x"}, timezone.now()).count(".") == 2
    assert totp(PhoneApp.objects.get().bin_key) == code


def test_what_no_key_opens_is_named_and_left_as_it_is(kept, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    before = ToolKey.objects.get().private_key_encrypted, TOTPDevice.objects.get().key
    told = StringIO()

    with pytest.raises(CommandError, match="2 could not be read"):
        call_command("renew_encryption", stdout=StringIO(), stderr=told)

    assert f"lti.ToolKey {ToolKey.objects.get().pk}: no key" in told.getvalue()
    assert (ToolKey.objects.get().private_key_encrypted, TOTPDevice.objects.get().key) == before


@pytest.mark.parametrize("damaged", ["", "é", "AAAA", "A" * 64, "x" * 81])
def test_a_damaged_short_secret_is_unreadable_not_an_error_of_another_kind(settings, damaged):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt_short(damaged)
