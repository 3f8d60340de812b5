"""`manage.py serve`: the web server and a worker under one command."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itpm_byte.engine.ports import is_free
from itpm_byte.engine.supervisor import Child, Supervisor


class Command(BaseCommand):
    help = "Serve ITPM Byte: web server and worker, restarted if they die. Ctrl-C or SIGTERM stops them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: PORT, now %(default)s")
        parser.add_argument("--address", default=settings.BIND_ADDRESS, help="default: BIND_ADDRESS, now %(default)s")
        parser.add_argument("--web-only", action="store_true", help="no worker: one runs as a service of its own")

    def handle(self, *, port: int, address: str, web_only: bool, **options: Any) -> None:
        if not is_free(port, address):
            raise CommandError(f"Port {port} is taken. Say another one: PORT={port + 10}")
        self.stdout.write(f"Serving on {address}:{port} for {settings.PUBLIC_URL}. Ctrl-C stops.")
        both = children(port=port, address=address)
        Supervisor(both[:1] if web_only else both).run()


def children(*, port: int, address: str) -> list[Child]:
    size = (str(settings.WEB_WORKERS), str(settings.WEB_THREADS))
    web = [sys.executable, "-m", "itpm_byte.engine.web", address, str(port), *size]
    worker = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--leashed"]
    environment = {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "itpm_byte.settings"}
    return [Child("web", web, environment, port), Child("worker", worker, environment)]
