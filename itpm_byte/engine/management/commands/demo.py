"""`manage.py demo`: everything at once, for somebody who wants to see it. Development only."""

import io
import json
import os
import subprocess  # nosec B404
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from itpm_byte.engine.management.commands.serve import children
from itpm_byte.engine.ports import is_free
from itpm_byte.engine.supervisor import Child, Supervisor

BYTE = "fixtures/bytes/it-project-manager"
# Set for the second start of this command, in the demo's own surroundings.
MARK = "ITPM_DEMO"


class Command(BaseCommand):
    help = "Try ITPM Byte: starts the service, its worker and a pretend LMS, and prints the address to open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="of the service; the LMS gets the next one")

    def handle(self, *, port: int, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError(
                "The demo lets anybody in as anybody, so it never runs in production settings. Try: make demo"
            )
        if os.environ.get(MARK) != "1":
            _start_again(free_pair(port))
        for number in (settings.PORT, settings.PORT + 1):
            if not is_free(number):
                raise CommandError(f"Port {number} is taken.")
        self.stdout.write("Getting the demo ready …")
        lms = f"http://localhost:{settings.PORT + 1}"
        prepare(lms)
        link = registration_link()
        supervisor = Supervisor([*children(port=settings.PORT, address=settings.BIND_ADDRESS), _sandbox()])
        supervisor.run(once_up=lambda: self.stdout.write(banner(lms, link)))
        self.stdout.write("The demo has stopped. What you did is kept in var/demo.")


def free_pair(port: int) -> int:
    """`port`, if it and the one after it are free. The everyday one may move; one that somebody asked for may not."""
    candidates = range(port, port + 40, 2) if port == 8000 else [port]
    for candidate in candidates:
        if is_free(candidate) and is_free(candidate + 1):
            return candidate
    raise CommandError(f"Port {port} or {port + 1} is taken. Say another one: make demo PORT={port + 10}")


def surroundings(port: int) -> dict[str, str]:
    """The environment of the demo: what was said stays, the rest goes to a place of its own."""
    folder = settings.BASE_DIR / "var" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "WARNING",
    }
    said = {name: os.environ[name] for name in kept if os.environ.get(name)}
    return {**kept, **said, "PORT": str(port), "ITPM_ENVIRONMENT": "development", "ITPM_SANDBOX": "1", MARK: "1"}


def _start_again(port: int) -> None:
    """Settings are read once, at the start: the demo's database and port need a new one."""
    manage = str(settings.BASE_DIR / "manage.py")
    # This very command.
    os.execve(  # noqa: S606 # nosec B606
        sys.executable, [sys.executable, manage, "demo", "--port", str(port)], {**os.environ, **surroundings(port)}
    )


def prepare(lms: str) -> None:
    """Database, Byte, and all LMSs that the sandbox plays as registered platforms. May be there from last time."""
    call_command("migrate", verbosity=0)
    quiet = io.StringIO()
    call_command("load_byte", str(settings.BASE_DIR / BYTE), stdout=quiet)
    for told in pretend_lmss(lms):
        call_command(
            "register_platform",
            name=f"Sandbox LMS ({told['title']})",
            institution="Sandbox school",
            issuer=told["issuer"],
            client_id=told["client_id"],
            auth_url=told["auth_url"],
            token_url=told["token_url"],
            jwks_url=told["jwks_url"],
            deployment_id=[told["deployment_id"]],
            audience=told["audience"] or None,
            product=told["product"],
            algorithm=[told["algorithm"]],
            any_azp=told["any_azp"] or None,
            stdout=quiet,
        )


def registration_link() -> str:
    """For somebody who wants to see how an LMS registers itself; a fresh one at each start, since it works once."""
    printed = io.StringIO()
    call_command(
        "registration_link",
        "Sandbox LMS (registered itself)",
        institution="Sandbox school",
        active=True,
        unknown_deployments="auto",
        stdout=printed,
    )
    return printed.getvalue().split()[-1]


def pretend_lmss(lms: str) -> list[dict[str, Any]]:
    """What the sandbox at this address tells a tool's administrator, for each LMS that it plays."""
    port = lms.rpartition(":")[2]
    command = [sys.executable, "-m", "itpm_byte.sandbox", "--describe", "--port", port]
    # Our own command, nothing from outside in it.
    said = subprocess.run(  # noqa: S603 # nosec B603
        command, check=True, capture_output=True, text=True, cwd=settings.BASE_DIR
    )
    told: list[dict[str, Any]] = json.loads(said.stdout)
    return told


def _sandbox() -> Child:
    state: Path = settings.BASE_DIR / "var" / "demo" / "lms.json"
    command = [
        *(sys.executable, "-m", "itpm_byte.sandbox", "--port", str(settings.PORT + 1)),
        *("--tool-url", settings.PUBLIC_URL, "--state", str(state), "--leashed"),
    ]
    return Child(
        "sandbox", command, {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": ""}, settings.PORT + 1
    )


def banner(lms: str, link: str) -> str:
    return f"""
    ITPM Byte is running. Open

        {lms}/

    It is a pretend LMS: its people, courses and grades are made up, everything else is real.

      1. Enter as Lin, a student, and open "IT Project Manager" in the course Careers 101.
      2. Read the Byte, answer the quiz, rate it.
      3. Look at the gradebook of the LMS: the grade has arrived.
      4. Log out, enter as Ada, the teacher, and open the same link.
      5. On its start page, let it behave like another LMS: Canvas, Blackboard, Brightspace, Sakai or Open edX.
      6. Enter as Ines, the administrator, press "Tools", and paste this address, as LMS administrators do once:

         {link}

    Ctrl-C stops everything.
"""
