"""Django's tasks in the database (TASKS=database), each with the reference number of what caused it."""

from typing import Any

from django.tasks import Task
from django.tasks.signals import task_enqueued
from django.utils.json import normalize_json
from django_tasks_db.backend import DatabaseBackend as PlainBackend

from lti import references
from lti.prepared import insert
from lti.rows import new


class ReferencedTask(Task):  # type: ignore[type-arg]
    """Runs under the reference number that stands beside its arguments; under a new one if there is none."""

    __slots__ = ()

    def call(self, *args: Any, **kwargs: Any) -> Any:
        with references.bound(kwargs.pop(references.KEY, "")):
            return super().call(*args, **kwargs)


def with_reference(kwargs: Any) -> dict[str, Any]:
    """The arguments by name, and whose doing the task is."""
    reference = references.current()
    return {**kwargs, references.KEY: reference} if reference else dict(kwargs)


class DatabaseBackend(PlainBackend):
    task_class = ReferencedTask

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> Any:
        """Part of the caller's transaction: the task is there with what it is about, or neither is."""
        # Models are not there yet when tasks are declared.
        from django_tasks_db.models import DBTaskResult, get_date_max  # noqa: PLC0415

        self.validate_task(task)
        row: DBTaskResult[..., Any] = insert(
            new(
                DBTaskResult,
                args_kwargs=normalize_json({"args": args, "kwargs": with_reference(kwargs)}),
                priority=task.priority,
                task_path=task.module_path,
                queue_name=task.queue_name,
                run_after=task.run_after or get_date_max(),
                backend_name=self.alias,
            )
        )
        result = row.task_result
        task_enqueued.send(type(self), task_result=result)
        return result
