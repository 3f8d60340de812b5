"""All that is due to one LMS goes together, by the rules that hold for one score."""

from datetime import timedelta
from decimal import Decimal

import pytest
import structlog
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti import references, tasks
from lti.grades import claims, rounds
from lti.models import AccessToken, Registration, Score
from lti.outcomes import Outcome, Verdict
from tests.lti.course import course_at, make_member

pytestmark = pytest.mark.django_db

SENT = Outcome(Verdict.SENT, status=200)


class Bell:
    def __init__(self) -> None:
        self.rung: list[int] = []

    def __call__(self, score_id, *, at=None) -> None:
        self.rung.append(score_id)


def states() -> dict[Decimal, str]:
    return dict(Score.objects.order_by("pk").values_list("score_given", "state"))


def test_one_ring_sends_all_that_is_due_to_the_lms_with_one_token(moodle):
    course, bell = course_at(moodle), Bell()
    score = course.queue("8", now=timezone.now())
    course.queue("4", user=course.kai, now=timezone.now())
    report = rounds.deliver(score.pk, ring=bell)

    assert (report.word, bell.rung) == ("sent", [])
    assert states() == {8: "sent", 4: "sent"}
    assert [moodle.store.grade(name, "careers")["score"] for name in ("lin", "kai")] == [8, 4]
    assert (len(moodle.journal.entries("token")), AccessToken.objects.count()) == (1, 1)
    assert set(Score.objects.values_list("lease_until", "tries", "sendings__outcome")) == {(None, 1, "sent")}


def test_what_is_due_later_or_to_another_lms_stays(moodle, canvas):
    here, there, now = course_at(moodle), course_at(canvas), timezone.now()
    score = here.queue("8", now=now)
    there.queue("4", now=now)
    here.queue("4", user=here.kai, now=now + timedelta(minutes=1))
    rounds.deliver(score.pk, ring=Bell())

    assert list(Score.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "due", "due"]


def test_where_others_are_at_an_lms_a_ring_leaves_it_to_them(moodle):
    course, now = course_at(moodle), timezone.now()
    for number in range(3):
        other = course.queue("1", user=make_member(course.context, f"x{number}", "learner"), now=now)
        assert isinstance(claims.claim(other.pk, now=now), claims.Claim)
    score = course.queue("8", now=now)

    assert rounds.worth_ringing([score.pk], now=now) == set()
    with CaptureQueriesContext(connection) as asked:
        assert rounds.deliver(score.pk, ring=Bell()).word == "later"
    assert (states()[8], moodle.journal.entries("scores")) == ("due", [])
    # No transaction and no lock: a class's rings would wait for each other at the registration.
    assert len(asked) == 1


def test_those_that_are_at_it_never_take_more_than_the_lms_should_get_at_once(moodle):
    course, now = course_at(moodle), timezone.now()
    for number in range(9):
        course.queue("1", user=make_member(course.context, f"x{number}", "learner"), now=now)
    registration = Registration.objects.get()

    assert [len(rounds.claim_due(registration.pk, [], now=now)) for _ in range(3)] == [2, 2, 0]


def test_after_a_failure_one_is_taken_to_try(moodle):
    course, now = course_at(moodle), timezone.now()
    course.queue("8", now=now)
    course.queue("4", user=course.kai, now=now)
    Registration.objects.update(services_failures=1)

    assert [len(rounds.claim_due(course.registration.pk, [], now=now)) for _ in range(2)] == [1, 0]


def test_an_lms_that_is_away_costs_one_try_and_somebody_comes_back_for_the_rest(moodle):
    course, bell = course_at(moodle), Bell()
    score = course.queue("8", now=timezone.now())
    other = course.queue("4", user=course.kai, now=timezone.now())
    moodle.faults.add("scores", "status", status=503)
    report = rounds.deliver(score.pk, ring=bell)

    assert (report.word, bell.rung) == ("retry", [other.pk])
    assert (len(moodle.journal.entries("scores")), Registration.objects.get().services_failures) == (1, 1)


def test_a_wish_that_came_meanwhile_stays_due_and_is_rung_for(moodle):
    course, now = course_at(moodle), timezone.now()
    course.queue("3", now=now)
    (taken,) = rounds.claim_due(course.registration.pk, [], now=now)
    score = course.queue("8", now=now)
    ((claim, report),) = rounds.settle_together([(taken, (SENT, None))], now=now)

    assert (claim, report.word, report.ring_at) == (taken, "overtaken", now + timedelta(seconds=1))
    score.refresh_from_db()
    assert (score.state, score.score_given, score.sent_given, score.lease_until) == (
        "due",
        Decimal(8),
        Decimal(3),
        None,
    )


def test_who_lost_the_lease_changes_nothing(moodle):
    course, now = course_at(moodle), timezone.now()
    course.queue("3", now=now)
    (slow,) = rounds.claim_due(course.registration.pk, [], now=now)
    (fast,) = rounds.claim_due(course.registration.pk, [], now=slow.lease_until)
    ((_, report),) = rounds.settle_together([(slow, (SENT, None))], now=now)

    assert report.word == "lease lost"
    assert list(Score.objects.values_list("state", "lease_until")) == [("due", fast.lease_until)]


def test_who_left_the_course_is_told_by_the_claim(moodle):
    course, now = course_at(moodle), timezone.now()
    course.queue("3", now=now)
    course.queue("3", user=make_member(course.context, "gone", "learner", status="inactive"), now=now)
    taken = rounds.claim_due(course.registration.pk, [], now=now)

    assert {claim.score.user.sub: claim.has_left for claim in taken} == {course.lin.sub: False, "gone": True}


def test_lines_of_the_log_name_the_request_that_queued_the_score_whoever_was_rung_for(moodle):
    course = course_at(moodle)
    with references.bound("AAAA-AAAA"):
        score = course.queue("8", now=timezone.now())
    with references.bound("BBBB-BBBB"):
        course.queue("4", user=course.kai, now=timezone.now())
    context = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[context]) as lines:
        rounds.deliver(score.pk, ring=Bell())

    sent = [line["reference"] for line in lines if line["event"] == "lti.score_sent"]
    assert sent == ["AAAA-AAAA", "BBBB-BBBB"]


def test_what_was_left_to_a_worker_that_died_is_rung_for_soon_once_for_all_of_its_lms(moodle):
    course, now = course_at(moodle), timezone.now()
    for learner in (course.lin, course.kai):
        course.queue("1", user=learner, now=now - tasks.GRACE)
    tasks.ring_overdue(now=now)
    later = now + tasks.GRACE

    assert [tasks.ring_overdue(now=at) for at in (later - timedelta(seconds=1), later, later)] == [0, 1, 0]
    (rung,) = Score.objects.filter(rung_at=later)
    rounds.deliver(rung.pk, ring=Bell())
    assert set(Score.objects.values_list("state", flat=True)) == {"sent"}


def test_what_was_left_to_those_who_are_still_at_it_is_not_rung_for_again(moodle, canvas):
    course, now = course_at(moodle), timezone.now()
    for number in range(3):
        course.queue("1", user=make_member(course.context, f"x{number}", "learner"), now=now - tasks.GRACE)
    there = course_at(canvas).queue("4", now=now - tasks.GRACE)
    tasks.ring_overdue(now=now)
    later = now + tasks.GRACE
    rounds.claim_due(course.registration.pk, [], now=later)

    assert tasks.ring_overdue(now=later) == 1
    assert [score.pk for score in Score.objects.filter(rung_at=later)] == [there.pk]


def test_looking_for_what_was_left_grows_with_what_waits_not_with_its_square(moodle):
    """Counted in steps of SQLite's machine; 20,000 scores once took it minutes."""
    course, now, steps = course_at(moodle), timezone.now(), []
    for number in range(160):
        course.queue("1", user=make_member(course.context, f"x{number}", "learner"), now=now - tasks.GRACE)
        if number in {39, 159}:
            steps.append(steps_of(lambda: tasks.ring_overdue(now=now, limit=0)))
    assert steps[1] <= 6 * steps[0]


def steps_of(do) -> int:
    """Hundreds of steps that SQLite took; 1 on another database."""
    count = [1]

    def step() -> int:
        count[0] += 1
        return 0

    if connection.vendor != "sqlite":
        do()
        return 1
    connection.connection.set_progress_handler(step, 100)
    try:
        do()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return count[0]


def test_what_was_seen_ahead_is_looked_at_again_before_it_is_taken(moodle):
    """Sent meanwhile, taken by somebody else, or put off: such scores are passed over, and those behind come up."""
    course, now = course_at(moodle), timezone.now()
    made = [course.queue("1", user=make_member(course.context, f"x{n}", "learner"), now=now) for n in range(8)]
    ahead: list[int] = []
    assert [claim.score.pk for claim in rounds.claim_due(course.registration.pk, ahead, now=now)] == [
        score.pk for score in made[:2]
    ]
    assert ahead == [score.pk for score in made[2:]]
    Score.objects.update(lease_until=None)
    Score.objects.filter(pk=made[2].pk).update(state="sent", sent_at=now, next_try_at=None)
    Score.objects.filter(pk=made[3].pk).update(next_try_at=now + timedelta(minutes=1))
    Score.objects.filter(pk=made[4].pk).update(lease_until=now + timedelta(minutes=1))
    taken = [claim.score.pk for claim in rounds.claim_due(course.registration.pk, ahead, now=now)]
    assert taken == [made[5].pk, made[6].pk]
    assert ahead == [made[7].pk]


def test_when_nothing_seen_ahead_is_left_those_who_came_meanwhile_are_found(moodle):
    course, now = course_at(moodle), timezone.now()
    gone = course.queue("1", now=now)
    Score.objects.filter(pk=gone.pk).update(state="sent", sent_at=now, next_try_at=None)
    came = course.queue("4", user=course.kai, now=now)
    ahead = [gone.pk]
    assert [claim.score.pk for claim in rounds.claim_due(course.registration.pk, ahead, now=now)] == [came.pk]
    assert ahead == []
