"""What a whole column shows beside what was sent: read at once, marked, and never sent over (AGS-40, AGS-31)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django_tasks_db.models import DBTaskResult

from lti.grades import comparing, scores
from lti.models import LineItem, Registration, Score
from tests.learning.casting import statements
from tests.lti.course import course_at
from tests.lti.grades.test_delivery import deliver, now

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["moodle", "canvas"])
def lms(request):
    return request.getfixturevalue(request.param)


def sent(lms, points: str = "3"):
    """Lin's score stands in the gradebook, since a little while."""
    course = course_at(lms)
    deliver(course.queue(points, now=now()))
    Score.objects.update(sent_at=now() - timedelta(minutes=5))
    return course


def compared():
    column = LineItem.objects.get(scores__isnull=False)
    outcome = comparing.update(column.pk, now=now())
    column.refresh_from_db()
    return outcome, column, Score.objects.get()


def test_ags_40_what_the_gradebook_shows_is_kept_beside_what_was_sent(lms):
    sent(lms)
    outcome, column, score = compared()
    assert (outcome.status, column.compare_error) == (200, "")
    assert (score.state, score.observed) == ("sent", Decimal(3))
    assert score.observed_at == column.compared_at


def test_ags_31_a_teachers_grade_is_marked_and_nothing_is_sent(lms):
    sent(lms)
    lms.store.change_grade("lin", "careers", overridden=9)
    posted = len(lms.journal.entries("scores"))
    _, _, score = compared()
    assert (score.state, score.last_error, score.observed) == ("changed", "changed_in_lms", Decimal(9))
    assert len(lms.journal.entries("scores")) == posted


def test_ags_31_a_teachers_grade_that_was_taken_back_is_ours_again(lms):
    sent(lms)
    lms.store.change_grade("lin", "careers", overridden=9)
    compared()
    lms.store.change_grade("lin", "careers", overridden=None)
    _, _, score = compared()
    assert (score.state, score.last_error, score.observed) == ("sent", "", Decimal(3))


def test_a_grade_that_waits_or_failed_is_only_looked_at(lms):
    sent(lms)
    lms.store.change_grade("lin", "careers", overridden=9)
    Score.objects.update(state="failed", last_error="forbidden")
    _, _, score = compared()
    assert (score.state, score.last_error, score.observed) == ("failed", "forbidden", Decimal(9))


def test_a_grade_that_is_on_its_way_or_arrived_meanwhile_is_left_alone(lms):
    sent(lms)
    later = now() + timedelta(minutes=1)
    for fields in ({"lease_until": later}, {"lease_until": None, "sent_at": later}):
        Score.objects.update(**fields)
        _, _, score = compared()
        assert (score.observed, score.observed_at) == (None, None)


def test_a_refusal_leaves_what_was_known_and_says_why(lms):
    course = sent(lms)
    compared()
    course.link.ags_scopes = [name for name in course.link.ags_scopes if "result" not in name]
    course.link.save()
    outcome, column, score = compared()
    assert (outcome.code, column.compare_error, score.observed) == ("scope_missing", "scope_missing", Decimal(3))
    assert "does not let us read grades" in comparing.advice_of(column)
    assert not comparing.can_compare(column)


def test_an_lms_that_is_switched_off_or_wants_a_pause_is_not_asked(moodle):
    sent(moodle)
    asked = len(moodle.journal.entries("results"))
    Registration.objects.update(services_paused_until=now() + timedelta(hours=1))
    assert compared()[1].compare_error == "paused"
    Registration.objects.update(status="disabled")
    assert compared()[1].compare_error == "platform_disabled"
    LineItem.objects.update(url=None)
    Registration.objects.update(status="active", services_paused_until=None)
    assert compared()[1].compare_error == "no_column"
    assert len(moodle.journal.entries("results")) == asked


def test_asking_twice_within_a_minute_rings_once(moodle, django_capture_on_commit_callbacks):
    sent(moodle)
    column, moment = LineItem.objects.get(scores__isnull=False), now()
    with django_capture_on_commit_callbacks() as rings:
        assert comparing.ask(column, now=moment)
        assert not comparing.ask(column, now=moment + timedelta(seconds=59))
        assert not comparing.ask(LineItem.objects.defer().get(pk=column.pk), now=moment + timedelta(seconds=59))
        assert comparing.ask(column, now=moment + timedelta(seconds=61))
    assert len(rings) == 2


def test_many_are_resent_with_one_ring_and_the_same_statements(moodle):
    course = sent(moodle)
    before = Score.objects.get()
    with statements() as sent_statements:
        assert scores.resend_all([before.pk], now=now()) == 1
    after = Score.objects.get()
    rings = DBTaskResult.objects.filter(task_path="lti.tasks.sweep")
    assert (rings.count(), len(sent_statements)) == (1, 3)
    assert (after.state, after.version, after.timestamp > before.timestamp) == ("due", before.version + 1, True)
    assert not after.overwrites
    # What waits is not renewed: asking often makes nothing worse.
    assert scores.resend_all([before.pk, before.pk], now=now()) == 1
    assert Score.objects.get().version == after.version
    assert course is not None


def test_ags_31_resending_many_goes_over_nothing_that_a_teacher_changed(lms):
    sent(lms)
    lms.store.change_grade("lin", "careers", overridden=9)
    scores.resend_all([Score.objects.get().pk], now=now() - timedelta(seconds=2))
    score = deliver(Score.objects.get())
    assert (score.state, score.observed) == ("changed", Decimal(9))
