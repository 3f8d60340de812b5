"""`make upgrade-drill`: an older version and this one side by side on one PostgreSQL database, there and back.

OLD=COMMIT says which older one; by default the one before the newest migration. Learners launch and submit at both all
the time; afterwards every answer that was acknowledged stands in the database once, and every grade in the LMS.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.bench import walks
from tests.bench.databases import cluster
from tests.bench.lms import PretendLms, pretend_lms
from tests.bench.platform import Platform
from tests.bench.server import Server, running
from tests.bench.tools import byte_environment
from tests.checks.words import ROOT
from tests.ports import free_port
from tests.visitor import session

EACH = 15
PATIENCE_SECONDS = 90
BYTE = "itpm_byte.wsgi:application"


@dataclass
class Drill:
    """`acknowledged`: learners who were told that their answer is kept."""

    old: Path
    environment: dict[str, str]
    lms: Platform
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def say(self, words: str) -> None:
        print(f"{words:66} {len(self.acknowledged):4} acknowledged, {len(self.refused)} refused", flush=True)

    @contextmanager
    def version(self, root: Path) -> Iterator[Server]:
        """Web server and worker of one version."""
        port = free_port()
        environment = {**self.environment, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        command = [sys.executable, "manage.py", "worker"]
        with running(BYTE, environment, port, workers=1, root=root) as server:
            worker = subprocess.Popen(command, cwd=root, env={**os.environ, **environment})
            try:
                yield server
            finally:
                worker.terminate()
                worker.wait(timeout=60)

    def walk(self, launched_at: Server, submitted_at: Server, who: str) -> None:
        """Learners who come to one server and whose answers go to another one, as behind a load balancer."""
        for number in range(EACH):
            sub, browser = f"{who}{number}", session()
            try:
                address, page = walks.byte_launch(browser, launched_at.url, self.lms, sub)
                walks.byte_submit(browser, address.replace(launched_at.url, submitted_at.url), page)
            except (RuntimeError, OSError) as problem:
                self.refused.append(f"{sub}: {str(problem)[:300]}")
            else:
                self.acknowledged.append(sub)

    def manage(self, *arguments: str) -> None:
        """A command of this version."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments, "--verbosity", "0"],
            cwd=ROOT, env={**os.environ, **self.environment}, check=True,
        )  # fmt: skip

    def run(self) -> None:
        with self.version(self.old) as old:
            self.walk(old, old, "before")
            self.say("The old version alone")
            self.manage("migrate")
            self.walk(old, old, "migrated")
            self.say("The old version on the database of the new one")
            with self.version(ROOT) as new:
                for start, end, who in ((old, new, "forth"), (new, old, "back"), (old, old, "old"), (new, new, "new")):
                    self.walk(start, end, who)
                self.say("Both side by side, also one learner at both")
        with self.version(ROOT) as new:
            self.walk(new, new, "after")
            self.say("The new version alone")
            with self.version(self.old) as old:
                self.walk(old, old, "again")
                self.say("The old one comes back beside it, before migrating back")
        for app, name in targets(self.old):
            self.manage("migrate", app, name)
        with self.version(self.old) as old:
            self.walk(old, old, "home")
            self.say("The old version alone, after migrating back")


def targets(old: Path) -> list[tuple[str, str]]:
    """For each app of ours with newer migrations: the newest one that the old version knows."""
    found = []
    for folder in sorted([*ROOT.glob("*/migrations"), *ROOT.glob("itpm_byte/*/migrations")]):
        before = sorted(path.stem for path in (old / folder.relative_to(ROOT)).glob("0*.py"))
        if {path.stem for path in folder.glob("0*.py")} - set(before):
            found.append((folder.parent.name, before[-1] if before else "zero"))
    return found


def judge(drill: Drill, lms: PretendLms, url: str) -> list[str]:
    """What went wrong, in words."""
    wrong = list(drill.refused)
    with psycopg.connect(url) as connection:
        (attempts,) = connection.execute(
            "SELECT count(*) FROM learning_attempt WHERE submitted_at IS NOT NULL"
        ).fetchone() or (0,)
    if attempts != len(drill.acknowledged):
        wrong.append(f"{len(drill.acknowledged)} answers were acknowledged, {attempts} are kept")
    told = lms.told()
    if told["learners"] != len(drill.acknowledged) or told["out_of_order"]:
        wrong.append(f"{told['learners']} of {len(drill.acknowledged)} grades arrived, {told['out_of_order']} late")
    return wrong


def wait_for_grades(drill: Drill, lms: PretendLms) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lms.told()["learners"] < len(drill.acknowledged) and time.monotonic() < deadline:
        time.sleep(0.5)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="itpm-old-") as folder:
        there = Path(folder) / "old"
        _git("worktree", "add", "--detach", str(there), commit)
        try:
            yield there
        finally:
            _git("worktree", "remove", "--force", str(there))


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    newest = _git("log", "-1", "--format=%H", "--", "lti/migrations/0*.py", "itpm_byte/*/migrations/0*.py")
    commit = _git("rev-parse", os.environ.get("OLD") or f"{newest}^")
    print(f"From {_git('log', '-1', '--format=%h %s', commit)}\nto   {_git('log', '-1', '--format=%h %s')}")
    with (
        checked_out(commit) as old,
        tempfile.TemporaryDirectory() as folder,
        cluster("postgres", Path(folder)) as databases,
        pretend_lms(delay_ms=10) as services,
        Platform(services.issuer) as lms,
    ):
        print(f"Migrations between them, by app and the last that the old one knows: {targets(old)}")
        url = databases.url_of("drill")
        drill = Drill(old, byte_environment(url, lms, free_port(), root=old), lms)
        drill.run()
        with drill.version(old):
            wait_for_grades(drill, services)
        wrong = judge(drill, services, url)
    print("\n".join(wrong) or "Nothing was lost, nothing was refused.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
