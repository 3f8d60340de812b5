"""Jobs by the clock: each once, however many workers there are."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from itpm_byte.engine.models import PeriodicJob
from itpm_byte.engine.upkeep import Job, Upkeep
from tests.constraints import named

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def counting(every=HOUR):
    ran = []
    return ran, (Job("count", every, ran.append),)


@pytest.mark.django_db
def test_a_job_runs_once_in_its_time_whichever_worker_comes():
    ran, jobs = counting()
    for worker in (Upkeep(jobs), Upkeep(jobs)):
        worker.tick(now=NOW)
        worker.tick(now=NOW + HOUR - timedelta(seconds=1))
    assert ran == [NOW]
    for worker in (Upkeep(jobs), Upkeep(jobs)):
        worker.tick(now=NOW + HOUR)
    assert ran == [NOW, NOW + HOUR]


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_at_the_same_moment_share_one_turn():
    ran, jobs = counting()
    for now in (NOW, NOW + HOUR):  # the first makes the row, the second moves it on
        barrier = threading.Barrier(4)

        def tick(barrier=barrier, now=now):
            barrier.wait()
            try:
                Upkeep(jobs).tick(now=now)
            finally:
                connection.close()

        threads = [threading.Thread(target=tick) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ran == [NOW, NOW + HOUR]


@pytest.mark.django_db
def test_a_clock_that_was_set_back_delays_a_job_by_no_more_than_its_time():
    ran, jobs = counting()
    Upkeep(jobs).tick(now=NOW)
    Upkeep(jobs).tick(now=NOW - timedelta(seconds=90))
    assert PeriodicJob.objects.get().due_at == NOW + HOUR
    Upkeep(jobs).tick(now=NOW + HOUR)
    assert len(ran) == 2


def test_each_job_has_a_name_of_its_own():
    from itpm_byte.engine.upkeep import JOBS

    assert len({job.name for job in JOBS}) == len(JOBS)
    assert named("engine") == {"engine_periodicjob_unique_name"}
