"""Each row of the error table over HTTP, as each LMS answers: what becomes of the score, and what people are told.

AGS §4.4: AGS-05, AGS-15, AGS-22, AGS-30 and the rows themselves; the texts are those that the LMSs send.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lti.grades import advice, claims, delivery, scores
from lti.models import Membership, Registration, Score
from tests.lti.course import make_course
from tests.lti.grades.test_delivery import deliver, now
from tests.lti.scripted import TOKEN, Asked, Said, ScriptedLms, with_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(keyset, db):
    return keyset.install()


@dataclass
class Lms:
    """Answers scores with what a test puts into `answers`, then with 200; results with `shown`."""

    answers: list[Said] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    def script(self, asked: Asked) -> Said:
        if "/scores" in asked.path:
            return self.answers.pop(0) if self.answers else Said(b"")
        if "/results" in asked.path:
            return Said(self.shown)
        return Said([])


def course_with(lms: ScriptedLms, product: str):
    return make_course(
        url=lms.url, product=product, lineitem_url=f"{lms.url}/items/1", lineitems_url=f"{lms.url}/items"
    )


def first_try(product: str, answer: Said, **queued: Any) -> Score:
    """The score after one try, against an LMS that gives this answer."""
    with ScriptedLms(with_token(Lms([answer]).script)) as lms:
        return deliver(course_with(lms, product).queue("8", now=now(), **queued))


def canvas(message: str) -> bytes:
    return f'{{"errors": {{"type": "x", "message": "{message}"}}}}'.encode()


LIMIT = "The maximum number of allowed attempts has been reached for this submission"
OPEN_EDX_OLD = b'{"timestamp":["Score timestamp can only be updated to a later point in time"]}'
OPEN_EDX_THERE = b'{"timestamp":["Score already exists for the provided timestamp"]}'

# LMS, answer, then: state, code, words for the teacher.
ROWS: list[tuple[str, str, Said, str, str, str]] = [
    ("moodle accepts", "moodle", Said(b"", 200), "sent", "", ""),
    ("canvas accepts", "canvas", Said({"resultUrl": "https://canvas.example/results/1"}, 200), "sent", "", ""),
    ("blackboard accepts", "BlackboardLearn", Said(b"", 200), "sent", "", ""),
    ("brightspace accepts", "desire2learn", Said(b"", 204), "sent", "", ""),
    ("sakai accepts", "sakai", Said(b"", 201), "sent", "", ""),
    ("open edx accepts", "openedx", Said({"userId": "5"}, 201), "sent", "", ""),
    ("moodle: nobody it grades", "moodle", Said([], 400), "failed", "not_accepted", "isn't enrolled as a student"),
    ("moodle: locked", "moodle", Said([], 500), "due", "lms_error", "Unlock"),
    ("moodle: activity deleted", "moodle", Said([], 404), "failed", "column_gone", "deleted in Moodle"),
    ("canvas: no student", "canvas", Said(canvas("User not found in course or is not a student"), 422),
     "failed", "not_in_course", "isn't an active student"),
    ("canvas: attempts used up", "canvas", Said(canvas(LIMIT), 422),
     "failed", "attempts_exhausted", "allowed attempts"),
    ("canvas: maximum missing", "canvas", Said(canvas("ScoreMaximum not supplied when ScoreGiven present."), 422),
     "failed", "not_accepted", "Compare the column"),
    ("canvas: too fast", "canvas", Said(b"403 Forbidden (Rate Limit Exceeded)\n", 403),
     "due", "rate_limited", "limits how fast"),
    ("canvas: bucket empty", "canvas", Said(b"", 403, {"X-Rate-Limit-Remaining": "0.0", "X-Request-Cost": "12.7"}),
     "due", "rate_limited", "limits how fast"),
    ("canvas: not published", "canvas", Said(canvas("forbidden"), 403, {"X-Rate-Limit-Remaining": "598.2"}),
     "failed", "forbidden", "Publish both"),
    ("canvas: submitted in the future", "canvas",
     Said(canvas("Provided submitted_at timestamp of 2027-01-01T00:00:00Z in the future"), 400),
     "due", "stale", "a clock is wrong"),
    ("blackboard: unknown user", "BlackboardLearn", Said({"status": 400, "message": "User could not be found"}, 400),
     "failed", "not_in_course", "Blackboard can't find"),
    ("blackboard: not allowed", "BlackboardLearn", Said({"status": 403, "message": "Forbidden"}, 403),
     "failed", "forbidden", "Allow grade service access"),
    ("brightspace: not enrolled", "desire2learn", Said(b"The user is not enrolled in the org unit", 403),
     "failed", "not_in_course", "org unit"),
    ("brightspace: no such user", "desire2learn", Said(b"The user with id '5' does not exist", 404),
     "failed", "not_in_course", "org unit"),
    ("sakai: not allowed", "sakai", Said(b"", 403), "failed", "forbidden", "Gradebook tool"),
    ("open edx: refused", "openedx", Said({"scoreMaximum": ["wrong"]}, 400), "failed", "not_accepted", "due date"),
    ("any: too many", "sakai", Said(b"", 429, {"Retry-After": "9"}), "due", "rate_limited", "slow down"),
    ("any: timeout", "openedx", Said(b"", 408), "due", "unreachable", "doesn't answer"),
    ("any: in maintenance", "BlackboardLearn", Said(b"<html>", 503), "due", "unreachable", "doesn't answer"),
    ("any: gone for ever", "sakai", Said(b"", 410), "failed", "column_gone", "was deleted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("product", "answer", "state", "code", "words"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_ags_30_an_answer_becomes_a_state_and_words(product, answer, state, code, words):
    score = first_try(product, answer)

    assert (score.state, score.last_error, score.last_status) == (state, code, answer.status)
    assert words in str(advice.for_teacher(score.last_error, product))
    assert scores.status_of(score, product=product).advice != ""


@pytest.mark.parametrize("row", [row for row in ROWS if row[3] == "failed"], ids=lambda row: row[0])
def test_what_is_final_is_not_tried_again(row):
    score = first_try(row[1], row[2])

    assert (score.next_try_at, score.tries, Registration.objects.get().services_failures) == (None, 1, 0)


@pytest.mark.parametrize("row", [row for row in ROWS if row[3] == "due"], ids=lambda row: row[0])
def test_what_passes_is_tried_again_and_arrives(row):
    with ScriptedLms(with_token(Lms([row[2]]).script)) as lms:
        score = deliver(course_with(lms, row[1]).queue("8", now=now()))
        assert score.next_try_at > score.timestamp

        assert deliver(score).state == "sent"


@pytest.mark.parametrize(("path", "code"), [("/token", "token_unavailable"), ("/items", "bad_answer")])
def test_json_without_end_is_a_bad_answer_and_no_trouble_of_ours(path, code):
    with ScriptedLms(lambda asked: Said(b"[" * 100_000) if asked.path.startswith(path) else TOKEN) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")
        score = deliver(course.queue("8", now=now()))

    assert (score.state, score.last_error) == ("due", code)


# --- Already there


@pytest.mark.parametrize(
    ("product", "answer"),
    [
        ("openedx", Said(OPEN_EDX_THERE, 400)),
        ("openedx", Said(OPEN_EDX_OLD, 400)),
        ("moodle", Said([], 409)),
        ("canvas", Said(canvas("Provided timestamp of X before last updated timestamp of Y"), 400)),
    ],
)
def test_ags_22_what_is_there_already_counts_as_delivered_after_a_look(product, answer):
    lms = Lms([answer], [{"userId": "5", "resultScore": 0.8, "resultMaximum": 1}])
    with ScriptedLms(with_token(lms.script)) as server:
        score = deliver(course_with(server, product).queue("8", now=now()))

    assert (score.state, score.sent_given, score.observed) == ("sent", Decimal(8), Decimal(8))
    assert len(server.paths("/items/1/scores")) == 1


@pytest.mark.parametrize("product", ["openedx", "moodle", "canvas"])
def test_ags_22_what_is_called_old_though_nothing_is_there_goes_out_with_a_newer_time(product):
    lms = Lms([Said(OPEN_EDX_OLD, 400)])
    with ScriptedLms(with_token(lms.script)) as server:
        score = deliver(course_with(server, product).queue("8", now=now()))
        assert (score.state, score.last_error) == ("due", "stale")
        assert deliver(score).state == "sent"

    first, second = (asked.json["timestamp"] for asked in server.asked if asked.path == "/items/1/scores")
    assert second > first


def test_ags_22_timestamps_of_one_cell_only_grow_and_by_whole_seconds():
    with ScriptedLms(with_token(Lms().script)) as server:
        course = course_with(server, "moodle")
        moment = now()
        for given in ("1", "2", "3"):
            score = deliver(course.queue(given, now=moment))

    sent = [asked.json["timestamp"] for asked in server.asked if asked.path == "/items/1/scores"]
    assert sent == sorted(set(sent))
    assert len({stamp[:19] for stamp in sent}) == 3
    assert score.state == "sent"


def test_redelivery_of_a_sent_score_does_nothing():
    with ScriptedLms(with_token(Lms().script)) as server:
        score = deliver(course_with(server, "sakai").queue("8", now=now()))

        assert delivery.deliver(score.pk, now=now()).word == "nothing to send"
    assert len(server.paths("/items/1/scores")) == 1


# --- Column gone, and found again


def test_ags_15_a_column_that_is_gone_is_looked_for_by_its_link_and_the_score_sent_there():
    def script(asked: Asked) -> Said:
        if asked.path == "/items/1/scores":
            return Said(b"", 404)
        if asked.path.startswith("/items?"):
            return Said([{"id": f"{lms.url}/items/2", "resourceLinkId": "26"}])
        return Said(b"")

    with ScriptedLms(with_token(script)) as lms:
        score = deliver(course_with(lms, "sakai").queue("8", now=now()))

    assert score.state == "sent"
    assert [path for path in lms.paths() if "scores" in path] == ["/items/1/scores", "/items/2/scores"]


# --- The whole LMS


def test_ags_05_a_client_that_the_lms_refuses_is_asked_for_ever_more_seldom_up_to_an_hour():
    refused = Said({"error": "invalid_client"}, 400)
    with ScriptedLms(lambda asked: refused) as lms:
        score = course_with(lms, "canvas").queue("8", now=now())
        pauses = []
        for _ in range(12):
            score = deliver(score)
            registration = Registration.objects.get()
            pauses.append(registration.services_paused_until - registration.services_error_at)

    assert [pause.total_seconds() for pause in pauses[:4]] == [5, 10, 20, 40]
    assert pauses[-1].total_seconds() == 3600
    assert (score.state, score.last_error) == ("due", "token_refused")
    assert "developer key" in str(advice.for_teacher(score.last_error, "canvas"))


def test_ags_04_while_an_lms_is_unwell_one_score_probes_and_the_others_wait_longer():
    with ScriptedLms(with_token(Lms([Said(b"", 503)]).script)) as lms:
        course = course_with(lms, "canvas")
        moment = now()
        first, second = course.queue("8", now=moment), course.queue("4", user=course.kai, now=moment)
        delivery.deliver(first.pk, now=moment)
        after = Registration.objects.get().services_paused_until
        Score.objects.update(next_try_at=after)
        probe = claims.claim(first.pk, now=after)
        report = delivery.deliver(second.pk, now=after)

        assert isinstance(probe, delivery.Claim)
        assert report.word == "later"
        assert 5 <= (report.ring_at - after).total_seconds() <= 20
        outcome, observed = delivery.send(probe, now=after)
        delivery.health.note(course.registration, outcome, now=after)
        delivery.settle(probe, outcome, observed=observed, now=after)
        assert delivery.deliver(second.pk, now=report.ring_at).word == "sent"


# --- Who is not graded


@pytest.mark.parametrize("status", ["left", "inactive"])
def test_ags_28_who_left_the_course_is_not_graded_until_they_are_back(status):
    with ScriptedLms(with_token(Lms().script)) as lms:
        course = course_with(lms, "sakai")
        score = course.queue("8", now=now())
        Membership.objects.filter(user=course.lin).update(status=status)
        score = deliver(score)
        assert (score.state, score.last_error, lms.asked) == ("failed", "not_in_course", [])

        Membership.objects.filter(user=course.lin).update(status="active")
        scores.resend(score, now=now())
        assert deliver(score).state == "sent"


# --- The body


def test_ags_26_a_start_is_never_told_to_be_after_the_end():
    with ScriptedLms(with_token(Lms().script)) as lms:
        moment = now()
        earlier = moment - timedelta(minutes=1)
        deliver(course_with(lms, "sakai").queue("8", now=moment, started_at=moment, submitted_at=earlier))

    submission = lms.asked[-1].json["submission"]
    assert submission["startedAt"] == submission["submittedAt"]


@pytest.mark.parametrize(
    ("product", "told"), [("canvas", ["PendingManual"]), ("sakai", ["PendingManual"]), ("moodle", [])]
)
def test_ags_29_a_grade_that_a_person_must_give_is_announced_where_that_erases_nothing(product, told):
    with ScriptedLms(with_token(Lms().script)) as lms:
        course = course_with(lms, product)
        deliver(course.queue(None, activity_progress="Submitted", grading_progress="PendingManual", now=now()))

    assert [asked.json["gradingProgress"] for asked in lms.asked if "/scores" in asked.path] == told


def test_ags_32_an_older_attempt_that_counts_again_is_no_new_submission():
    """Attempt 2 was sent, then a teacher lets attempt 1 count: Canvas must not count a third."""
    extension = "https://canvas.instructure.com/lti/submission"
    with ScriptedLms(with_token(Lms().script)) as lms:
        course = course_with(lms, "canvas")
        first, second = now() - timedelta(minutes=9), now() - timedelta(minutes=3)
        for given, submitted in (("3", first), ("8", second), ("3", first), ("8", second)):
            # The LMS shows nothing of it all, so that nothing looks changed there.
            deliver(course.queue(given, now=now(), submitted_at=submitted))

    told = [asked.json[extension]["new_submission"] for asked in lms.asked if "/scores" in asked.path]
    assert told == [True, True, False, False]


@pytest.mark.parametrize(
    ("product", "audience", "token_url", "told"),
    [
        ("desire2learn", "", "https://auth.brightspace.com/core/connect/token",
         "https://api.brightspace.com/auth/token"),
        ("desire2learn", "https://own.example/aud", "https://auth.brightspace.com/core/connect/token",
         "https://own.example/aud"),
        ("moodle", "", "https://moodle.example/mod/lti/token.php", "https://moodle.example/mod/lti/token.php"),
    ],
)  # fmt: skip
def test_ags_02_brightspace_has_one_audience_for_all(product, audience, token_url, told):
    from lti import tokens

    course = make_course(product=product, audience=audience, auth_token_url=token_url)

    assert tokens.audience(course.registration) == told


def test_ags_17_without_a_way_to_a_column_nothing_is_sent_and_it_is_said():
    course = make_course(lineitem_url=None, lineitems_url="")
    score = course.queue("8", now=now())

    assert (score.state, scores.status_of(score).state) == ("unavailable", "unavailable")
    assert "no place in the gradebook" in scores.status_of(score).advice
