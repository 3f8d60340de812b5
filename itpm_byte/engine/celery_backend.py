"""Django's tasks on Celery (TASKS=celery). What may wait, waits in the database; what is due goes to the broker.

Brokers hold messages for later badly: Redis hands them out again and again, a restarted worker forgets them. So a task
with `run_after` becomes a row of django-tasks-db, and the upkeep of any worker forwards it when its time has come.
"""

import uuid
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.signals import task_enqueued
from django.utils import timezone
from django.utils.json import normalize_json
from django_tasks_db.models import DBTaskResult

from itpm_byte.engine.celery_app import run
from itpm_byte.engine.database_backend import DatabaseBackend, with_reference

# At most so many are forwarded in one go.
MOST = 500


class CeleryBackend(DatabaseBackend):
    """`enqueue` sends a message at once, or keeps the task until its `run_after`. Results are not kept."""

    supports_get_result = False
    supports_priority = False
    supports_async_task = False

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> Any:
        """Inside a transaction the message goes out after the commit: what is rolled back is never run.

        Raises kombu's OperationalError when the broker is away, outside a transaction; inside one it is logged, and
        the sweep makes up for it.
        """
        if task.run_after is not None and task.run_after > timezone.now():
            return super().enqueue(task, args, kwargs)
        self.validate_task(task)
        told: Any = normalize_json({"args": args, "kwargs": with_reference(kwargs)})
        name = str(uuid.uuid4())
        send = partial(run.apply_async, (task.module_path, told["args"], told["kwargs"]), task_id=name)
        if transaction.get_connection().in_atomic_block:
            transaction.on_commit(send, robust=True)
        else:
            send()
        result = _result(task, name, told, self.alias)
        task_enqueued.send(type(self), task_result=result)
        return result


def _result(task: Task[..., Any], name: str, told: Any, alias: str) -> TaskResult[..., Any]:
    return TaskResult(
        task=task,
        id=name,
        status=TaskResultStatus.READY,
        enqueued_at=timezone.now(),
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=told["args"],
        kwargs=told["kwargs"],
        backend=alias,
        errors=[],
        worker_ids=[],
    )


def forward_due(*, now: datetime, alias: str = "default") -> int:
    """Send what has waited long enough to the broker. How many that were.

    The row goes after its message is out: a crash between the two sends it twice, which does no harm.
    """
    due = DBTaskResult.objects.filter(backend_name=alias, status=TaskResultStatus.READY, run_after__lte=now)
    with transaction.atomic():
        rows = list(due.order_by("run_after").select_for_update(skip_locked=True)[:MOST])
        for row in rows:
            run.apply_async((row.task_path, row.args_kwargs["args"], row.args_kwargs["kwargs"]))
        DBTaskResult.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
