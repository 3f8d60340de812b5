"""Which worker runs what, and in which order: what shares services together, and what takes long first.

Starting services costs more than most files do, and a long file that begins last leaves the other workers idle.
"""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# What one worker runs in one go, in the order in which they begin. The rest follows file by file, the largest first.
FIRST = (
    "tests/browser/test_byte_states.py",
    "tests/browser/test_registration.py",
    "tests/browser/test_lost_connection.py",
    "tests/browser/test_gate.py",
    "tests/browser/test_picker.py",
    "tests/engines/",
    "tests/browser/",
    "tests/journeys/",
    "tests/on_celery/",
    "tests/faults/",
    "tests/contract/",
    "tests/engine/",
    "tests/lti/test_workers.py",
    "tests/lti/test_any_claims.py",
    "tests/lti/test_any_answers.py",
    "tests/learning/test_story.py",
    "tests/sandbox/",
)


class Distribution(LoadScopeScheduling):
    """`pytest -n 3 --dist loadfile`, with the company and the order that FIRST says."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((part for part in FIRST if file.startswith(part)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        turns = {part: turn for turn, part in enumerate(FIRST)}
        self.workqueue.move_to_end(min(self.workqueue, key=lambda scope: turns.get(scope, len(FIRST))), last=False)
        super()._assign_work_unit(node)
