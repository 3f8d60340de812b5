"""A whole year's grades at once: throttled by the LMS, its tokens forgotten half-way; all arrive, none twice (T4)."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lti.grades import delivery
from lti.models import Membership, PlatformUser, Registration, Score
from tests.lti.course import make_course
from tests.lti.scripted import TOKEN, Asked, Said, ScriptedLms

pytestmark = pytest.mark.django_db

LEARNERS = 300
BUCKET = 75  # requests before the LMS says 403, until it was left alone for a while


class Throttled:
    """Canvas: an empty bucket answers 403 until the asker has waited as long as it said."""

    def __init__(self) -> None:
        self.left = BUCKET
        self.refused = self.tokens_given = 0
        self.grades: dict[str, list[float]] = {}
        self.token = ""

    def script(self, asked: Asked) -> Said:
        if asked.path == "/token":
            self.tokens_given += 1
            self.token = f"token-{self.tokens_given}"
            return Said({**TOKEN.body, "access_token": self.token})
        if asked.headers["Authorization"] != f"Bearer {self.token}":
            return Said(b"", 401)
        if self.left <= 0:
            self.refused += 1
            return Said(b"403 Forbidden (Rate Limit Exceeded)", 403, {"Retry-After": "20"})
        self.left -= 1
        self.grades.setdefault(asked.json["userId"], []).append(asked.json["scoreGiven"])
        if len(self.grades) == LEARNERS // 2:
            self.token = "forgotten"
        return Said(b"")


def a_year_of_learners(course, learners: int = LEARNERS) -> None:
    people = PlatformUser.objects.bulk_create(
        PlatformUser(registration=course.registration, sub=f"learner-{number}") for number in range(learners)
    )
    Membership.objects.bulk_create(Membership(context=course.context, user=person, role="learner") for person in people)
    now = timezone.now()
    Score.objects.bulk_create(
        Score(
            line_item=course.line_item, user=person, score_given=number % 11, score_maximum=10, timestamp=now,
            activity_progress="Completed", grading_progress="FullyGraded", next_try_at=now,
        )
        for number, person in enumerate(people)
    )  # fmt: skip


def work_off(lms: Throttled, now: datetime) -> tuple[int, datetime]:
    """As workers do: take what is due, wait until something is. How many tries it took, and until when."""
    tries = 0
    while Score.objects.filter(state="due").exists():
        due = list(Score.objects.filter(state="due", next_try_at__lte=now).values_list("pk", flat=True))
        for score in due:
            tries += 1
            delivery.deliver(score, now=now)
        paused_until = Registration.objects.get().services_paused_until
        if paused_until and paused_until > now:
            # Whoever waits as long as was asked finds a full bucket.
            lms.left = BUCKET
        later = Score.objects.filter(state="due").order_by("next_try_at").values_list("next_try_at", flat=True).first()
        now = max(now + timedelta(seconds=1), later or now)
    return tries, now


def test_ags_04_three_hundred_grades_arrive_once_each_although_the_lms_throttles_and_forgets_its_token(keyset):
    keyset.install()
    lms = Throttled()
    with ScriptedLms(lms.script) as server:
        course = make_course(url=server.url, product="canvas", lineitem_url=f"{server.url}/i")
        a_year_of_learners(course)
        begun = timezone.now()
        _tries, ended = work_off(lms, begun)

    sent = {f"learner-{number}": [number % 11] for number in range(LEARNERS)}
    assert lms.grades == sent
    assert set(Score.objects.values_list("state", flat=True)) == {"sent"}
    assert Score.objects.filter(sent_given=Decimal(0)).count() == len([one for one in sent.values() if one == [0]])
    # One token at first, one instead of the forgotten one; one refusal for each time the bucket ran empty.
    assert (lms.tokens_given, lms.refused) == (2, LEARNERS // BUCKET - 1)
    assert ended - begun < timedelta(minutes=10)


def test_ags_40_a_regrade_looks_once_at_the_column_and_still_leaves_a_teachers_grade_alone(keyset):
    keyset.install()
    shown = {"learner-3": 0.95}  # a teacher's own
    posted: list[str] = []

    def script(asked: Asked) -> Said:
        if asked.path == "/token":
            return TOKEN
        if "/scores" in asked.path:
            posted.append(asked.json["userId"])
            return Said(b"")
        person = asked.query.get("user_id")
        rows = [{"userId": one, "resultScore": given, "resultMaximum": 1} for one, given in shown.items()]
        return Said([row for row in rows if person in {None, row["userId"]}])

    with ScriptedLms(script) as server:
        course = make_course(url=server.url, product="sakai", lineitem_url=f"{server.url}/i")
        a_year_of_learners(course, 30)
        now = timezone.now()
        Score.objects.update(ours=[["2.0000", "10.0000"]], sent_given=2, sent_at=now - timedelta(days=1))
        shown |= {f"learner-{number}": 0.2 for number in range(30) if number not in {3, 7}}
        for score in Score.objects.values_list("pk", flat=True):
            delivery.deliver(score, now=now)

    # The whole column once; then the one that looked changed, by itself.
    assert server.paths("/i/results")[:2] == ["/i/results?limit=200", "/i/results?user_id=learner-3"]
    assert len(server.paths("/i/results")) == 2
    assert len(posted) == len(set(posted)) == 29
    assert list(Score.objects.exclude(state="sent").values_list("user__sub", "state")) == [("learner-3", "changed")]


def test_ags_40_a_column_that_cannot_be_read_as_a_whole_is_looked_at_cell_by_cell(keyset):
    keyset.install()

    def script(asked: Asked) -> Said:
        if asked.path == "/token":
            return TOKEN
        if asked.path == "/i/results?limit=200":
            return Said(b"", 500)
        return Said([] if "/results" in asked.path else b"")

    with ScriptedLms(script) as server:
        course = make_course(url=server.url, product="sakai", lineitem_url=f"{server.url}/i")
        a_year_of_learners(course, 12)
        now = timezone.now()
        Score.objects.update(ours=[["2.0000", "10.0000"]], sent_given=2, sent_at=now - timedelta(days=1))
        for score in Score.objects.values_list("pk", flat=True):
            delivery.deliver(score, now=now)

    assert set(Score.objects.values_list("state", flat=True)) == {"sent"}
    assert len([path for path in server.paths("/i/results") if "user_id" in path]) == 12
