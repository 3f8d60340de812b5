"""What tests/journeys shows of grades and rosters holds on Celery, too; and what only a broker can do to them."""

import redis

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.test_learner import (
    RIGHT,
    _grade,
    answer,
    open_byte,
    test_kill_nine_of_the_worker_loses_no_grade,
    test_the_grade_of_the_right_answer_arrives_in_the_gradebook,
    test_while_the_lms_is_down_nothing_is_lost_and_the_grade_follows,
)
from tests.journeys.test_roster import test_after_one_launch_everybody_is_known_who_teaches_and_who_has_not_begun
from tests.live import LiveTool, wait_for
from tests.visitor import Visitor

__all__ = [
    "test_after_one_launch_everybody_is_known_who_teaches_and_who_has_not_begun",
    "test_kill_nine_of_the_worker_loses_no_grade",
    "test_the_grade_of_the_right_answer_arrives_in_the_gradebook",
    "test_while_the_lms_is_down_nothing_is_lost_and_the_grade_follows",
]


def make_overdue(tool: LiveTool) -> None:
    """As if the grade had lain there for a while: the sweep looks at such only."""
    tool.python(
        "from datetime import timedelta; from django.utils import timezone; from lti.models import Score; "
        "Score.objects.filter(state='due').update(next_try_at=timezone.now() - timedelta(minutes=1))"
    )


def test_a_broker_that_forgot_everything_loses_no_grade(tool: LiveTool, lms: SandboxServer, broker: str):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")
    tool.kill_worker()
    answer(lin, page, RIGHT)
    redis.Redis.from_url(broker).flushall()
    make_overdue(tool)
    tool.start_worker()

    assert wait_for(lambda: _grade(lms, "lin"), "the grade after the sweep", seconds=40) == 10


def test_a_first_try_that_failed_is_made_again_by_itself(tool: LiveTool, lms: SandboxServer):
    """The next try waits in the database until its time, then goes to the broker."""
    lms.faults.add("scores", "too-many", retry_after="1", times=1)
    lin = Visitor()
    answer(lin, open_byte(lms, lin, "lin"), RIGHT)

    assert wait_for(lambda: _grade(lms, "lin"), "the second try", seconds=40) == 10
    assert len(lms.journal.entries(endpoint="scores")) == 2
