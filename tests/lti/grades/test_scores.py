"""The grade outbox: what is wished for, and what the learner is told (AGS-20 … AGS-30)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from itpm_byte.engine import celery_app
from lti import scopes, tasks
from lti.grades import claims, scores
from lti.models import LineItem, PlatformUser, ResourceLink, Role, Score
from tests.lti.course import NOW, make_course, make_member

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def course():
    return make_course()


def rung() -> list[int]:
    return [row.args_kwargs["args"][0] for row in DBTaskResult.objects.filter(task_path="lti.tasks.deliver")]


def sent(score: Score, **fields) -> Score:
    Score.objects.filter(pk=score.pk).update(
        state="sent", sent_at=NOW, sent_given=score.score_given, next_try_at=None, **fields
    )
    score.refresh_from_db()
    return score


def test_a_wish_is_due_at_once_and_a_worker_is_rung_for_in_the_same_transaction(
    course, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as later:
        score = course.queue("8")

    assert (score.state, score.next_try_at, score.timestamp, score.version) == ("due", NOW, NOW, 1)
    assert (rung(), later) == ([score.pk], [])


@pytest.mark.django_db(transaction=True)
def test_a_happening_that_is_rolled_back_leaves_no_wish_and_no_ring(course):
    with transaction.atomic():
        course.queue("8")
        transaction.set_rollback(True)

    assert (Score.objects.count(), rung()) == (0, [])


def test_the_newest_wish_wins(course):
    first = course.queue("3")
    second = course.queue("8", now=NOW + 5 * SECOND)

    assert Score.objects.get() == first == second
    assert (second.score_given, second.version, second.timestamp) == (Decimal(8), 2, NOW + 5 * SECOND)


def test_timestamps_grow_by_a_second_at_least_and_wait_until_the_clock_gets_there(course):
    for given in ("1", "2", "3"):
        score = course.queue(given)

    assert (score.timestamp, score.next_try_at) == (NOW + 2 * SECOND, NOW + 2 * SECOND)


def test_a_timestamp_never_goes_back_with_the_clock(course):
    course.queue("1", now=NOW)
    score = course.queue("2", now=NOW - timedelta(hours=1))

    assert score.timestamp == NOW + SECOND


def test_zero_is_a_score(course):
    assert scores.status_of(sent(course.queue("0"))).score_given == Decimal(0)
    assert scores.status_of(Score.objects.get()).state == "sent"


def test_the_same_wish_again_changes_nothing(course):
    score = sent(course.queue("8"))
    again = course.queue("8", now=NOW + 60 * SECOND)

    assert (again.state, again.version, again.timestamp, rung()) == ("sent", 1, score.timestamp, [score.pk])


def test_the_same_wish_again_is_another_chance_for_a_score_that_failed(course):
    Score.objects.filter(pk=course.queue("8").pk).update(state="failed", last_error="not_in_course", tries=1)
    again = course.queue("8", now=NOW + 60 * SECOND)

    assert (again.state, again.version, again.tries, again.last_error) == ("due", 2, 0, "")


def test_another_comment_alone_is_a_new_wish(course):
    sent(course.queue("8", comment="Attempt 1"))

    assert course.queue("8", comment="Attempt 2", now=NOW + SECOND).state == "due"


def test_a_status_without_grade_never_replaces_a_final_grade(course):
    course.queue("8")
    score = course.queue(None, activity_progress="Started", grading_progress="NotReady", now=NOW + SECOND)

    assert (score.score_given, score.grading_progress, score.version) == (Decimal(8), "FullyGraded", 1)


def test_clearing_is_meant_and_replaces_a_final_grade(course):
    sent(course.queue("8"))
    score = scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=NOW + SECOND)

    assert (score.score_given, score.state, score.activity_progress, score.grading_progress) == (
        None, "due", "Initialized", "NotReady",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"activity_progress": "Banana"},
        {"grading_progress": "Graded"},
        {"score_maximum": Decimal(0)},
        {"given": "-1"},
    ],
)
def test_what_no_lms_takes_is_refused_at_once(course, wrong):
    """AGS-21."""
    with pytest.raises(ValueError):
        course.queue(**wrong)
    assert Score.objects.count() == 0


def test_a_link_without_grade_services_keeps_the_score_and_says_so():
    course = make_course(lineitem_url=None, lineitems_url="", offered=[])
    score = course.queue("8")

    assert (score.state, rung()) == ("unavailable", [])
    assert "no place in the gradebook" in scores.status_of(score).advice


def test_a_link_that_never_had_a_line_item_row_gets_one():
    course = make_course()
    other = ResourceLink.objects.create(deployment=course.deployment, context=course.context, resource_link_id="27")
    score = scores.queue(
        resource_link=other, user=course.lin, score_given=Decimal(1), score_maximum=Decimal(1),
        activity_progress="Completed", grading_progress="FullyGraded", now=NOW,
    )  # fmt: skip

    assert (score.state, LineItem.objects.get(resource_link=other).url) == ("unavailable", None)


@pytest.mark.parametrize(
    ("offered", "lineitem", "lineitems", "state"),
    [
        ([scopes.SCORE], "http://127.0.0.1:9/i", "", "due"),
        ([scopes.SCORE, scopes.LINEITEM], None, "http://127.0.0.1:9/is", "due"),
        ([scopes.SCORE, scopes.LINEITEM_READ], None, "http://127.0.0.1:9/is", "due"),
        ([scopes.SCORE], None, "http://127.0.0.1:9/is", "unavailable"),
        ([scopes.SCORE, scopes.LINEITEM], None, "", "unavailable"),
        ([scopes.RESULT_READ, scopes.LINEITEM], "http://127.0.0.1:9/i", "http://127.0.0.1:9/is", "unavailable"),
    ],
)
def test_a_score_is_due_only_where_there_is_a_way_to_a_column(offered, lineitem, lineitems, state):
    course = make_course(offered=offered, lineitem_url=lineitem, lineitems_url=lineitems)

    assert course.queue("8").state == state


def test_a_later_launch_that_offers_grades_wakes_what_waited_for_it(django_capture_on_commit_callbacks):
    course = make_course(lineitem_url=None, lineitems_url="", offered=[])
    waiting = [course.queue("8"), course.queue("4", user=course.kai)]
    ResourceLink.objects.update(ags_scopes=[scopes.SCORE])
    LineItem.objects.update(url="http://127.0.0.1:9/i")
    with django_capture_on_commit_callbacks(execute=True):
        woken = scores.wake(course.link, now=NOW + timedelta(hours=1))

    assert woken == 2
    assert set(Score.objects.values_list("state", flat=True)) == {"due"}
    assert tasks.ring_overdue(now=NOW + timedelta(hours=1)) == 2
    assert sorted(rung()) == sorted(score.pk for score in waiting)


def test_a_launch_with_other_services_wakes_what_a_deleted_column_stopped_but_not_what_it_cannot_cure(course):
    gone, nobody = course.queue("8"), course.queue("4", user=course.kai)
    Score.objects.filter(pk=gone.pk).update(state="failed", last_error="column_gone")
    Score.objects.filter(pk=nobody.pk).update(state="failed", last_error="not_in_course")

    assert scores.wake(course.link, now=NOW) == 1
    assert [Score.objects.get(pk=score.pk).state for score in (gone, nobody)] == ["due", "failed"]


def test_a_launch_that_still_offers_nothing_wakes_nothing():
    course = make_course(lineitem_url=None, lineitems_url="", offered=[])
    course.queue("8")

    assert scores.wake(course.link, now=NOW) == 0


def test_resending_is_a_new_version_with_a_new_timestamp(course):
    score = sent(course.queue("8"))
    scores.resend(score, now=NOW + timedelta(minutes=1))
    score.refresh_from_db()

    assert (score.state, score.version, score.timestamp) == ("due", 2, NOW + timedelta(minutes=1))


def test_resending_right_after_waits_for_its_timestamp(course):
    score = sent(course.queue("8"))
    scores.resend(score, now=NOW)
    score.refresh_from_db()

    assert score.next_try_at == score.timestamp == NOW + SECOND


def test_resending_what_waits_for_its_next_try_only_ends_the_wait(course):
    score = course.queue("8")
    Score.objects.filter(pk=score.pk).update(tries=5, next_try_at=NOW + timedelta(hours=3))
    for _ in range(3):
        scores.resend(score, now=NOW + timedelta(hours=1))
    score.refresh_from_db()

    assert (score.next_try_at, score.timestamp, score.version) == (NOW + timedelta(hours=1), NOW, 1)
    assert rung() == [score.pk] * 4


@pytest.mark.django_db(transaction=True)
def test_a_wish_is_kept_when_the_broker_is_away(course, settings, monkeypatch, caplog):
    settings.TASKS = {"default": {"BACKEND": "itpm_byte.engine.celery_backend.CeleryBackend"}}
    monkeypatch.setattr(celery_app.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    score = course.queue("8")
    assert Score.objects.get(pk=score.pk).state == "due"
    Score.objects.update(state="unavailable")
    with transaction.atomic():
        scores.wake(course.link, now=NOW)
    assert Score.objects.get(pk=score.pk).state == "due"
    assert caplog.text.count("Error calling") == 2


@pytest.mark.parametrize(
    ("role", "membership"),
    [(Role.INSTRUCTOR, {}), (Role.TEACHING_ASSISTANT, {}), (Role.NONE, {}), (Role.LEARNER, {"is_test_user": True})],
)
def test_only_learners_are_graded(course, role, membership):
    somebody = make_member(course.context, "77", role, **membership)

    with pytest.raises(scores.NotGradable):
        course.queue("8", user=somebody)
    assert Score.objects.count() == 0


def test_nobody_anonymous_is_graded(course):
    ghost = PlatformUser.objects.create(registration=course.registration, sub="anon-1", is_anonymous=True)

    with pytest.raises(scores.NotGradable):
        course.queue("8", user=ghost)


def test_being_a_teacher_elsewhere_is_no_reason_to_refuse_a_learner(course):
    from lti.models import Context, Membership

    other = Context.objects.create(deployment=course.deployment, context_id="3")
    Membership.objects.create(context=other, user=course.lin, role=Role.INSTRUCTOR)

    assert course.queue("8").state == "due"


def test_queueing_costs_few_queries(course, django_assert_num_queries):
    course.queue("1")
    with django_assert_num_queries(4):  # column, score, update, ring
        course.queue("2", now=NOW + SECOND)


@pytest.mark.parametrize(
    ("state", "told"), [("due", "waiting"), ("sent", "sent"), ("failed", "failed"), ("unavailable", "unavailable")]
)
def test_every_state_has_a_status_for_the_learner(course, state, told):
    score = course.queue("8")
    score.state, score.sent_at = state, NOW
    status = scores.status_of(score)

    assert (status.state, status.score_given, status.score_maximum) == (told, Decimal(8), Decimal(10))
    assert status.advice != ""
    assert (status.next_try_at is not None) == (told == "waiting")


def test_where_nothing_was_wished_for_the_status_is_none():
    assert scores.status_of(None) == scores.GradeStatus("none")


def test_a_started_attempt_without_grade_has_no_status(course):
    score = course.queue(None, activity_progress="Started", grading_progress="NotReady")

    assert scores.status_of(score).state == "none"


def test_a_grade_that_is_being_cleared_is_waiting_and_then_gone(course):
    sent(course.queue("8"))
    score = scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=NOW + SECOND)

    assert scores.status_of(score).state == "waiting"
    assert scores.status_of(sent(score)).state == "none"


def test_the_sweep_rings_for_what_lies_overdue_and_not_twice_in_a_row(course):
    score = course.queue("8")

    assert tasks.ring_overdue(now=NOW + timedelta(seconds=20)) == 0
    assert tasks.ring_overdue(now=NOW + timedelta(seconds=31)) == 1
    assert tasks.ring_overdue(now=NOW + timedelta(seconds=50)) == 0
    assert tasks.ring_overdue(now=NOW + timedelta(minutes=6)) == 1
    assert rung() == [score.pk] * 3  # the first with the wish itself


def test_the_sweep_leaves_alone_what_a_worker_has_and_rings_when_its_lease_ran_out(course):
    score = course.queue("8")
    Score.objects.filter(pk=score.pk).update(lease_until=NOW + timedelta(minutes=3))

    assert tasks.ring_overdue(now=NOW + timedelta(minutes=2)) == 0
    assert tasks.ring_overdue(now=NOW + timedelta(minutes=3)) == 1


def test_the_sweep_rings_at_once_when_the_worker_it_rang_for_died(course):
    score = course.queue("8")
    heard = NOW + timedelta(minutes=1)
    assert tasks.ring_overdue(now=heard) == 1
    claimed = claims.claim(score.pk, now=heard)

    assert tasks.ring_overdue(now=claimed.lease_until) == 1


def test_a_lease_that_ran_out_is_reason_enough_to_ring_however_young_the_wish(course):
    score = course.queue("8")
    Score.objects.filter(pk=score.pk).update(lease_until=NOW + timedelta(seconds=5))

    assert tasks.ring_overdue(now=NOW + timedelta(seconds=5)) == 1


@pytest.mark.parametrize("state", ["sent", "failed", "unavailable"])
def test_the_sweep_rings_for_nothing_that_is_not_due(course, state):
    Score.objects.filter(pk=course.queue("8").pk).update(state=state, sent_at=NOW)

    assert tasks.ring_overdue(now=NOW + timedelta(days=1)) == 0


def test_the_sweep_takes_the_longest_waiting_first_when_there_are_many(course):
    late = course.queue("8", now=NOW)
    later = course.queue("4", user=course.kai, now=NOW + timedelta(minutes=1))

    DBTaskResult.objects.all().delete()
    assert tasks.ring_overdue(now=NOW + timedelta(hours=1), limit=1) == 1
    assert rung() == [late.pk]
    assert tasks.ring_overdue(now=NOW + timedelta(hours=1), limit=1) == 1
    assert rung() == [late.pk, later.pk]
