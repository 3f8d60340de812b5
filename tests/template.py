"""A database with all migrations, made once for a whole test run: every test process and live tool begins with a copy.

The first that needs it makes it while the others wait at a lock; `folder` of the run is told to them by RUN.
On SQLite the file is kept for the next run, until something changes that has a say in it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.checks.words import ROOT

RUN = "ITPM_TEST_RUN"
KEPT = ROOT / ".pytest_cache" / "migrated"
# What decides how the migrated database looks: files of these names, or in folders of these names.
DECIDING = {"migrations", "models", "models.py", "apps.py", "settings.py", "stamps.py"}


def begin_run() -> None:
    """For the process that starts the others."""
    os.environ[RUN] = tempfile.mkdtemp(prefix="itpm-tests-")


def end_run() -> None:
    folder = Path(os.environ.pop(RUN))
    if is_postgres() and (folder / "ready").exists():
        _administer(f'DROP DATABASE "{_name(folder)}"')
    shutil.rmtree(folder, ignore_errors=True)


def is_postgres() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def name() -> str:
    """The migrated database: the path of a file on SQLite, a name in the cluster of DATABASE_URL on PostgreSQL."""
    folder = Path(os.environ[RUN])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            make = _migrate if is_postgres() else _take_kept
            make(folder)
            (folder / "ready").touch()
    return _name(folder)


def copy_file(target: Path) -> None:
    """On SQLite: the migrated database as a file of one's own."""
    shutil.copyfile(name(), target)


def create(database: str) -> None:
    """On PostgreSQL: the migrated database under another name."""
    _administer(f'CREATE DATABASE "{database}" TEMPLATE "{name()}"')


def drop(database: str) -> None:
    _administer(f'DROP DATABASE "{database}" WITH (FORCE)')


def url_of(database: str) -> str:
    """DATABASE_URL of a database: the path of a file, or a name in the cluster."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}" if is_postgres() else f"sqlite:///{database}"


def _name(folder: Path) -> str:
    return folder.name.replace("-", "_") if is_postgres() else str(folder / "migrated.sqlite3")


def _take_kept(folder: Path) -> None:
    """On SQLite: migrating takes longer than most runs of a few files do."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / f"{_fingerprint()}.sqlite3"
        if not kept.exists():
            _migrate(folder)
            for old in KEPT.glob("*.sqlite3"):
                old.unlink()
            shutil.copyfile(_name(folder), KEPT / "new")
            (KEPT / "new").rename(kept)
        else:
            shutil.copyfile(kept, _name(folder))


def _fingerprint() -> str:
    rooms = [path for room in ("itpm_byte", "lti") for path in (ROOT / room).rglob("*.py")]
    deciding = [path for path in rooms if DECIDING & set(path.relative_to(ROOT).parts)]
    said = hashlib.sha256()
    for path in [*sorted(deciding), *sorted((ROOT / "requirements").glob("*.txt"))]:
        said.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return said.hexdigest()


def _migrate(folder: Path) -> None:
    database = _name(folder)
    if is_postgres():
        _administer(f'CREATE DATABASE "{database}"')
    environment = {**os.environ, "DATABASE_URL": url_of(database), "LOG_LEVEL": "WARNING"}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)


def _administer(statement: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    begin_run()
    name()
    end_run()
