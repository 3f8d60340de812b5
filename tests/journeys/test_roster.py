"""The list of a course comes over by itself: launches ask, the worker fetches, learners who never came exist."""

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.ways import open_byte
from tests.live import LiveTool, wait_for
from tests.visitor import Visitor

ROSTER = (
    "from lti.models import Membership; "
    "print(sorted(f'{seat.user.name.split()[0]} {seat.role} {seat.status}' "
    "for seat in Membership.objects.select_related('user')))"
)
SYNCED = "from lti.models import Context; print(Context.objects.filter(roster_synced_at__isnull=False).count())"
DUE = "from lti.models import Context; Context.objects.update(roster_asked_at=None)"


def is_synced(tool: LiveTool) -> bool:
    return tool.python(SYNCED) == "1"


def test_after_one_launch_everybody_is_known_who_teaches_and_who_has_not_begun(tool: LiveTool, lms: SandboxServer):
    open_byte(lms, Visitor(), "tom")
    wait_for(lambda: is_synced(tool), "the roster")

    assert "Zoë learner active" in tool.python(ROSTER)
    # Moodle lists its non-editing teachers as learners; he launched as an instructor: together an assistant.
    assert "Tom teaching_assistant active" in tool.python(ROSTER)
    assert lms.journal.refusals == []

    asked = len(lms.journal.entries("roster"))
    open_byte(lms, Visitor(), "lin")
    open_byte(lms, Visitor(), "ada")
    assert len(lms.journal.entries("roster")) == asked


def test_who_leaves_is_marked_and_while_the_lms_is_down_the_old_list_stays(tool: LiveTool, lms: SandboxServer):
    open_byte(lms, Visitor(), "ada")
    wait_for(lambda: is_synced(tool), "the roster")
    lms.store.unenrol("zoe", "careers")
    lms.faults.add("roster", "status", status=500)

    tool.python(DUE)
    open_byte(lms, Visitor(), "ada")
    error = "from lti.models import Context; print(Context.objects.get().roster_error)"
    assert wait_for(lambda: tool.python(error), "the failure") == "lms_error"
    assert "Zoë learner active" in tool.python(ROSTER)

    lms.faults.clear()
    tool.python(DUE)
    open_byte(lms, Visitor(), "ada")
    wait_for(lambda: "Zoë learner left" in tool.python(ROSTER), "the newer list")
    assert tool.python(error) == ""
