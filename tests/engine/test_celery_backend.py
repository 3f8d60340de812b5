"""The same tasks on Celery: a message at once, or a row until its time; never both lost, never run unasked."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.tasks import task_backends
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from itpm_byte.engine import celery_app, celery_backend
from lti import tasks

BACKEND = {"default": {"BACKEND": "itpm_byte.engine.celery_backend.CeleryBackend"}}


@pytest.fixture
def sent(settings, monkeypatch):
    """What went to the broker: Celery's own in-memory transport keeps it."""
    settings.TASKS = BACKEND
    settings.TASK_ENGINE = "celery"
    monkeypatch.setattr(celery_app.app.conf, "broker_url", "memory://")
    celery_app.app._pool = None
    celery_app.app.amqp._producer_pool = None

    def messages():
        found = []
        with celery_app.app.connection_for_read() as connection:
            queue = connection.SimpleQueue("itpm_byte")
            while queue.qsize():
                message = queue.get_nowait()
                message.ack()
                found.append(message.payload[0][:2])
        return found

    messages()
    yield messages
    celery_app.app._pool = None
    celery_app.app.amqp._producer_pool = None


@pytest.mark.django_db
def test_a_task_becomes_a_message_after_the_commit(sent, django_capture_on_commit_callbacks):
    assert isinstance(task_backends["default"], celery_backend.CeleryBackend)
    with django_capture_on_commit_callbacks(execute=True):
        result = tasks.deliver.enqueue(17)
        assert sent() == []
    assert sent() == [["lti.tasks.deliver", [17]]]
    assert (result.args, DBTaskResult.objects.count()) == ([17], 0)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_run(sent):
    def enqueue_and_fail():
        with transaction.atomic():
            tasks.deliver.enqueue(17)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()
    assert sent() == []
    tasks.deliver.enqueue(18)
    assert sent() == [["lti.tasks.deliver", [18]]]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_when_an_answer_is_saved_is_nobodys_problem_but_the_logs(sent, monkeypatch, caplog):
    monkeypatch.setattr(celery_app.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    with transaction.atomic():
        tasks.deliver.enqueue(17)
    assert "Connection refused" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_may_wait_waits_in_the_database_and_is_forwarded_once(sent):
    now = timezone.now()
    tasks.deliver.using(run_after=now + timedelta(minutes=5)).enqueue(17)
    assert (sent(), celery_backend.forward_due(now=now + timedelta(minutes=4))) == ([], 0)
    assert celery_backend.forward_due(now=now + timedelta(minutes=5)) == 1
    assert celery_backend.forward_due(now=now + timedelta(minutes=6)) == 0
    assert sent() == [["lti.tasks.deliver", [17]]]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_when_it_is_forwarded_to_loses_nothing(sent, monkeypatch):
    now = timezone.now()
    tasks.deliver.using(run_after=now + timedelta(minutes=5)).enqueue(17)

    def away(*_arguments, **_options):
        raise ConnectionError("the broker is away")

    with monkeypatch.context() as broken:
        broken.setattr(celery_backend.run, "apply_async", away)
        with pytest.raises(ConnectionError):
            celery_backend.forward_due(now=now + timedelta(minutes=5))
    assert celery_backend.forward_due(now=now + timedelta(minutes=5)) == 1


@pytest.mark.parametrize("path", ["os.system", "lti.tasks.ring", "lti.tasks.timedelta", "itpm_byte.settings.env"])
def test_a_message_that_names_no_task_of_ours_is_not_run(path):
    with pytest.raises(celery_app.UnknownTask):
        celery_app.task_at(path)
    assert celery_app.task_at("lti.tasks.sweep") == tasks.sweep
