"""The whole service as an operator runs it: web server and worker as processes, on a database of their own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from tests import template
from tests.checks.words import ROOT
from tests.ports import free_port

BYTE = "fixtures/bytes/it-project-manager"


class LiveTool:
    """A running tool. `start_worker` and `kill_worker` may be called at any time."""

    def __init__(self, port: int, environment: dict[str, str], output: IO[bytes] | None = None) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = environment
        self.output = output  # what all of its processes print; None: with what the tests print
        self.worker: subprocess.Popen[bytes] | None = None
        self.web: subprocess.Popen[bytes] | None = None
        self._console: subprocess.Popen[str] | None = None

    def manage(self, *arguments: str) -> str:
        """Run one management command; answers what it printed."""
        return self._ask(command=arguments)

    def python(self, source: str) -> str:
        """Run a few lines inside the tool's Django, to look into its database or change a setting there."""
        return self._ask(source=source).strip()

    def _ask(self, **question: Any) -> str:
        if self._console is None:
            self._console = subprocess.Popen(
                [sys.executable, "-m", "tests.console"], cwd=ROOT, env=self.environment, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.output, text=True,
            )  # fmt: skip
        assert self._console.stdin
        assert self._console.stdout
        self._console.stdin.write(json.dumps(question) + "\n")
        self._console.stdin.flush()
        answer = json.loads(self._console.stdout.readline() or '{"problem": "The console ended."}')
        assert "problem" not in answer, answer["problem"]
        return str(answer["said"])

    def connect(self, lms: Any) -> None:
        """Register a pretend LMS by hand, as an operator does."""
        self.manage(
            "register_platform", "--name", "Sandbox", "--issuer", lms.issuer, "--client-id", lms.client_id,
            "--auth-url", lms.auth_url, "--token-url", lms.token_url, "--jwks-url", lms.jwks_url,
            "--deployment-id", lms.deployment_id, "--product", lms.product,
        )  # fmt: skip

    def rest(self) -> None:
        """Nobody is at work any more for what happened until now, so that nothing of it reaches into the next test."""
        self.python(
            "import time; from django.conf import settings\n"
            "if settings.TASK_ENGINE == 'celery':\n"
            "    from itpm_byte.engine.celery_app import app; app.control.purge()\n"
            "from django_tasks_db.models import DBTaskResult; tasks = DBTaskResult.objects; "
            "tasks.filter(status='READY').delete(); patience = time.monotonic() + 10\n"
            "while tasks.filter(status='RUNNING').exists() and time.monotonic() < patience: time.sleep(0.02)\n"
            "tasks.all().delete()"  # whoever was at work all that time was killed
        )

    def forget(self) -> None:
        """Nobody has launched yet and no access token is kept: empty all but the registration and the Byte."""
        self.rest()
        self.python(
            "from lti.models import *; from itpm_byte.learning.models import *; "
            "Placement.objects.all().delete(); Launch.objects.all().delete(); Context.objects.all().delete(); "
            "ResourceLink.objects.all().delete(); PlatformUser.objects.all().delete(); Login.objects.all().delete(); "
            "AccessToken.objects.all().delete(); RegistrationLink.objects.all().delete(); "
            "others = Registration.objects.exclude(pk=Registration.objects.order_by('pk').first().pk); "
            "Deployment.objects.filter(registration__in=others).delete(); others.delete()"
        )

    def ring(self) -> None:
        """Make every waiting grade due now, as time would."""
        self.python(
            "from django.utils import timezone; from lti.models import *; "
            "Registration.objects.update(services_paused_until=None); "
            "Score.objects.filter(state='due').update(next_try_at=timezone.now(), lease_until=None)"
        )

    def start_web(self) -> None:
        self.web = self._serve(self.port)

    def stop_web(self) -> None:
        if self.web:
            _signal_group(self.web, signal.SIGTERM)
            self.web = None

    @contextlib.contextmanager
    def another_web(self) -> Iterator[str]:
        """A second web server on the same database, as behind a load balancer; yields its address."""
        port = free_port()
        process = self._serve(port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            _signal_group(process, signal.SIGTERM)

    def _serve(self, port: int) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "error",
            "itpm_byte.wsgi:application",
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=self.output, stderr=self.output
        )
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/livez"), "the web server")
        return process

    def start_worker(self) -> None:
        self.worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=self.environment, start_new_session=True,
            stdout=self.output, stderr=self.output,
        )  # fmt: skip

    def kill_worker(self) -> None:
        """`kill -9` on the worker and all its children."""
        if self.worker:
            _signal_group(self.worker, signal.SIGKILL)
            self.worker = None

    def stop(self) -> None:
        for process in (self.worker, self.web):
            if process:
                _signal_group(process, signal.SIGTERM)
        if self._console:
            self._console.communicate()  # nothing more is asked: it ends by itself
            self._console = None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=15)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for(is_done: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Ask again until it is so; answers what `is_done` answered. Fails with words instead of hanging."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := is_done():
            return result
        time.sleep(0.1)
    raise AssertionError(f"Waited {seconds} seconds for {what}, in vain.")


@contextlib.contextmanager
def running_tool(*, output: IO[bytes] | None = None, **changes: str) -> Iterator[LiveTool]:
    """A tool on a free port and a fresh database: SQLite, or a new one in the PostgreSQL cluster of DATABASE_URL."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="itpm-live-") as folder, fresh_database(Path(folder)) as database:
        environment = {
            **os.environ, "ITPM_ENVIRONMENT": "development", "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": database, "LOG_LEVEL": "WARNING", "SECRET_KEY": "live-" + uuid.uuid4().hex * 2,
            "DJANGO_SETTINGS_MODULE": "itpm_byte.settings", **changes,
        }  # fmt: skip
        tool = LiveTool(port, environment, output)
        try:
            tool.manage("load_byte", BYTE)
            tool.manage("rotate_key", "--now")
            tool.start_web()
            yield tool
        finally:
            tool.stop()


@contextlib.contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """DATABASE_URL of a migrated database without any row."""
    if not template.is_postgres():
        template.copy_file(folder / "live.sqlite3")
        yield template.url_of(str(folder / "live.sqlite3"))
        return
    name = f"live_{uuid.uuid4().hex[:12]}"
    template.create(name)
    try:
        yield template.url_of(name)
    finally:
        template.drop(name)
