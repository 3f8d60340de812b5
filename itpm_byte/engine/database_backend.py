"""Django's tasks in the database (TASKS=database), each with the reference number of what caused it."""

from typing import Any

from django.tasks import Task
from django_tasks_db.backend import DatabaseBackend as PlainBackend

from lti import references


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
        return super().enqueue(task, args, with_reference(kwargs))
