"""The task engine for many machines: Celery, with Redis or RabbitMQ as its broker.

One Celery task runs every task of ours by its path. Messages are acknowledged after the work, so that a worker which
dies gives them back; all our tasks may run twice without harm. What must not be lost stands in the database anyway:
the sweep rings again for what no message is left of.
"""

from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.tasks import Task
from django.utils.module_loading import import_string

# Longer than any task of ours takes; a message that a dead worker held comes back after that (Redis).
HELD_SECONDS = 1800
# How long somebody who enqueues waits for a broker that is away: a learner's answer must not hang on it.
PATIENCE_SECONDS = 1.0

app = Celery("itpm_byte", set_as_current=False)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    task_default_queue="itpm_byte",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=PATIENCE_SECONDS,
    task_publish_retry=False,
    broker_transport_options={
        "visibility_timeout": HELD_SECONDS,
        "socket_timeout": 5,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "retry_on_timeout": False,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
)


class UnknownTask(ValueError):
    """A message names something that is no task of this service. It is not run."""


@app.task(name="itpm_byte.run")  # type: ignore[untyped-decorator]  # Celery has no types
def run(path: str, arguments: list[Any], options: dict[str, Any]) -> None:
    """Run one of our tasks; its answer is not kept."""
    task_at(path).call(*arguments, **options)


def task_at(path: str) -> Task[..., Any]:
    """The task at a dotted path. Whoever can write to the broker can choose it, so only tasks of ours are taken."""
    found = import_string(path) if path.startswith(("lti.", "itpm_byte.")) else None
    if not isinstance(found, Task):
        raise UnknownTask(path)
    return found


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _leave_logging_alone(**_: object) -> None:
    """Logs are set up by `itpm_byte.logs`, also in workers."""
