"""Every failure below /api/ is a problem with a code, words and a reference; deeds are done once."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from itpm_byte.api import idempotency, pages
from itpm_byte.api.models import KeptAnswer
from itpm_byte.api.problems import KINDS
from lti.models import Institution, Score, StaffAction
from tests.api.programs import API, learners_at_work, program
from tests.cast import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast("amber")


@pytest.fixture
def grade(people):
    learners_at_work(people, 1)
    score = Score.objects.get()
    Score.objects.filter(pk=score.pk).update(state="failed", last_error="not_in_course")
    return score


def resend(client, grade, body=None, *, key="one", raw=None, content_type="application/json", **headers):
    return client.post(
        f"{API}grades/{grade.pk}/resend/",
        json.dumps(body or {}) if raw is None else raw,
        content_type=content_type,
        headers=({"Idempotency-Key": key} if key else {}) | headers,
    )


def is_problem(response, code):
    kind = KINDS[code]
    assert response.status_code == kind.status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["title"], body["status"]) == (code, kind.title, kind.status)
    assert body["type"].endswith(f"/api/v1/docs/#problem-{code}")
    assert len(body["reference"]) == 9
    return body


@pytest.mark.parametrize(
    "path", ["v1/nothing/", "v1/progress", "v2/progress/", "", "v1/", "v1/progress/x/", "v1/grades/1/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_what_is_not_there_is_a_problem_too(people, path, method):
    response = getattr(program(people.institution), method)(f"/api/{path}")
    if response.status_code != 405:
        is_problem(response, "not_found")


def test_what_can_not_be_done_is_told_with_what_can(people, grade):
    client = program(people.institution)
    response = client.delete(f"{API}progress/")
    is_problem(response, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    is_problem(client.get(f"{API}grades/{grade.pk}/resend/"), "method_not_allowed")


def test_we_speak_json_only(people, grade):
    client = program(people.institution)
    is_problem(client.get(f"{API}progress/", headers={"Accept": "text/html"}), "not_acceptable")
    is_problem(resend(client, grade, raw="a=b", content_type="text/plain"), "unsupported_media_type")


@pytest.mark.parametrize(
    "raw", ["{", "[]", "1", '{"a": NaN}', "\x00", '{"a":' * 12 + "1" + "}" * 12, '{"a":' * 30000 + "1", b"\xff\xfe"]
)
def test_a_body_that_can_not_be_read_is_refused(people, grade, raw):
    is_problem(resend(program(people.institution), grade, raw=raw), "too_large" if len(raw) > 65536 else "malformed")


def test_a_large_body_is_refused(people, grade):
    is_problem(resend(program(people.institution), grade, {"reason": "x" * 70_000}), "too_large")


def test_what_nobody_expected_is_told_as_a_reference_and_nothing_else(people, monkeypatch, client):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("itpm_byte.api.views.read_question", broken)
    body = is_problem(program(people.institution).get(f"{API}progress/"), "failed")
    assert "secret" not in json.dumps(body)


def test_what_somebody_else_did_at_the_same_moment_is_a_conflict(people, monkeypatch):
    def beaten(*args, **kwargs):
        Institution.objects.create(name="Again", slug=people.institution.slug)

    monkeypatch.setattr("itpm_byte.api.views.read_question", beaten)
    body = is_problem(program(people.institution).get(f"{API}progress/"), "conflict")
    assert people.institution.slug not in json.dumps(body)


# --- Deeds


def test_a_failed_grade_is_sent_again_and_written_down(people, grade):
    client = program(people.institution, "write:grades")
    response = resend(client, grade, {"reason": "Enrolled late."})
    assert response.status_code == 202
    assert (response.json()["state"], response.json()["error"]) == (
        "unavailable" if not grade.line_item.takes_scores else "due",
        "",
    )
    action = StaffAction.objects.get(action="grade.resent")
    assert (action.reason, action.subject, action.institution) == ("Enrolled late.", grade.user, people.institution)
    assert action.after["api_token"]
    grade.refresh_from_db()
    assert (grade.version, grade.overwrites) == (2, False)


def test_the_same_request_again_does_nothing_and_gets_the_same_answer(people, grade):
    client = program(people.institution)
    first, second = resend(client, grade), resend(client, grade)
    assert (second.status_code, second.json()) == (202, first.json())
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    grade.refresh_from_db()
    assert grade.version == 2
    assert StaffAction.objects.filter(action="grade.resent").count() == 1


def test_a_key_belongs_to_one_request_of_one_token(people, grade):
    client = program(people.institution)
    resend(client, grade)
    is_problem(resend(client, grade, {"overwrites": True}), "key_reused")
    assert resend(program(people.institution), grade, {"overwrites": True}).status_code == 202
    grade.refresh_from_db()
    assert grade.overwrites


@pytest.mark.parametrize("key", ["", "ü", "x" * 256, "a b"])
def test_without_a_key_nothing_is_done(people, grade, key):
    is_problem(resend(program(people.institution), grade, key=key), "key_missing")
    assert not KeptAnswer.objects.exists()


def test_a_deed_that_fails_leaves_its_key_free(people, grade):
    client = program(people.institution)
    Score.objects.update(score_given=None, sent_given=None, grading_progress="NotReady")
    is_problem(resend(client, grade), "grade_none")
    assert not KeptAnswer.objects.exists()
    Score.objects.update(score_given=1)
    assert resend(client, grade).status_code == 202


@pytest.mark.parametrize("body", [{"overwrites": "yes"}, {"overwrites": 1}, {"reason": 7}, {"reason": "x" * 1001}])
def test_a_wish_of_the_wrong_shape_is_named(people, grade, body):
    problem = is_problem(resend(program(people.institution), grade, body), "invalid")
    assert [error["field"] for error in problem["errors"]] == list(body)


def test_answers_are_kept_for_a_day(people, grade):
    client, now = program(people.institution), timezone.now()
    resend(client, grade)
    assert idempotency.prune(now=now + timedelta(hours=23)) == 0
    assert idempotency.prune(now=now + timedelta(hours=25)) == 1
    resend(client, grade)
    KeptAnswer.objects.update(created_at=now - timedelta(hours=25))
    assert "Idempotency-Replayed" not in resend(client, grade).headers


def test_nobody_else_may_keep_answers_for_others(people):
    response = program(people.institution).get(f"{API}progress/")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Vary"].startswith("Authorization")
    assert pages.LARGEST_LIMIT == 500
