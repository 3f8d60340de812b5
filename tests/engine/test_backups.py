"""The drill: a backup that was taken while others wrote, put back elsewhere, is the database at one moment."""

import ast
import contextlib
import os
import stat
import uuid
from pathlib import Path

import pytest

from tests.faults.machines import backup_to_full_disk
from tests.live import LiveTool, fresh_database

# One line for each row of each table of ours, in one order: what two databases must have in common.
DIGEST = """
import hashlib
from django.apps import apps
lines = []
for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
    fields = [field.attname for field in model._meta.concrete_fields]
    rows = sorted(repr(row) for row in model._default_manager.values_list(*fields))
    lines.append((model._meta.label, len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()))
print(lines)
"""
FILL = """
from django.utils import timezone
from lti.models import *
school = Institution.objects.create(name="School", slug="school")
lms = Registration.objects.create(institution=school, name="LMS", issuer="https://lms.example", client_id="byte")
for number in range({number}):
    PlatformUser.objects.create(registration=lms, sub=f"before-{{number}}", name=f"Zoë {{number}}")
"""
# A megabyte and more: SQLite then begins to write before it meets the end of the disk.
CROWD = """
from lti.models import PlatformUser, Registration
lms = Registration.objects.get()
many = (PlatformUser(registration=lms, sub=f"crowd-{number}", name="Zoë" * 80) for number in range(4000))
PlatformUser.objects.bulk_create(many)
"""
# Four writers; each says aloud what it has been told is saved.
WRITE = """
import threading
import lti.models
from django.db import connection
from lti.models import PlatformUser, Registration
lms, said, stop = Registration.objects.get(), {}, threading.Event()
def write(name):
    number = 0
    while not stop.is_set():
        PlatformUser.objects.create(registration=lms, sub=f"{name}-{number}")
        said[name] = number = number + 1
    connection.close()
threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
[thread.start() for thread in threads]
lti.models.drill = said, stop, threads  # for the questions that follow
"""
STOP = """
from lti.models import drill
said, stop, threads = drill
stop.set()
[thread.join() for thread in threads]
print(dict(said))
"""


@contextlib.contextmanager
def place(folder: Path, keys: str = ""):
    """A migrated database and commands that run on it."""
    folder.mkdir()
    with fresh_database(folder) as url:
        environment = {
            **os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR", "SECRET_KEY": "backup-" + uuid.uuid4().hex * 2,
            "FIELD_ENCRYPTION_KEYS": keys or KEYS, "DJANGO_SETTINGS_MODULE": "itpm_byte.settings",
        }  # fmt: skip
        tool = LiveTool(0, environment)
        try:
            yield tool
        finally:
            tool.stop()


KEYS, OTHER_KEYS = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


def test_what_is_put_back_elsewhere_is_what_was_there(tmp_path):
    backup = tmp_path / "byte.backup"
    with place(tmp_path / "here") as here, place(tmp_path / "there") as there:
        here.manage("load_byte", "fixtures/bytes/it-project-manager")
        here.manage("rotate_key", "--now")
        here.python(FILL.format(number=20))
        before = here.python(DIGEST)
        assert "Keep FIELD_ENCRYPTION_KEYS" in here.manage("backup", str(backup))
        there.manage("restore", str(backup), "--replace")

        assert there.python(DIGEST) == before == here.python(DIGEST)
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        # Its keys sign as before.
        sign = "from lti import keys; from django.utils.timezone import now; print(keys.sign({}, now()).count('.'))"
        assert there.python(sign) == "2"


def test_under_load_nothing_acknowledged_before_is_missing_and_nothing_is_half_there(tmp_path):
    backup = tmp_path / "byte.backup"
    with place(tmp_path / "here") as here, place(tmp_path / "there") as there, place(tmp_path / "third") as third:
        here.python(FILL.format(number=2000))
        here.python(WRITE)
        # A console runs one thing at a time; the backup is taken by another process meanwhile.
        third.environment["DATABASE_URL"] = here.environment["DATABASE_URL"]
        acknowledged = ast.literal_eval(here.python("from lti import models; print(dict(models.drill[0]))"))
        third.manage("backup", str(backup))
        after = ast.literal_eval(here.python(STOP))
        there.manage("restore", str(backup), "--replace")
        kept = there.python(
            "from lti.models import PlatformUser; print(sorted(PlatformUser.objects.values_list('sub', flat=True)))"
        )
    subs = set(ast.literal_eval(kept))
    assert {f"before-{number}" for number in range(2000)} <= subs
    for name, number in acknowledged.items():
        written = {int(sub.split("-")[1]) for sub in subs if sub.startswith(f"{name}-")}
        assert written == set(range(len(written)))
        assert number <= len(written) <= after[name] + 1


def test_a_database_that_holds_something_is_not_replaced_by_accident(tmp_path):
    backup = tmp_path / "byte.backup"
    with place(tmp_path / "here") as here:
        here.manage("backup", str(backup))
        here.python(FILL.format(number=1))
        before = here.python(DIGEST)
        with pytest.raises(AssertionError, match="not empty"):
            here.manage("restore", str(backup))
        with pytest.raises(AssertionError, match="is there already"):
            here.manage("backup", str(backup))
        (tmp_path / "broken").write_bytes(backup.read_bytes()[:5000])
        with pytest.raises(AssertionError, match=r"damaged|pg_restore said"):
            here.manage("restore", str(tmp_path / "broken"), "--replace")
        assert here.python(DIGEST) == before


def test_keys_that_do_not_open_are_said_at_once(tmp_path):
    backup = tmp_path / "byte.backup"
    with place(tmp_path / "here") as here, place(tmp_path / "there", keys=OTHER_KEYS) as there:
        here.manage("rotate_key", "--now")
        here.manage("backup", str(backup))
        with pytest.raises(AssertionError, match="FIELD_ENCRYPTION_KEYS does not open"):
            there.manage("restore", str(backup), "--replace")


def test_without_room_it_says_so_in_words_and_leaves_nothing(tmp_path):
    with place(tmp_path / "here") as here:
        here.python(FILL.format(number=1))
        here.python(CROWD)
        assert backup_to_full_disk(here.environment) == ""
