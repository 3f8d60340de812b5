"""Rings that nobody has to follow any more cost next to nothing."""

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from itpm_byte.engine.taking import clear_idle_rings
from lti import tasks
from lti.models import Score
from tests.lti.course import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings() -> dict[str, DBTaskResult]:
    """Two rings in the queue, for a score that was sent and one that is due, and a task of another kind."""
    course, now = make_course(), timezone.now()
    sent, _due = course.queue("8", now=now), course.queue("4", user=course.kai, now=now)
    Score.objects.filter(pk=sent.pk).update(state="sent", sent_at=now)
    tasks.examine.enqueue(sent.pk)
    names = ("sent", "due", "other")
    return dict(zip(names, DBTaskResult.objects.order_by("enqueued_at"), strict=True))


def status() -> list[str]:
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def test_a_ring_for_what_was_sent_is_finished_without_being_run(rings):
    assert clear_idle_rings("worker") == 1
    assert status() == ["SUCCESSFUL", "READY", "READY"]
    rings["sent"].refresh_from_db()
    assert (rings["sent"].return_value, rings["sent"].worker_ids) == ("nothing to send", ["worker"])


def test_a_ring_for_what_is_due_again_is_kept(rings):
    Score.objects.update(state="due")

    assert clear_idle_rings("worker") == 0
    assert status() == ["READY", "READY", "READY"]
