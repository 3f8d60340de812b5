"""How a worker takes tasks from the database: one at a time, but rings for scores many at a time.

A class that submits leaves a ring for each learner. The first one that is heard sends all that is due to that LMS
(`lti.grades.rounds`); for the others there is nothing left to do, and finding that out must cost next to nothing.
"""

from typing import Any

from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from lti import tasks
from lti.grades import rounds

RING = tasks.deliver.module_path
# Rings that are looked at together.
TOGETHER = 500
IDLE = "nothing to send"


class TakingWorker(Worker):
    """As django-tasks-db's, but a ring that it takes takes idle ones along."""

    def run_task(self, db_task_result: "DBTaskResult[..., Any]") -> None:
        super().run_task(db_task_result)
        if db_task_result.task_path == RING:
            while self.running and clear_idle_rings(self.worker_id) == TOGETHER:
                pass


def clear_idle_rings(worker_id: str) -> int:
    """Finish the next rings in the queue whose scores nobody has to send any more. How many; none is run.

    Whoever makes a score due again rings again.
    """
    with exclusive_transaction():
        rings = DBTaskResult.objects.ready().filter(task_path=RING).select_for_update(skip_locked=True)
        found = {key: said["args"][0] for key, said in rings.values_list("pk", "args_kwargs")[:TOGETHER]}
        now = timezone.now()
        wanted = rounds.worth_ringing(found.values(), now=now)
        idle = [key for key, score_id in found.items() if score_id not in wanted]
        return int(
            DBTaskResult.objects.filter(pk__in=idle).update(
                status=TaskResultStatus.SUCCESSFUL, started_at=now, finished_at=now,
                worker_ids=[worker_id], return_value=IDLE,
            )
        )  # fmt: skip
