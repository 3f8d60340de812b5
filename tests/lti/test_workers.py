"""Several workers, and workers that die: every score arrives, none twice (design: outbox with leases)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lti import http, tasks
from lti.grades import delivery, rounds
from lti.models import LineItem, Registration, Score
from tests.live import wait_for
from tests.lti.course import course_at, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    """The test database, as another process has to be told."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


@pytest.fixture
def start_worker():
    """Starts `manage.py worker` on the test database; whatever is left of them is killed afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", *arguments],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "LOG_LEVEL": "ERROR",
                "SWEEP_SECONDS": "1",
                **environment,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def at_the_same_time(*jobs: Callable[[], object]) -> list[object]:
    """All jobs in threads that begin together; what they answered."""
    barrier, answers = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait()
            answers.append(job())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_workers_at_the_same_score_send_it_once(moodle):
    course = course_at(moodle)
    now = timezone.now()
    score = course.queue("8", now=now)
    reports = at_the_same_time(*[lambda: delivery.deliver(score.pk, now=now)] * 4)

    assert sorted(report.word for report in reports).count("sent") == 1
    assert len(moodle.journal.scores()) == 1
    assert moodle.store.grade("lin", "careers")["score"] == 8


def test_two_workers_for_a_link_without_column_make_one_column(moodle):
    moodle.store.change_line_item("careers", is_deleted=True)
    moodle.store.change_link("careers", line_item_claim="absent")
    course = course_at(moodle)
    now = timezone.now()
    queued = [course.queue("8", now=now), course.queue("4", user=course.kai, now=now)]
    at_the_same_time(*[lambda pk=score.pk: delivery.deliver(pk, now=now) for score in queued])

    made = [
        item
        for item in moodle.store.all()["line_items"].values()
        if item["link"] == "careers" and not item["is_deleted"]
    ]
    assert len(made) == 1
    assert LineItem.objects.get().lease_until is None


def test_two_workers_with_one_token_to_ask_for_ask_once(moodle):
    course = course_at(moodle)
    now = timezone.now()
    queued = [course.queue("8", now=now), course.queue("4", user=course.kai, now=now)]
    at_the_same_time(*[lambda pk=score.pk: delivery.deliver(pk, now=now) for score in queued])

    assert len(moodle.journal.entries("token")) == 1


def test_two_happenings_at_once_write_one_score_and_the_later_wins(moodle):
    course = course_at(moodle)
    now = timezone.now()

    def queue(given: str) -> None:
        with transaction.atomic():
            course.queue(given, now=now)

    at_the_same_time(lambda: queue("3"), lambda: queue("3.5"), lambda: queue("4"))

    assert Score.objects.get().version == 3


def test_two_lmss_that_hang_do_not_hold_up_a_third(moodle, canvas, settings):
    settings.LTI_SCORES_AT_ONCE = 2
    now = timezone.now()
    first = course_at(moodle)
    Registration.objects.update(issuer="https://elsewhere.example")
    moodle.faults.add("scores", "hang", seconds=60)
    rung = []
    for course in (first, course_at(moodle)):
        # The first of a round goes alone. This one is not sent: the next one is.
        rung.append(course.queue("8", user=make_member(course.context, "gone", "learner", status="left"), now=now))
        course.queue("8", now=now)
    healthy = course_at(canvas)
    third = healthy.queue("8", now=now)
    healthy.queue("4", user=healthy.kai, now=now)

    def send_the_third() -> tuple[list[str], int]:
        wait_for(lambda: moodle.faults.held == 2, "both to hang")
        rounds.deliver(third.pk, ring=tasks.ring)
        states = list(healthy.line_item.scores.values_list("state", flat=True))
        still_hanging = Score.objects.filter(lease_until__isnull=False).count()
        moodle.faults.clear()
        return states, still_hanging

    jobs = [lambda pk=score.pk: rounds.deliver(pk, ring=tasks.ring) for score in rung]
    answers = at_the_same_time(*jobs, send_the_third)

    assert (["sent", "sent"], 2) in answers


def test_a_task_sends_the_score_and_rings_again_when_it_must(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "too-many", retry_after="60", times=1)
    score = course.queue("8", now=timezone.now())
    DBTaskResult.objects.all().delete()

    assert tasks.deliver.call(score.pk) == "retry"
    score.refresh_from_db()
    assert [row.run_after for row in DBTaskResult.objects.all()] == [score.next_try_at]


def test_no_lms_is_called_inside_a_transaction(moodle, monkeypatch):
    moodle.store.change_line_item("careers", is_deleted=True)
    moodle.store.change_link("careers", line_item_claim="absent")
    course = course_at(moodle)
    inside: list[bool] = []
    really = http.request

    def watched(*arguments, **options):
        inside.append(connection.in_atomic_block)
        return really(*arguments, **options)

    monkeypatch.setattr(http, "request", watched)
    moodle.faults.add("scores", "reset-after", times=1)
    score = course.queue("8", now=timezone.now())
    for _ in range(2):
        Registration.objects.update(services_paused_until=None)
        Score.objects.update(next_try_at=score.timestamp)
        delivery.deliver(score.pk, now=timezone.now())

    assert Score.objects.get().state == "sent"
    # Three tokens; looking for the column, making it, posting, reading results after the lost answer and once more.
    assert inside == [False] * 9


def test_a_worker_sends_what_is_due_and_leaves(moodle, start_worker):
    course = course_at(moodle)
    course.queue("8", now=timezone.now())
    worker = start_worker("--once")

    assert worker.wait(timeout=60) == 0
    assert (Score.objects.get().state, moodle.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_a_worker_killed_between_claim_and_answer_loses_nothing(moodle, start_worker):
    course = course_at(moodle)
    moodle.faults.add("scores", "hang", seconds=60)
    score = course.queue("8", now=timezone.now())
    doomed = start_worker(LTI_LEASE_SECONDS="4")
    wait_for(lambda: moodle.journal.entries("token"), "the worker to begin")
    wait_for(lambda: Score.objects.get().lease_until, "the worker's claim")
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    moodle.faults.clear()
    score.refresh_from_db()
    assert (score.state, score.sent_at) == ("due", None)

    start_worker()
    wait_for(lambda: Score.objects.get().state == "sent", "the next worker", seconds=90)
    assert moodle.store.grade("lin", "careers")["score"] == 8
    assert len(moodle.store.grade("lin", "careers")["history"]) == 1


def test_a_ring_that_was_lost_is_made_up_for_by_the_sweep(moodle, start_worker):
    course = course_at(moodle)
    score = course.queue("8", now=timezone.now())
    DBTaskResult.objects.all().delete()
    Score.objects.filter(pk=score.pk).update(next_try_at=timezone.now() - tasks.GRACE)
    start_worker()

    wait_for(lambda: Score.objects.get().state == "sent", "the sweep", seconds=90)
    assert moodle.store.grade("lin", "careers")["score"] == 8


def test_a_worker_that_is_told_to_stop_finishes_what_it_sends(moodle, start_worker):
    course = course_at(moodle)
    moodle.faults.add("scores", "hang-after", seconds=1.5, times=1)
    course.queue("8", now=timezone.now())
    worker = start_worker()
    wait_for(lambda: Score.objects.get().lease_until, "the worker's claim")
    worker.terminate()

    assert worker.wait(timeout=60) == 0
    score = Score.objects.get()
    assert (score.state, score.last_error, score.lease_until) == ("due", "unreachable", None)


def test_a_class_of_learners_is_graded_by_two_workers_without_a_refusal(moodle, start_worker):
    course = course_at(moodle)
    now = timezone.now()
    learners = []
    for number in range(40):
        sub = str(1000 + number)
        key = f"p{number}"
        person = {"name": key, "given_name": "P", "family_name": sub, "email": f"{key}@school.example"}
        moodle.call("change", room="people", key=key, changes={"key": key, "id": sub, **person})
        moodle.store.enrol(key, "careers")
        learners.append(make_member(course.context, sub, "learner"))
    for learner in learners:
        course.queue("5", user=learner, now=now)
    workers = [start_worker("--once"), start_worker("--once")]
    for worker in workers:
        worker.wait(timeout=90)
    start_worker()
    wait_for(lambda: not Score.objects.exclude(state="sent").exists(), "forty scores", seconds=90)

    assert len(moodle.journal.scores()) == 40
    assert moodle.journal.refusals == []
    assert len(moodle.journal.entries("token")) == 1
