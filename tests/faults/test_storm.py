"""A short storm on each half of the tests: SQLite with its own tasks, PostgreSQL with Celery on a real Redis."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import template
from tests.faults.crowd import Crowd
from tests.faults.machines import Machines, cut_connections
from tests.faults.report import Run
from tests.faults.schools import open_schools
from tests.faults.service import Service
from tests.faults.storm import Storm
from tests.faults.verdict import judge, under_way
from tests.live import running_tool, wait_for
from tests.machine import private_redis
from tests.visitor import Visitor

SUBMITS = 60
SOON = {"SWEEP_SECONDS": "1", "LTI_LEASE_SECONDS": "4", "WORKER_THREADS": "4"}
# As if time had passed: pauses are over, whatever waits is overdue. Nobody's lease is touched.
HURRY = """
from datetime import timedelta
from django.utils import timezone
from lti.models import Registration, Score
Registration.objects.update(services_paused_until=None)
waiting = Score.objects.filter(state="due", lease_until=None)
print(waiting.update(next_try_at=timezone.now() - timedelta(minutes=1), rung_at=None))
"""


@pytest.fixture(scope="module")
def storm() -> Iterator[Storm]:
    """An LMS, twelve learners, and the service as an operator runs it on this half's database."""
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(private_redis()) if template.is_postgres() else None
        machines = Machines(None, redis, None)
        tool = stack.enter_context(running_tool(**SOON, **machines.environment()))
        schools = stack.enter_context(open_schools(tool, 12, ("canvas",)))
        service = Service(tool, is_whole=False)
        stack.callback(service.stop)
        service.start()
        yield Storm(service, machines, schools, seed=1)


def test_after_kills_and_bad_days_every_answer_counts_once_and_every_grade_has_arrived(storm: Storm):
    crowd = Crowd(storm.schools, submits=SUBMITS, seconds=8, threads=6, seed=1)
    for school in storm.schools:
        school.lms.faults.add("token", "status", status=503, times=1)
        school.lms.faults.add("scores", "reset-after", times=2)
    crowd.start()

    storm.kill_before_send()
    if storm.machines.redis:
        storm.flush_redis()
    storm.kill_web()
    storm.kill_after_send()
    crowd.finish(patience=60)
    wait_for(lambda: not still_under_way(storm), "everything to be delivered", 60)

    verdict = judge(storm.service, storm.schools, crowd.learners)
    run = Run("short", crowd, storm, verdict, minutes=0, recovery=0)
    assert run.violations == []
    assert verdict.acknowledged == SUBMITS
    assert sum(storm.service.kills.values()) >= 3


def still_under_way(storm: Storm) -> Any:
    storm.service.ask(HURRY)
    return under_way(storm.service)


def test_connections_that_died_with_the_database_are_replaced_before_a_learner_meets_one(storm: Storm):
    """As after a restart of PostgreSQL: the pool is full of connections that nobody answers any more."""
    (school,) = storm.schools

    def open_byte(person: str) -> int:
        return school.launch(Visitor(), person).status

    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(open_byte, school.learners[:8]))  # the pool is full
        if template.is_postgres():
            cut_connections(storm.service.tool.environment["DATABASE_URL"])
        assert set(at_once.map(open_byte, school.learners[:8])) == {200}
