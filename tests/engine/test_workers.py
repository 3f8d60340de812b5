"""The threads of a worker process and what they do when something breaks."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from itpm_byte.engine.upkeep import Upkeep, prune_task_results
from itpm_byte.engine.workers import keep_at
from lti.models import Login, Score
from tests.lti.course import NOW, make_course


def test_work_that_breaks_is_taken_up_again_after_growing_rests():
    rests: list[float] = []
    troubles = [OperationalError("away"), OperationalError("still away"), None]

    def job() -> None:
        if problem := troubles.pop(0):
            raise problem

    keep_at(job, is_wanted=lambda: bool(troubles), rest=rests.append)

    assert (rests, troubles) == ([2.0, 4.0], [])


def test_work_that_nobody_wants_any_more_is_not_taken_up_again():
    jobs: list[int] = []
    keep_at(lambda: jobs.append(1), is_wanted=lambda: False, rest=lambda seconds: None)

    assert jobs == [1]


def test_a_worker_without_threads_is_refused():
    with pytest.raises(CommandError, match="at least 1"):
        call_command("worker", threads=0)


def test_a_worker_for_another_engine_is_refused_with_words(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}

    with pytest.raises(CommandError, match="no workers here"):
        call_command("worker")


def test_a_worker_whose_encryption_key_is_wrong_does_not_begin(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["no key"]

    with pytest.raises(SystemCheckError, match="lti.E001"):
        call_command("worker", skip_checks=False)


@pytest.mark.django_db
def test_upkeep_rings_for_what_is_overdue():
    course = make_course()
    course.queue("8", now=NOW)
    Upkeep().tick(now=NOW + timedelta(minutes=1))

    assert Score.objects.get().rung_at == NOW + timedelta(minutes=1)


@pytest.mark.django_db
def test_upkeep_forgets_old_logins_now_and_then():
    course = make_course()
    upkeep = Upkeep()

    def leave_login(number: int) -> None:
        Login.objects.create(
            state_hash=str(number), nonce="n", binding_hash="b", registration=course.registration,
            target_link_uri="/", created_at=NOW, expires_at=NOW,
        )  # fmt: skip

    leave_login(1)
    upkeep.tick(now=NOW + timedelta(hours=2))
    assert Login.objects.count() == 0
    leave_login(2)
    upkeep.tick(now=NOW + timedelta(hours=2, minutes=9))
    assert Login.objects.count() == 1
    upkeep.tick(now=NOW + timedelta(hours=2, minutes=10))
    assert Login.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "hours", "is_kept"),
    [
        ("SUCCESSFUL", 23, True),
        ("SUCCESSFUL", 25, False),
        ("FAILED", 25, True),
        ("FAILED", 15 * 24, False),
        ("RUNNING", 23, True),
        ("RUNNING", 25, False),
        ("READY", 1000, True),
    ],
)
def test_task_results_are_kept_for_a_while(status, hours, is_kept):
    now = timezone.now()
    then = now - timedelta(hours=hours)
    DBTaskResult.objects.create(
        status=status, args_kwargs={}, task_path="lti.tasks.deliver", backend_name="default", run_after=then,
        started_at=then, finished_at=then, exception_class_path="", traceback="",
    )  # fmt: skip
    prune_task_results(now=now)

    assert DBTaskResult.objects.exists() == is_kept


@pytest.mark.django_db
def test_one_job_that_fails_does_not_stop_the_others(monkeypatch):
    """A database that is away for a moment fails whichever job asks it just then."""
    from lti import tasks

    def away(**_: object) -> int:
        raise OperationalError("away")

    course = make_course()
    Login.objects.create(
        state_hash="1", nonce="n", binding_hash="b", registration=course.registration, target_link_uri="/",
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    monkeypatch.setattr(tasks, "ring_overdue", away)
    Upkeep().tick(now=NOW + timedelta(hours=2))

    assert Login.objects.count() == 0
