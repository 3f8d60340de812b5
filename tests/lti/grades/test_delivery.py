"""Scores on their way to a real pretend LMS, on good days and bad ones (AGS-20 … AGS-33)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone

from itpm_byte.sandbox.server import SandboxServer
from lti.grades import claims, delivery, scores
from lti.models import AccessToken, Deployment, LineItem, Registration, Score
from lti.outcomes import Outcome, Verdict
from tests.lti.course import course_at

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def now() -> datetime:
    return timezone.now()


def deliver(score: Score, *, at: datetime | None = None) -> Score:
    """One try, at the time the score and its LMS allow if none is given; the row as it is afterwards."""
    if at is None:
        Registration.objects.update(services_paused_until=None)
        score.refresh_from_db()
        at = max(filter(None, (now(), score.timestamp)))
        Score.objects.filter(pk=score.pk, state="due").update(next_try_at=at)
    delivery.deliver(score.pk, now=at)
    score.refresh_from_db()
    return score


def told(score: Score) -> str:
    return scores.status_of(score, product=score.line_item.deployment.registration.product).advice


# --- Good days


def test_a_score_arrives_in_the_gradebook(moodle):
    course = course_at(moodle)
    score = deliver(course.queue("8", now=now(), comment="Attempt 2 of 3"))

    grade = moodle.store.grade("lin", "careers")
    assert (grade["score"], grade["comment"]) == (8, "Attempt 2 of 3")
    assert (score.state, score.sent_given, score.tries, score.last_error) == ("sent", Decimal(8), 1, "")
    assert moodle.journal.refusals == []


def test_the_body_says_exactly_what_was_wished(moodle):
    course = course_at(moodle)
    moment = now()
    started, submitted = moment - timedelta(minutes=5), moment - timedelta(minutes=1)
    deliver(course.queue("7.1235", now=moment, started_at=started, submitted_at=submitted))

    assert moodle.journal.scores() == [
        {
            "userId": course.lin.sub,
            "timestamp": _iso(moment),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "comment": "Attempt 1",
            "scoreGiven": 7.1235,
            "scoreMaximum": 10,
            "submission": {"startedAt": _iso(started), "submittedAt": _iso(submitted)},
        }
    ]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def test_zero_arrives_as_zero(moodle):
    course = course_at(moodle)
    score = deliver(course.queue("0", now=now()))

    assert moodle.store.grade("lin", "careers")["score"] == 0
    assert (score.state, score.sent_given) == ("sent", Decimal(0))


def test_the_scores_service_is_addressed_before_the_query_of_the_line_item(moodle):
    course = course_at(moodle)
    deliver(course.queue("8", now=now()))

    path = moodle.journal.entries("scores")[0]["path"]
    assert path.endswith("/lineitem/scores?type_id=9")


def test_two_quick_wishes_arrive_one_after_the_other_although_moodle_compares_seconds(moodle):
    course = course_at(moodle)
    moment = now()
    deliver(course.queue("3", now=moment))
    score = deliver(course.queue("8", now=moment))

    assert moodle.store.grade("lin", "careers")["score"] == 8
    assert (score.state, moodle.journal.refusals) == ("sent", [])


def test_canvas_takes_the_score_and_counts_one_submission(canvas):
    course = course_at(canvas)
    submitted = now() - timedelta(minutes=1)
    score = deliver(course.queue("8", now=now(), submitted_at=submitted))
    scores.resend(score, now=now())
    deliver(score)

    grade = canvas.store.grade("lin", "careers")
    assert (grade["score"], grade["submissions"], len(grade["history"])) == (8, 1, 2)
    extension = "https://canvas.instructure.com/lti/submission"
    assert [body[extension]["new_submission"] for body in canvas.journal.scores()] == [True, False]
    assert canvas.journal.refusals == []


def test_the_canvas_extension_goes_to_canvas_alone(moodle):
    deliver(course_at(moodle).queue("8", now=now(), submitted_at=now()))

    assert [key for key in moodle.journal.scores()[0] if key.startswith("https:")] == []


def test_a_grade_that_a_teacher_changed_in_canvas_is_not_overwritten(canvas):
    course = course_at(canvas)
    deliver(course.queue("3", now=now()))
    canvas.store.change_grade("lin", "careers", overridden=9)
    deliver(course.queue("8", now=now()))

    assert canvas.store.grade("lin", "careers")["overridden"] == 9


def test_the_comment_is_sent_again_with_every_score(moodle):
    """AGS-25."""
    course = course_at(moodle)
    score = deliver(course.queue("8", now=now(), comment="Well done"))
    scores.resend(score, now=now())
    deliver(score)

    assert moodle.store.grade("lin", "careers")["comment"] == "Well done"
    assert [body["comment"] for body in moodle.journal.scores()] == ["Well done", "Well done"]


def test_canvas_which_adds_each_comment_gets_none_twice(canvas):
    course, moment = course_at(canvas), now()
    first, second = moment - timedelta(minutes=9), moment - timedelta(minutes=3)
    score = deliver(course.queue("3", now=moment, submitted_at=first, comment="Attempt 1"))
    scores.resend(score, now=now())
    deliver(score)
    score = deliver(course.queue("8", now=now(), submitted_at=second, comment="Attempt 2"))
    score = deliver(course.queue("5", now=now(), submitted_at=second, comment="Regraded"))

    assert score.state == "sent"
    assert [body.get("comment") for body in canvas.journal.scores()] == ["Attempt 1", None, "Attempt 2", "Regraded"]


def test_clearing_empties_the_cell(moodle):
    """AGS-24."""
    course = course_at(moodle)
    deliver(course.queue("8", now=now()))
    score = scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=now())
    deliver(score)

    assert moodle.store.grade("lin", "careers")["score"] is None
    assert moodle.journal.scores()[-1]["gradingProgress"] == "NotReady"
    assert (score.state, scores.status_of(score).state) == ("sent", "none")


def test_moodle_is_never_told_of_a_mere_start_for_it_would_erase_the_grade(moodle):
    """AGS-23."""
    course = course_at(moodle)
    moodle.store.change_grade("lin", "careers", score=8.0, timestamp="2026-01-01T00:00:00Z")
    score = deliver(course.queue(None, activity_progress="Started", grading_progress="NotReady", now=now()))

    assert (moodle.journal.scores(), moodle.store.grade("lin", "careers")["score"]) == ([], 8)
    assert (score.state, scores.status_of(score).state) == ("sent", "none")


def test_canvas_is_told_of_a_start(canvas):
    course = course_at(canvas)
    deliver(course.queue(None, activity_progress="Started", grading_progress="Pending", now=now()))

    assert [body["activityProgress"] for body in canvas.journal.scores()] == ["Started"]


# --- Bad days that pass


@pytest.mark.parametrize("kind", ["status", "reset", "hang", "empty-handed"])
def test_a_score_that_could_not_be_sent_waits_and_arrives_later(moodle, kind):
    course = course_at(moodle)
    fault = {"status": {"status": 503}, "reset": {}, "hang": {"seconds": 0.3}, "empty-handed": {"status": 500}}[kind]
    moodle.faults.add("scores", kind if kind in {"reset", "hang"} else "status", times=1, **fault)
    moment = now()
    score = deliver(course.queue("8", now=moment), at=moment)

    assert (score.state, score.tries, score.first_failed_at) == ("due", 1, moment)
    assert moment + SECOND <= score.next_try_at <= moment + timedelta(seconds=30)
    assert "keep trying" in told(score)
    assert (deliver(score).state, moodle.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_retry_after_in_seconds_is_honoured(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "too-many", retry_after="7", times=1)
    moment = now()
    score = deliver(course.queue("8", now=moment), at=moment)

    assert (score.next_try_at, score.last_error) == (moment + 7 * SECOND, "rate_limited")


def test_retry_after_as_a_date_is_honoured(moodle):
    course = course_at(moodle)
    moment = now().replace(microsecond=0)
    at = moment + timedelta(minutes=4)
    moodle.faults.add("scores", "too-many", retry_after=at.strftime("%a, %d %b %Y %H:%M:%S GMT"), times=1)
    score = deliver(course.queue("8", now=moment), at=moment)

    assert score.next_try_at == at


@pytest.mark.parametrize("kind", ["too-many", "rate-limit"])
def test_an_lms_that_is_asked_too_fast_gets_a_pause_for_all_its_scores(moodle, kind):
    course = course_at(moodle)
    moodle.faults.add("scores", kind, times=1)
    moment = now()
    first, second = course.queue("8", now=moment), course.queue("4", user=course.kai, now=moment)
    deliver(first, at=moment)
    second = deliver(second, at=moment)

    registration = Registration.objects.get()
    assert (registration.services_failures, registration.services_error) == (1, "rate_limited")
    assert second.next_try_at >= registration.services_paused_until > moment
    assert (second.tries, len(moodle.journal.entries("scores"))) == (0, 1)


def test_another_lms_is_not_paused_with_it(moodle, canvas):
    there, here = course_at(moodle), course_at(canvas)
    moodle.faults.add("scores", "too-many")
    moment = now()
    deliver(there.queue("8", now=moment), at=moment)

    assert deliver(here.queue("8", now=moment), at=moment).state == "sent"


def test_after_a_failure_one_score_at_a_time_is_sent_until_one_arrives(moodle):
    course = course_at(moodle)
    moment = now()
    first, second = course.queue("8", now=moment), course.queue("4", user=course.kai, now=moment)
    Registration.objects.update(services_failures=1)
    taken = claims.claim(first.pk, now=moment)

    assert isinstance(taken, claims.Claim)
    assert delivery.deliver(second.pk, now=moment).word == "later"
    outcome, _ = delivery.send(taken, now=moment)
    assert outcome.verdict is Verdict.SENT


def test_a_success_ends_the_caution(moodle):
    course = course_at(moodle)
    Registration.objects.update(services_failures=3, services_paused_until=now() - SECOND)
    deliver(course.queue("8", now=now()))

    registration = Registration.objects.get()
    assert (registration.services_failures, registration.services_paused_until) == (0, None)


def test_no_more_than_four_scores_are_on_their_way_to_one_lms(moodle):
    course = course_at(moodle)
    moment = now()
    score = course.queue("8", now=moment)
    from tests.lti.course import make_member

    for number in range(4):
        other = course.queue("1", user=make_member(course.context, f"x{number}", "learner"), now=moment)
        assert isinstance(claims.claim(other.pk, now=moment), claims.Claim)
    report = delivery.deliver(score.pk, now=moment)

    # Nobody rings again: those that are at it take it along (test_rounds).
    assert (report.word, report.ring_at) == ("later", None)
    assert moodle.journal.entries("scores") == []


def test_a_lost_answer_is_no_second_grade(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "reset-after", times=1)
    score = deliver(course.queue("8", now=now()))
    assert score.state == "due"

    score = deliver(score)
    assert (score.state, score.observed) == ("sent", Decimal(8))
    assert len(moodle.store.grade("lin", "careers")["history"]) == 1


def test_a_lost_answer_at_zero_points_is_recognised_though_moodle_leaves_zero_out(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "reset-after", times=1)
    score = deliver(course.queue("0", now=now()))

    assert (deliver(score).state, len(moodle.store.grade("lin", "careers")["history"])) == ("sent", 1)


def test_a_lost_answer_at_canvas_which_would_take_the_score_twice_is_recognised_by_a_look(canvas):
    course = course_at(canvas)
    canvas.faults.add("scores", "reset-after", times=1)
    score = deliver(course.queue("8", now=now(), submitted_at=now()))

    grade = canvas.store.grade("lin", "careers")
    assert (deliver(score).state, grade["submissions"], len(grade["history"])) == ("sent", 1, 1)


def test_a_score_whose_worker_died_between_send_and_mark_is_looked_for_before_canvas_takes_it_twice(canvas):
    course, moment = course_at(canvas), now()
    score = course.queue("8", now=moment, submitted_at=moment)
    claimed = claims.claim(score.pk, now=moment)
    assert isinstance(claimed, claims.Claim)
    delivery.send(claimed, now=moment)  # and nobody writes down what came of it
    canvas.shift_clock(settings.LTI_LEASE_SECONDS + 1)

    score = deliver(score, at=claimed.lease_until + SECOND)

    grade = canvas.store.grade("lin", "careers")
    assert (score.state, grade["score"], grade["submissions"], len(grade["history"])) == ("sent", 8, 1, 1)


def test_a_score_whose_worker_died_before_it_was_sent_goes_out(canvas):
    course, moment = course_at(canvas), now()
    score = course.queue("8", now=moment)
    claimed = claims.claim(score.pk, now=moment)
    assert isinstance(claimed, claims.Claim)
    canvas.shift_clock(settings.LTI_LEASE_SECONDS + 1)

    assert deliver(score, at=claimed.lease_until + SECOND).state == "sent"
    assert canvas.store.grade("lin", "careers")["score"] == 8


def test_a_submission_from_the_future_waits_until_the_clocks_agree(canvas):
    """Ours went two minutes ahead while the learner answered."""
    course = course_at(canvas)
    score = deliver(course.queue("8", now=now(), submitted_at=now() + 120 * SECOND))
    assert (score.state, score.last_error, score.last_status) == ("due", "stale", 400)

    canvas.shift_clock(90)
    assert (deliver(score).state, canvas.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_a_score_that_the_lms_calls_old_goes_out_again_with_a_newer_timestamp(moodle):
    """Where the LMS's newer entry may be overwritten; where it may not, see test_overrides."""
    course = course_at(moodle)
    Registration.objects.update(overwrites_changes=True)
    moment = now()
    score = course.queue("8", now=moment)
    ahead = moment + timedelta(seconds=20)
    moodle.store.change_grade("lin", "careers", score=3.0, timestamp=ahead.isoformat())

    score = deliver(score, at=moment)
    assert (score.state, score.last_error, score.observed) == ("due", "stale", Decimal(3))
    assert score.next_try_at >= score.timestamp == moment + SECOND
    score = deliver(score, at=moment + 21 * SECOND)
    assert score.timestamp > moment + 20 * SECOND
    moodle.shift_clock(60)
    assert (deliver(score).state, moodle.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_an_lms_that_calls_every_timestamp_old_is_not_asked_for_ever(moodle):
    course = course_at(moodle)
    Registration.objects.update(overwrites_changes=True)
    moment = now()
    score = course.queue("8", now=moment)
    moodle.store.change_grade("lin", "careers", score=3.0, timestamp=(moment + timedelta(days=9)).isoformat())
    for _ in range(10):
        deliver(score)

    assert (score.state, score.last_error, len(moodle.journal.entries("scores"))) == ("failed", "stale", 10)


def test_without_the_right_to_read_results_an_old_timestamp_is_still_renewed(moodle):
    course = course_at(moodle)
    course.link.ags_scopes = [scope for scope in course.link.ags_scopes if "result" not in scope]
    course.link.save()
    moodle.faults.add("scores", "reset-after", times=1)
    score = deliver(course.queue("8", now=now()))
    score = deliver(score)

    assert (score.state, score.last_error, moodle.journal.entries("results")) == ("due", "stale", [])
    assert (deliver(score).state, len(moodle.store.grade("lin", "careers")["history"])) == ("sent", 2)


def test_a_token_service_that_answers_404_with_a_page_is_asked_again(moodle):
    course = course_at(moodle)
    moodle.faults.add("token", "html", times=1)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error) == ("due", "token_unavailable")
    assert deliver(score).state == "sent"


@pytest.mark.parametrize("kind", ["garbage", "empty"])
def test_a_token_service_that_talks_nonsense_is_asked_again(moodle, kind):
    course = course_at(moodle)
    moodle.faults.add("token", kind, times=1)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error) == ("due", "token_unavailable")
    assert deliver(score).state == "sent"


def test_a_token_that_the_lms_forgot_is_replaced_and_the_score_sent_in_the_same_try(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.forget_tokens()
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.tries) == ("sent", 1)
    assert [entry["status"] for entry in moodle.journal.entries("scores")] == [200, 401, 200]
    # One for the first score, one for the look at the results, one instead of the forgotten one.
    assert len(moodle.journal.entries("token")) == 3


def test_an_lms_that_refuses_new_tokens_too_is_tried_later(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "status", status=401)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error, len(moodle.journal.entries("scores"))) == ("due", "unauthorized", 2)


def test_scores_arrive_after_our_keys_were_rotated(moodle, keyset):
    from lti import keys

    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    keys.rotate(now=now() - timedelta(minutes=1), overlap=timedelta(0))
    keyset.published = keys.published(now=now())["keys"]
    AccessToken.objects.all().delete()

    assert deliver(course.queue("8", now=now())).state == "sent"


def test_a_locked_grade_is_retried_and_the_teacher_told_what_to_unlock(moodle):
    from lti.grades import advice

    course = course_at(moodle)
    moodle.store.change_line_item("careers", is_locked=True)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error) == ("due", "lms_error")
    assert "locked" in str(advice.for_teacher(score.last_error, course.registration.product))
    assert Registration.objects.get().services_failures == 0
    moodle.store.change_line_item("careers", is_locked=False)
    assert deliver(score).state == "sent"


def test_an_lms_that_is_down_gets_its_grades_when_it_is_back(keyset, tmp_path, db):
    keyset.install()
    with SandboxServer(keyset.url, state=tmp_path / "lms.json") as lms:
        course = course_at(lms)
        lms.stop()
        score = deliver(course.queue("8", now=now()))
        assert (score.state, score.last_error, score.last_status) == ("due", "unreachable", None)
        lms.start()

        assert (deliver(score).state, lms.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_after_three_days_of_trouble_we_give_up_and_say_so(moodle):
    course = course_at(moodle)
    score = course.queue("8", now=now())
    moodle.faults.add("scores", "status", status=503)
    score = deliver(score)
    Score.objects.filter(pk=score.pk).update(first_failed_at=now() - timedelta(days=3))
    score = deliver(score)

    assert (score.state, score.next_try_at, scores.status_of(score).state) == ("failed", None, "failed")
    assert "tell your teacher" in told(score)


def test_a_platform_that_is_switched_off_is_not_called_and_its_grades_wait(moodle):
    course = course_at(moodle)
    Registration.objects.update(status="disabled")
    moment = now()
    score = deliver(course.queue("8", now=moment), at=moment)

    assert (score.state, score.last_error, score.next_try_at) == (
        "due",
        "platform_disabled",
        moment + timedelta(hours=1),
    )
    assert moodle.journal.entries() == []


def test_a_deployment_that_waits_for_approval_is_not_called(moodle):
    course = course_at(moodle)
    Deployment.objects.update(status="pending")

    assert deliver(course.queue("8", now=now())).last_error == "platform_disabled"


# --- What no retry cures


def test_somebody_moodle_does_not_list_is_final_and_said_in_words(moodle):
    course = course_at(moodle)
    moodle.store.unenrol("lin", "careers")
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error, score.last_status, score.tries) == ("failed", "not_accepted", 400, 1)
    assert "enrolled" in told(score)


def test_somebody_canvas_does_not_list_is_final_and_said_in_words(canvas):
    course = course_at(canvas)
    canvas.store.unenrol("lin", "careers")
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error, score.last_status) == ("failed", "not_in_course", 422)
    assert "enrol" in told(score)


def test_an_exhausted_limit_of_attempts_is_final(canvas):
    course = course_at(canvas)
    canvas.store.change_line_item("careers", attempts_allowed=1)
    deliver(course.queue("3", now=now(), submitted_at=now() - timedelta(minutes=2)))
    score = deliver(course.queue("8", now=now(), submitted_at=now() - timedelta(minutes=1)))

    assert (score.state, score.last_error) == ("failed", "attempts_exhausted")


def test_a_deleted_column_is_final_and_the_teacher_is_asked(moodle):
    course = course_at(moodle)
    moodle.store.change_line_item("careers", is_deleted=True)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error, score.last_status) == ("failed", "column_gone", 404)
    assert "POST" not in [entry["method"] for entry in moodle.journal.entries("lineitems")]


def test_a_column_that_moved_is_found_again(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.store.change_line_item("careers", is_deleted=True)
    moodle.store.change("line_items", "77", id=77, course="careers", label="New", score_maximum=10, link="careers")
    score = deliver(course.queue("8", now=now()))

    assert (score.state, moodle.store.grade("lin", "careers")["line_item"]) == ("sent", 77)
    assert "/77/" in LineItem.objects.get().url


def test_a_teachers_override_in_moodle_stays(moodle):
    course = course_at(moodle)
    moodle.store.change_grade("lin", "careers", overridden=9.5)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, moodle.store.grade("lin", "careers")["overridden"]) == ("sent", 9.5)


def test_a_token_request_that_the_lms_calls_wrong_marks_the_platform(moodle):
    course = course_at(moodle)
    Registration.objects.update(audience="https://elsewhere.example/")
    score = deliver(course.queue("8", now=now()))

    registration = Registration.objects.get()
    assert (score.state, score.last_error, registration.services_error) == ("due", "token_refused", "token_refused")
    assert registration.services_paused_until > now()


def test_our_token_never_goes_to_a_host_the_lms_did_not_vouch_for(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.journal.clear()
    stranger = course.line_item.url.replace("localhost", "127.0.0.1")
    services = delivery.Services.of_line_item(course.line_item, now=now())

    assert services.may_call(course.line_item.url)
    assert not services.may_call(stranger)
    with pytest.raises(delivery.ServiceProblem) as problem:
        services.call("GET", stranger, wants=services.offered)
    assert (problem.value.outcome.code, problem.value.outcome.verdict) == ("address_refused", Verdict.FINAL)
    assert moodle.journal.entries() == []


# --- Several at once


def test_a_wish_that_overtakes_a_score_on_its_way_is_sent_next(moodle):
    course = course_at(moodle)
    moment = now()
    score = course.queue("3", now=moment)
    claimed = claims.claim(score.pk, now=moment)
    course.queue("8", now=moment)
    outcome, observed = delivery.send(claimed, now=moment)
    report = delivery.settle(claimed, outcome, observed=observed, now=moment)

    score.refresh_from_db()
    assert (report.word, report.ring_at) == ("overtaken", moment + SECOND)
    assert (score.state, score.score_given, score.sent_given, score.lease_until) == (
        "due",
        Decimal(8),
        Decimal(3),
        None,
    )
    assert (deliver(score).state, moodle.store.grade("lin", "careers")["score"]) == ("sent", 8)


def test_a_failed_try_of_an_overtaken_score_does_not_stop_the_newer_one(moodle):
    course = course_at(moodle)
    moment = now()
    score = course.queue("3", now=moment)
    claimed = claims.claim(score.pk, now=moment)
    course.queue("8", now=moment)
    delivery.settle(claimed, Outcome(Verdict.FINAL, "not_in_course", 400), observed=None, now=moment)

    score.refresh_from_db()
    assert (score.state, score.last_error, score.tries) == ("due", "", 0)


def test_a_worker_whose_lease_ran_out_changes_nothing_any_more(moodle):
    course = course_at(moodle)
    moment = now()
    score = course.queue("8", now=moment)
    slow = claims.claim(score.pk, now=moment)
    later = moment + timedelta(minutes=4)
    fast = claims.claim(score.pk, now=later)
    assert isinstance(fast, claims.Claim)
    report = delivery.settle(slow, Outcome(Verdict.FINAL, "not_accepted", 400), observed=None, now=later)

    score.refresh_from_db()
    assert (report.word, score.state, score.lease_until) == ("lease lost", "due", fast.lease_until)


def test_a_score_that_another_worker_has_is_left_to_it(moodle):
    course = course_at(moodle)
    moment = now()
    score = course.queue("8", now=moment)
    assert isinstance(claims.claim(score.pk, now=moment), claims.Claim)

    assert delivery.deliver(score.pk, now=moment) == delivery.Report("taken")
    assert moodle.journal.entries() == []


def test_a_score_is_not_sent_before_its_time(moodle):
    course = course_at(moodle)
    moment = now()
    course.queue("3", now=moment)
    score = course.queue("8", now=moment)

    assert delivery.deliver(score.pk, now=moment) == delivery.Report("not yet")
    assert moodle.journal.entries() == []


def test_a_trouble_of_our_own_loses_nothing(moodle):
    course = course_at(moodle)
    score = course.queue("8", now=now())
    from lti.models import ToolKey

    ToolKey.objects.all().delete()
    score = deliver(score)

    assert (score.state, score.last_error, score.lease_until) == ("due", "internal", None)
