"""A grade that a teacher changed in the LMS is never overwritten unasked (AGS-31), and what a look costs (AGS-40)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lti.grades import advice, claims, delivery, overrides, scores
from lti.grades.overrides import Cell
from lti.models import LineItem, Registration, Score
from tests.lti.course import course_at, make_course
from tests.lti.grades.test_delivery import deliver, now
from tests.lti.scripted import Said, ScriptedLms, with_token

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["moodle", "canvas"])
def lms(request):
    return request.getfixturevalue(request.param)


def sent_then_changed(lms, *, to: float, first: str = "3"):
    """Lin's first score stands in the gradebook; Ada then gives a grade of her own."""
    course = course_at(lms)
    deliver(course.queue(first, now=now()))
    lms.store.change_grade("lin", "careers", overridden=to)
    return course


def grade(lms):
    return lms.store.grade("lin", "careers")


def test_ags_31_a_teachers_grade_stays_and_the_state_says_so(lms):
    course = sent_then_changed(lms, to=9)
    posted = len(lms.journal.entries("scores"))
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error, score.observed) == ("changed", "changed_in_lms", Decimal(9))
    assert (score.get_state_display(), score.next_try_at, score.first_failed_at) == ("changed in the LMS", None, None)
    assert len(lms.journal.entries("scores")) == posted
    assert (grade(lms)["score"], grade(lms)["overridden"]) == (3, 9)


def test_ags_31_learners_and_teachers_are_told_in_words(lms):
    course = sent_then_changed(lms, to=9)
    score = deliver(course.queue("8", now=now()))
    status = scores.status_of(score, product=course.registration.product)

    assert (status.state, status.shown) == ("changed", Decimal(9))
    assert "changed there" in status.advice
    assert "changed" in str(advice.for_teacher(score.last_error, course.registration.product))


def test_ags_31_in_moodle_the_way_out_is_named_because_sending_alone_would_not_do():
    assert "Overridden" in str(advice.for_teacher("changed_in_lms", "moodle"))
    assert "Overridden" not in str(advice.for_teacher("changed_in_lms", "canvas"))


def test_ags_31_zero_given_by_a_teacher_stays_although_moodle_leaves_the_number_out(moodle):
    course = sent_then_changed(moodle, to=0)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.observed, grade(moodle)["overridden"]) == ("changed", Decimal(0), 0)


def test_ags_31_a_teachers_grade_in_a_cell_that_we_cleared_stays(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    deliver(scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=now()))
    moodle.store.change_grade("lin", "careers", overridden=5)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, score.observed) == ("changed", Decimal(5))


def test_ags_31_clearing_does_not_take_away_a_teachers_grade(moodle):
    course = sent_then_changed(moodle, to=9)
    score = deliver(scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=now()))

    assert (score.state, len(grade(moodle)["history"])) == ("changed", 1)


def test_ags_31_what_a_teacher_took_back_is_free_again(lms):
    course = sent_then_changed(lms, to=9)
    score = deliver(course.queue("8", now=now()))
    lms.store.change_grade("lin", "careers", overridden=None)
    scores.resend(score, now=now())

    assert (deliver(score).state, grade(lms)["score"]) == ("sent", 8)


def test_ags_31_the_next_wish_looks_again(moodle):
    course = sent_then_changed(moodle, to=9)
    deliver(course.queue("8", now=now()))
    score = deliver(course.queue("10", now=now()))

    assert (score.state, score.score_given, grade(moodle)["overridden"]) == ("changed", Decimal(10), 9)


def test_ags_31_the_same_wish_again_asks_nobody(moodle):
    course = sent_then_changed(moodle, to=9)
    deliver(course.queue("8", now=now()))
    moodle.journal.clear()
    score = deliver(course.queue("8", now=now()))

    assert (score.state, moodle.journal.entries()) == ("changed", [])


def test_ags_31_a_score_is_forced_over_a_teachers_once(canvas):
    course = sent_then_changed(canvas, to=9)
    score = deliver(course.queue("8", now=now()))
    scores.resend(score, now=now(), overwrites=True)
    score = deliver(score)

    assert (score.state, score.overwrites, grade(canvas)["overridden"], grade(canvas)["score"]) == (
        "sent", False, None, 8,
    )  # fmt: skip
    canvas.store.change_grade("lin", "careers", overridden=2)
    assert deliver(course.queue("10", now=now())).state == "changed"


def test_ags_31_one_link_may_overwrite(canvas):
    course = sent_then_changed(canvas, to=9)
    overrides.set_rule(course.link, overwrites=True)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, grade(canvas)["score"], canvas.journal.entries("results")) == ("sent", 8, [])


def test_ags_31_a_whole_lms_may_overwrite_and_one_link_be_spared(canvas):
    course = sent_then_changed(canvas, to=9)
    Registration.objects.update(overwrites_changes=True)
    overrides.set_rule(course.link, overwrites=False)
    assert deliver(course.queue("8", now=now())).state == "changed"

    overrides.set_rule(course.link, overwrites=None)
    score = Score.objects.get()
    scores.resend(score, now=now())
    assert (deliver(score).state, grade(canvas)["score"]) == ("sent", 8)


def test_ags_31_the_rule_of_one_link_is_that_links_alone(moodle):
    course, other = course_at(moodle), make_course()
    overrides.set_rule(course.link, overwrites=True)

    assert LineItem.objects.get(resource_link=other.link).overwrites is None


@pytest.mark.parametrize("asks", [True, False])
def test_ags_32_canvas_is_asked_to_keep_a_teachers_grade_unless_we_may_overwrite(canvas, asks):
    Registration.objects.update(overwrites_changes=False)
    course = course_at(canvas)
    overrides.set_rule(course.link, overwrites=not asks)
    deliver(course.queue("3", now=now()))

    body = canvas.journal.scores()[0]["https://canvas.instructure.com/lti/submission"]
    assert body["prioritize_non_tool_grade"] is asks


# --- What a look costs


def test_ags_31_a_first_score_is_sent_without_a_look(lms):
    deliver(course_at(lms).queue("8", now=now()))

    assert [entry["endpoint"] for entry in lms.journal.entries()] == ["token", "scores"]


def test_ags_31_a_first_score_that_was_refused_for_a_while_is_sent_without_a_look(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "status", status=503, times=2)
    score = course.queue("8", now=now())
    for _ in range(3):
        score = deliver(score)

    assert (score.state, score.tries, moodle.journal.entries("results")) == ("sent", 3, [])


def test_ags_31_each_later_score_costs_one_look(lms):
    course = course_at(lms)
    for given in ("3", "5", "8"):
        score = deliver(course.queue(given, now=now()))

    assert (score.state, len(lms.journal.entries("results")), len(lms.journal.entries("scores"))) == ("sent", 2, 3)


def test_ags_31_without_the_right_to_read_results_scores_are_sent_without_a_look(moodle):
    course = course_at(moodle)
    course.link.ags_scopes = [scope for scope in course.link.ags_scopes if "result" not in scope]
    course.link.save()
    for given in ("3", "8"):
        score = deliver(course.queue(given, now=now()))

    assert (score.state, moodle.journal.entries("results")) == ("sent", [])


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_ags_31_an_lms_that_offers_no_results_after_all_still_gets_its_scores(moodle, status):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.faults.add("results", "status", status=status)
    score = deliver(course.queue("8", now=now()))

    assert (score.state, grade(moodle)["score"]) == ("sent", 8)


@pytest.mark.parametrize("kind", ["status", "too-many", "reset", "garbage"])
def test_ags_31_results_that_cannot_be_read_now_are_waited_for(moodle, kind):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.store.change_grade("lin", "careers", overridden=9)
    moodle.faults.add("results", kind, times=1)
    score = deliver(course.queue("8", now=now()))
    assert (score.state, len(moodle.journal.entries("scores"))) == ("due", 1)

    assert deliver(score).state == "changed"


# --- Whose grade it is


def test_ags_31_a_lost_answer_does_not_make_our_own_grade_look_like_a_teachers(moodle):
    """8 arrived and its answer was lost; 10 overtakes it: the gradebook shows what we never knew had arrived."""
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    moodle.faults.add("scores", "reset-after", times=1)
    assert deliver(course.queue("8", now=now())).state == "due"
    assert grade(moodle)["score"] == 8
    score = deliver(course.queue("10", now=now()))

    assert (score.state, grade(moodle)["score"], score.ours) == ("sent", 10, [["10.0000", "10.0000"]])


def test_ags_31_a_worker_that_died_between_claim_and_answer_does_not_either(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    score = course.queue("8", now=now())
    dead = claims.claim(score.pk, now=max(now(), score.timestamp))
    assert delivery.send(dead, now=max(now(), score.timestamp))[0].verdict.value == "sent"  # nobody writes it down
    Score.objects.update(lease_until=None)
    score = deliver(course.queue("10", now=now()))

    assert (score.state, grade(moodle)["score"]) == ("sent", 10)


def test_ags_31_a_first_score_whose_answer_was_lost_does_not_go_over_a_teachers_grade(canvas):
    course = course_at(canvas)
    canvas.faults.add("scores", "reset-after", times=1)
    score = deliver(course.queue("8", now=now()))
    canvas.store.change_grade("lin", "careers", overridden=2)
    score = deliver(score)

    assert (score.state, score.observed, len(canvas.journal.entries("scores"))) == ("changed", Decimal(2), 1)


def test_ags_22_an_entry_newer_than_ours_that_is_not_ours_is_a_teachers(moodle):
    """The LMS calls the very first score old: somebody was there before us."""
    course = course_at(moodle)
    score = course.queue("8", now=now())
    later = now() + timedelta(seconds=20)
    moodle.store.change_grade("lin", "careers", score=3.0, timestamp=later.isoformat())
    score = deliver(score)

    assert (score.state, score.observed, grade(moodle)["score"]) == ("changed", Decimal(3), 3)


def test_ags_31_a_new_maximum_does_not_make_our_own_grade_look_like_a_teachers(moodle):
    course = course_at(moodle)
    deliver(course.queue("3", now=now()))
    score = deliver(course.queue("12", now=now(), score_maximum=Decimal(20)))

    assert (score.state, grade(moodle)["score"]) == ("sent", 6)


def test_ags_40_a_row_without_a_number_is_an_empty_cell_where_it_is_not_moodle(keyset, db):
    keyset.install()
    asked = []

    def script(request):
        asked.append(request.path)
        return Said([{"userId": "5", "resultScore": None}]) if "results" in request.path else Said(b"")

    with ScriptedLms(with_token(script)) as lms:
        course = make_course(url=lms.url, product="sakai", lineitem_url=f"{lms.url}/i")
        for given in ("3", "8"):
            score = deliver(course.queue(given, now=now()))

    assert score.state == "sent"
    assert asked == ["/i/scores", "/i/results?user_id=5", "/i/scores"]


@pytest.mark.parametrize(
    ("shown", "maximum", "is_ours"),
    [
        ("8", "10", True),
        ("7.996", "10", True),  # rounded to hundredths
        ("79.9", "100", True),
        ("7.9", "10", False),
        ("8.1", "10", False),
        ("4", "5", True),  # on the column's own scale
    ],
)
def test_ags_40_roundings_of_an_lms_are_no_change(shown, maximum, is_ours):
    cell = Cell(Decimal(shown) / Decimal(maximum), Decimal(maximum))

    assert cell.is_changed([["8.0000", "10.0000"]]) is not is_ours


def test_ags_40_more_than_the_maximum_that_an_lms_shows_as_the_maximum_is_ours():
    assert not Cell(Decimal(1), Decimal(10)).is_changed([["15.0000", "10.0000"]])
    assert Cell(Decimal("0.9"), Decimal(10)).is_changed([["15.0000", "10.0000"]])


def test_ags_40_a_third_of_a_point_that_an_lms_rounds_to_hundredths_is_ours():
    assert not Cell(Decimal("0.33"), Decimal(1)).is_changed([["0.3333", "1.0000"]])


def test_what_may_be_ours_is_remembered_without_end_only_up_to_a_few(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "reset")
    for given in range(1, 10):
        score = deliver(course.queue(str(given), now=timezone.now()))

    assert [sent[0] for sent in score.ours] == [f"{number}.0000" for number in range(4, 10)]
