"""A copy of the whole database in one file, taken while the service runs, and the way back.

SQLite's own online backup, PostgreSQL's own pg_dump and pg_restore: one moment's state, whoever writes meanwhile.
The private keys are in it, encrypted as in the database; FIELD_ENCRYPTION_KEYS, which opens them, is not.
"""

import os
import shutil
import sqlite3
import subprocess  # nosec B404
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.sqlite3._functions import (  # type: ignore[import-untyped]  # django-stubs leaves it out
    register as register_functions,
)

from lti.models import ToolKey
from lti.secrets import SecretUnreadable, decrypt

# Only who runs the service reads it.
OWNER_ONLY = 0o600
SQLITE_MARK = b"SQLite format 3\x00"


class BackupError(Exception):
    """What can't be done and what to do; nothing was changed."""


def take(to: Path) -> None:
    """Write the database to `to`, which must not exist. It appears whole, or not at all. Raises BackupError."""
    if to.exists():
        raise BackupError(f"{to} is there already. Say another name: a backup never overwrites one.")
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=f".{to.name}.") as beside:
            copy = Path(beside) / "copy"  # SQLite puts a journal beside it, and leaves it there if the disk is full
            copy.touch(OWNER_ONLY)
            _copy_sqlite(copy) if _is_sqlite() else _run_postgres("pg_dump", "--format=custom", "--file", str(copy))
            os.link(copy, to)
    except OSError as problem:
        raise BackupError(f"{to} can't be written: {problem.strerror}.") from problem
    except sqlite3.Error as problem:
        # A full disk says so in SQLite's words.
        raise BackupError(f"{to} can't be written: {problem}.") from problem


def put_back(backup: Path, *, replaces: bool) -> None:
    """Make the database what the file says. One that holds anything is replaced only if `replaces`. Raises BackupError.

    Nobody else may use the database meanwhile: stop web servers and workers first.
    """
    try:
        with backup.open("rb") as file:
            is_sqlite = file.read(len(SQLITE_MARK)) == SQLITE_MARK
    except OSError as problem:
        raise BackupError(f"{backup} can't be read: {problem.strerror}.") from problem
    if is_sqlite != _is_sqlite():
        raise BackupError("This file is a backup of the other kind of database. Set DATABASE_URL to the kind it is of.")
    if not replaces and connections["default"].introspection.table_names():
        raise BackupError(
            "The database is not empty. --replace puts the backup in its place: what is there now is lost."
        )
    if is_sqlite:
        _put_back_sqlite(backup)
    else:
        clean = ["--clean", "--if-exists"] if replaces else []
        _run_postgres("pg_restore", "--single-transaction", "--no-owner", *clean, "--dbname", _name(), str(backup))


def opens_keys() -> bool:
    """Whether FIELD_ENCRYPTION_KEYS, as it is set here, opens the private keys in the database."""
    try:
        for sealed in ToolKey.objects.values_list("private_key_encrypted", flat=True):
            decrypt(sealed)
    except SecretUnreadable:
        return False
    return True


def _is_sqlite() -> bool:
    return connections["default"].vendor == "sqlite"


def _name() -> str:
    return str(connections["default"].settings_dict["NAME"])


def _copy_sqlite(to: Path) -> None:
    """The online backup: pages that change while it runs are copied again; readers and writers go on."""
    with closing(_read_only(_name())) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy, pages=2000)


def _put_back_sqlite(backup: Path) -> None:
    """Into a file beside the database first, then in its place at once; the old one's write-ahead log goes with it."""
    connections.close_all()
    database = Path(_name())
    try:
        with tempfile.TemporaryDirectory(dir=database.parent, prefix=".restore-") as beside:
            copy = Path(beside) / "copy"
            copy.touch(OWNER_ONLY)
            if not _is_whole_copy(backup, copy):
                raise BackupError("The file is damaged. The database is as it was.")
            for ending in ("-wal", "-shm"):
                database.with_name(database.name + ending).unlink(missing_ok=True)
            copy.replace(database)
    except sqlite3.OperationalError as problem:
        raise BackupError(f"No copy could be made beside the database: {problem}. It is as it was.") from problem


def _is_whole_copy(backup: Path, copy: Path) -> bool:
    try:
        with closing(_read_only(str(backup))) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            # Constraints use functions that Django gives to each connection.
            register_functions(target)
            return bool(target.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False


def _read_only(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=60)


def _run_postgres(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} was not found. Install PostgreSQL's client programs, of the server's version.")
    told = connections["default"].settings_dict
    # Our own arguments; the password goes by the environment, where other users can't read it.
    ran = subprocess.run(  # noqa: S603 # nosec B603
        [found, *arguments], env={**os.environ, **_surroundings(told)}, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise BackupError(f"{program} said: {ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else 'nothing'}")


def _surroundings(told: Mapping[str, Any]) -> dict[str, str]:
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    return {there: str(told[here]) for here, there in names.items() if told.get(here)}
