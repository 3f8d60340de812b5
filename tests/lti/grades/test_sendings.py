"""The history of a grade: one row for each try, forgotten after a while and with the person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lti import pruning
from lti.grades import scores, sendings
from lti.models import Score, ScoreSending
from lti.outcomes import Outcome, Verdict
from tests.lti.course import course_at
from tests.lti.grades.test_delivery import deliver

pytestmark = pytest.mark.django_db


def history(course):
    rows = sendings.of_learner(course.link, course.lin)
    return [(row.given, row.outcome, row.code, row.status) for row in rows]


def test_each_try_is_kept_newest_first(moodle):
    course = course_at(moodle)
    moodle.faults.add("scores", "status", times=1, status=503)
    score = course.queue("8", now=timezone.now())
    for _ in range(2):
        score = deliver(score)
    scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=timezone.now())
    deliver(score)

    assert [row[:2] for row in history(course)] == [(None, "sent"), (8, "sent"), (8, "retry")]
    assert history(course)[2][2:] == ("unreachable", 503)


def test_what_is_no_try_is_not_kept(moodle):
    course = course_at(moodle)
    score = course.queue("8", now=timezone.now())
    sendings.note(score, Outcome(Verdict.BUSY), observed=None, now=timezone.now())

    assert history(course) == []


def test_the_history_is_forgotten_after_400_days_and_with_the_score(moodle):
    course = course_at(moodle)
    score, now = course.queue("8", now=timezone.now()), timezone.now()
    for days in (401, 399, 0):
        sendings.note(score, Outcome(Verdict.SENT), observed=None, now=now - timedelta(days=days))

    assert pruning.prune(now=now)["sendings"] == 1
    assert len(history(course)) == 2
    Score.objects.all().delete()
    assert ScoreSending.objects.count() == 0
