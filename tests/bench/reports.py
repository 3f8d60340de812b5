"""The completion report over a large crowd: each page by filter, the trend, the file. Milliseconds, rows a second.

DATABASE_URL=postgres://… manage.py demo_data --courses 1000 --learners 100000 --progress 1000000 --attempts 3000000
DATABASE_URL=postgres://… python -m tests.bench.reports
"""

import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itpm_byte.settings")
ROUNDS, FILE_ROWS = 5, 200_000


def main() -> None:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from itpm_byte.insight import completion, completion_rows, tallies, totals
    from itpm_byte.insight.completion import Wish
    from itpm_byte.reports import export

    sue = User(is_superuser=True, is_staff=True, is_active=True)
    began = time.monotonic()
    print(f"tallies: {tallies.refresh(now=timezone.now(), seconds=3600)} in {time.monotonic() - began:.0f} s")
    for name, wish in wishes():
        report = _milliseconds(lambda wish=wish: totals.report(sue, wish))
        trend = _milliseconds(lambda wish=wish: totals.days(sue, wish))
        rows = _milliseconds(lambda wish=wish: completion.page(sue, wish))
        print(f"{name:28} report {report:5.0f} ms   trend {trend:5.0f} ms   50 learners {rows:5.0f} ms")
    began, lines = time.monotonic(), 0
    for lines, _line in enumerate(export.csv_chunks(completion_rows.TABLE, completion.stream(sue, Wish())), 1):
        if lines == FILE_ROWS:
            break
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"CSV: {lines / (time.monotonic() - began):.0f} rows/s, process at most {memory} MB")


def wishes() -> Iterator[tuple[str, object]]:
    from django.utils import timezone

    from itpm_byte.insight.completion import Wish
    from lti.models import Context, Institution

    course = Context.objects.exclude(groups=None).order_by("pk").first()
    assert course is not None, "make a crowd first: manage.py demo_data"
    owner = Institution.objects.order_by("pk").first()
    today = timezone.now().date()
    month = {"since": today - timedelta(days=60), "until": today - timedelta(days=30)}
    yield "all", Wish()
    for status in ("completed", "in_progress", "not_started", "left"):
        yield f"status {status}", Wish(status=status)
    yield "completed in a month", Wish(**month)
    yield "active in a month", Wish(**month, basis="active")
    yield "long before", Wish(until=today - timedelta(days=3000))
    yield "institution", Wish(institution=owner.pk if owner else None)
    yield "term", Wish(term=course.term)
    yield "Byte and version", Wish(byte="it-project-manager", version=1)
    yield "version that nobody had", Wish(version=99)
    yield "course", Wish(course=course.pk)
    yield "group", Wish(course=course.pk, group=course.groups.order_by("pk")[0].pk)
    yield "search", Wish(search="chloé kim")


def _milliseconds(job: Callable[[], object]) -> float:
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        job()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    django.setup()
    main()
