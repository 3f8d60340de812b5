"""Each constraint of the learning room stands in the database: raw writes can't break it either."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from itpm_byte.content.models import Choice, Question
from itpm_byte.learning import attempts, feedback, support, unclear
from itpm_byte.learning.models import (
    Arrangement,
    Attempt,
    Feedback,
    Pick,
    Placement,
    Progress,
    Response,
    StandingAccommodation,
    SupportRequest,
    UnclearQuestion,
)
from tests.constraints import assert_refused, named
from tests.learning.casting import NOW, placement

DAY = timedelta(days=1)


@pytest.fixture
def at(people):
    """Lin has one submitted attempt, progress, feedback, an unclear question, a request, and two arrangements."""
    made = placement(people.link)
    attempts.answer(made, people.lin, attempt_number=1, question_key="fit", choice_keys=["peter"], now=NOW)
    feedback.give(made, people.lin, made.byte, rating=4, comment="", now=NOW)
    unclear.tell(made, people.lin, made.byte, question_key="fit", reason="", now=NOW)
    support.ask(made, people.lin, message="Help", now=NOW)
    Arrangement.objects.create(placement=made, learner=people.lin, updated_at=NOW)
    accommodate(people.context, people.lin)
    return made


def attempt(at, learner, **fields):
    values = {"number": 2, "started_at": NOW, "points_possible": 1}
    return Attempt.objects.create(placement=at, learner=learner, byte=at.byte, **values | fields)


def progress(at, learner, **fields):
    values = {"started_at": NOW, "last_activity_at": NOW}
    return Progress.objects.create(placement=at, learner=learner, **values | fields)


def rate(at, learner, **fields):
    values = {"rating": 3, "created_at": NOW, "updated_at": NOW}
    return Feedback.objects.create(placement=at, learner=learner, byte=at.byte, **values | fields)


def call_unclear(at, learner):
    question = Question.objects.get()
    return UnclearQuestion.objects.create(
        placement=at, learner=learner, question=question, created_at=NOW, updated_at=NOW
    )


def accommodate(context, learner):
    return StandingAccommodation.objects.create(context=context, learner=learner, extra_days=1, updated_at=NOW)


def two_open(at, lin):
    attempt(at, lin, number=2)
    attempt(at, lin, number=3)


def reopen(at, lin):
    attempt(at, lin, number=2)
    Attempt.objects.filter(number=1).update(submitted_at=None, points=None)


def respond_twice(at, lin):
    of = Attempt.objects.get()
    Response.objects.create(
        attempt=of, question=Question.objects.get(), choice=Choice.objects.get(key="peter"), answered_at=NOW
    )


def changed(model, **fields):
    return lambda at, lin: model.objects.update(**fields)


def pick(at, lin, **fields):
    values = {"byte_slug": at.byte.slug, "language": "en", "title": "T", "settings": {}, "created_at": NOW}
    return Pick.objects.create(deployment=at.resource_link.deployment, made_by=lin, **values | fields)


BREACHES = {
    "learning_pick_maximum_positive": [
        lambda at, lin: pick(at, lin, score_maximum=0),
        lambda at, lin: pick(at, lin, score_maximum=-1),
    ],
    "learning_placement_copy_state_known": [changed(Placement, copy_state="")],
    "learning_placement_attempts_positive": [changed(Placement, attempts_allowed=0)],
    "learning_placement_which_counts_known": [changed(Placement, which_counts="worst")],
    "learning_placement_grade_on_known": [changed(Placement, grade_on="")],
    "learning_placement_reveal_known": [changed(Placement, reveal="always")],
    "learning_placement_closes_after_opening": [
        changed(Placement, opens_at=NOW, closes_at=NOW),
        changed(Placement, opens_at=NOW + DAY, closes_at=NOW),
    ],
    "learning_placement_pass_mark_per_cent": [changed(Placement, pass_mark=101)],
    "learning_arrangement_one_per_learner": [
        lambda at, lin: Arrangement.objects.create(placement=at, learner=lin, updated_at=NOW)
    ],
    "learning_arrangement_override_in_range": [
        changed(Arrangement, override_points=1),
        changed(Arrangement, override_possible=1),
        changed(Arrangement, override_points=-1, override_possible=1),
        changed(Arrangement, override_points=2, override_possible=1),
        changed(Arrangement, override_points=0, override_possible=0),
    ],
    "learning_arrangement_closes_after_opening": [changed(Arrangement, opens_at=NOW, closes_at=NOW)],
    "learning_standingaccommodation_one_per_learner": [lambda at, lin: accommodate(at.resource_link.context, lin)],
    "learning_standingaccommodation_gives_something": [changed(StandingAccommodation, extra_days=0)],
    "learning_attempt_unique_number": [
        lambda at, lin: attempt(at, lin, number=1),
        lambda at, lin: attempt(at, lin, number=1, submitted_at=NOW, points=1),
    ],
    "learning_attempt_one_open": [two_open, reopen],
    "learning_attempt_points_exactly_when_submitted": [
        lambda at, lin: attempt(at, lin, points=1),
        lambda at, lin: attempt(at, lin, submitted_at=NOW),
        changed(Attempt, points=None),
        changed(Attempt, submitted_at=None),
    ],
    "learning_attempt_points_in_range": [
        changed(Attempt, points=Decimal("1.0001")),
        changed(Attempt, points=Decimal("-0.0001")),
    ],
    "learning_attempt_marked_anew_when_submitted": [
        lambda at, lin: attempt(at, lin, number=2, marked_with=at.byte),
    ],
    "learning_attempt_number_positive": [lambda at, lin: attempt(at, lin, number=0)],
    "learning_attempt_points_possible_positive": [changed(Attempt, points_possible=0)],
    "learning_response_unique_choice": [respond_twice],
    "learning_progress_one_per_learner": [lambda at, lin: progress(at, lin)],
    "learning_progress_points_in_range": [
        changed(Progress, counted_points=Decimal("1.0001")),
        changed(Progress, counted_points=Decimal("-0.0001")),
        changed(Progress, counted_points=0, counted_possible=0),
        changed(Progress, counted_points=None),
        changed(Progress, counted_possible=None),
    ],
    "learning_feedback_one_per_version": [lambda at, lin: rate(at, lin)],
    "learning_feedback_rating_one_to_five": [changed(Feedback, rating=0), changed(Feedback, rating=6)],
    "learning_unclearquestion_one_per_question": [lambda at, lin: call_unclear(at, lin)],
    "learning_supportrequest_message_not_empty": [changed(SupportRequest, message="")],
    "learning_supportrequest_status_known": [changed(SupportRequest, status="closed")],
}


@pytest.mark.parametrize(
    ("name", "breach"), [(name, breach) for name, breaches in BREACHES.items() for breach in breaches]
)
def test_the_database_refuses(at, people, name, breach):
    assert_refused("learning", name, lambda: breach(at, people.lin))


def test_no_constraint_is_forgotten():
    assert set(BREACHES) == named("learning")


def test_a_link_has_one_placement_only(at, people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(resource_link=people.link, byte=at.byte)
    assert Placement.objects.count() == 1


def test_what_is_allowed_is_allowed(at, people):
    Placement.objects.update(attempts_allowed=1, opens_at=NOW, closes_at=NOW + DAY)
    Attempt.objects.update(points=Decimal("1.0000"))
    Progress.objects.update(counted_points=None, counted_possible=None)
    Progress.objects.update(counted_points=Decimal("1.0000"), counted_possible=1)
    Feedback.objects.update(rating=5)
    attempt(at, people.lin, number=2, voided_at=NOW)
    attempt(at, people.lin, number=3)
    attempt(at, people.max, number=1)
    rate(at, people.max, rating=1)
    assert (Attempt.objects.count(), Feedback.objects.count()) == (4, 2)


def test_a_learner_can_be_erased_with_everything_that_hangs_on_them(at, people):
    attempt(at, people.max, number=1)
    people.lin.delete()
    theirs = (Response, Progress, Feedback, UnclearQuestion, SupportRequest, Arrangement, StandingAccommodation)
    assert [model.objects.count() for model in (Attempt, *theirs)] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert (Placement.objects.count(), Choice.objects.count()) == (1, 4)


def test_a_course_can_be_erased_but_not_a_byte_that_was_answered(at, people):
    with pytest.raises(IntegrityError):
        at.byte.delete()
    people.context.delete()
    assert (Placement.objects.count(), Attempt.objects.count(), Progress.objects.count()) == (0, 0, 0)
