"""Keys of phone apps are encrypted, recovery codes hashed; those that were kept as they are become so."""

import re

from django.db import migrations

from itpm_byte.reports.models import hash_of
from lti import secrets

PLAIN_KEY = re.compile(r"[0-9a-f]{40}")
PLAIN_CODE = re.compile(r"[a-z2-7]{12}")


def protect(apps, schema_editor):
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        if PLAIN_KEY.fullmatch(device.key):
            device.key = secrets.encrypt_short(bytes.fromhex(device.key))
            device.save(update_fields=["key"])
    for code in apps.get_model("otp_static", "StaticToken").objects.all():
        if PLAIN_CODE.fullmatch(code.token):
            code.token = hash_of(code.token)
            code.save(update_fields=["token"])


class Migration(migrations.Migration):
    initial = True

    dependencies = [("otp_totp", "0003_add_timestamps"), ("otp_static", "0003_add_timestamps")]

    operations = [
        migrations.CreateModel(
            name="PhoneApp",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_totp.totpdevice",),
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
