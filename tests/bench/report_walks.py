"""Opens every report over the database of DATABASE_URL and prints, as JSON, what each costs."""

import json
import logging
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")
ROUNDS = 5
# After so many rounds PostgreSQL keeps its plan of a prepared statement; a service's connections stay open for long.
PLANNED = 6
FILE_SECONDS = 5  # of the processor
OFFICE = "/staff/reports/completion/"


class Watch:
    """Processor seconds of this process and of the database's own, where it has one on this machine."""

    def __init__(self) -> None:
        from django.db import connection

        self._pid = 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._pid = cursor.fetchone()[0]

    def seconds(self) -> float:
        own = time.process_time()
        if not self._pid:
            return own
        return own + int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[0]) / 1e9

    def time(self, job: Callable[[], object]) -> dict[str, float]:
        times = []
        for _ in range(PLANNED):
            job()
        for _round in range(ROUNDS):
            spent, began = self.seconds(), time.perf_counter()
            job()
            times.append((self.seconds() - spent, time.perf_counter() - began))
        ms, wall = (1000 * statistics.median(column) for column in zip(*times, strict=True))
        return {"ms": ms, "wall": wall}


def main() -> None:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    logging.disable(logging.CRITICAL)
    settings.ALLOWED_HOSTS, settings.API_REQUESTS_PER_MINUTE = ["*"], 10**9
    if connection.vendor == "postgresql":
        # Without it one and the same page costs now so, now so, as other processes of the machine let helpers start.
        for statement in ("SET max_parallel_workers_per_gather = 0", "VACUUM ANALYZE"):
            connection.cursor().execute(statement)
    sue = Client()
    account, _is_new = User.objects.get_or_create(username="bench", defaults={"is_staff": True, "is_superuser": True})
    sue.force_login(account, "django.contrib.auth.backends.ModelBackend")
    watch, found = Watch(), {}
    began = watch.seconds()
    _count()
    found["counting all (s)"] = {"value": watch.seconds() - began}
    for name, page in _pages(sue):
        found[name] = watch.time(page)
    found |= _file(watch)
    print(json.dumps(found))


def _count() -> None:
    from django.utils import timezone

    from itpm_byte.insight import tallies

    tallies.refresh(now=timezone.now(), seconds=36_000)


def _pages(sue: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    from itpm_byte.learning.models import Placement
    from lti.models import Institution, PlatformUser
    from tests.api.programs import LISTS, address, program
    from tests.player.seats import sit

    placement = Placement.objects.filter(resource_link__deployment__institution__slug="demo-2-0").first()
    course = placement.resource_link.context
    teacher = PlatformUser.objects.get(memberships__context=course, memberships__role="instructor")
    room = sit(teacher, placement.resource_link)
    yield "overview of 300 learners", _open(room.client, f"{room.url}room/")
    yield "  sorted by score", _open(room.client, f"{room.url}room/?sort=-score")
    yield "  only completed ones", _open(room.client, f"{room.url}room/?status=completed")
    yield "gradebook's page of 300 learners", _open(room.client, f"{room.url}room/grades/")
    for name, filters in _filters():
        yield f"report, {name}", _open(sue, f"{OFFICE}?{urlencode(filters)}")
        yield f"learners, {name}", _open(sue, f"{OFFICE}learners/?{urlencode(filters)}")
    client = program(Institution.objects.get(slug="demo-1-0"))
    large = Placement.objects.filter(resource_link__deployment__institution__slug="demo-1-0").first()
    for name in LISTS:
        yield f"API, 100 {name}", _open(client, address(name, large))
    yield "API, 100 progress, updated_since", _open(client, "/api/v1/progress/?updated_since=2026-01-01T00:00:00Z")


def _open(client: Any, url: str) -> Callable[[], None]:
    def page() -> None:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)

    return page


def _filters() -> Iterator[tuple[str, dict[str, Any]]]:
    from lti.models import Context

    course = Context.objects.filter(deployment__institution__slug="demo-1-0").order_by("pk").first()
    until = datetime.now(UTC).date()
    month = {"since": until - timedelta(days=60), "until": until - timedelta(days=30)}
    yield "no filter", {}
    for status in ("completed", "in_progress", "not_started", "left"):
        yield status, {"status": status}
    yield "completed in a month", month
    yield "active in a month", {**month, "basis": "active"}
    yield "institution", {"institution": course.deployment.institution_id}
    yield "LMS", {"lms": course.deployment.registration_id}
    yield "term", {"term": course.term}
    yield "Byte and version", {"byte": "it-project-manager", "version": 1}
    yield "course", {"course": course.pk}
    yield "group", {"course": course.pk, "group": course.groups.order_by("pk")[0].pk}
    yield "name", {"search": "chloé kim"}
    yield "e-mail address", {"search": "person.7@demo.invalid"}


def _file(watch: Watch) -> dict[str, dict[str, float]]:
    """As much of the file as FILE_SECONDS let through."""
    from django.contrib.auth.models import User

    from itpm_byte.insight import completion, completion_rows
    from itpm_byte.insight.completion import Wish
    from itpm_byte.reports import export

    rows = completion.stream(User.objects.get(username="bench"), Wish())
    spent, began, lines = watch.seconds(), time.perf_counter(), 0
    for chunk in export.csv_chunks(completion_rows.TABLE, rows):
        lines += chunk.count("\n")
        if watch.seconds() - spent > FILE_SECONDS:
            break
    return {
        "CSV, rows a second of the processor": {"value": lines / (watch.seconds() - spent)},
        "CSV, rows a second by the clock": {"value": lines / (time.perf_counter() - began)},
        "process at most (MB)": {"value": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024},
    }


if __name__ == "__main__":
    django.setup()
    main()
