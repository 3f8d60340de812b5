"""What LMSs answer to a score and what we make of it: each row of the error table (AGS §4.4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.health import LONGEST_PAUSE, pause_after
from lti.outcomes import LONGEST_DELAY, Outcome, Verdict, backoff, judge, retry_after

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

CANVAS_OLD = b'{"errors": {"message": "Provided timestamp of 2026-11-23T12:00:00Z before last updated timestamp of X"}}'
CANVAS_LIMIT = b'{"errors": "The maximum number of allowed attempts has been reached for this submission"}'

ROWS = [
    ("accepted", 200, {}, b"", Verdict.SENT, ""),
    ("accepted, created", 201, {}, b"{}", Verdict.SENT, ""),
    ("accepted for later", 202, {}, b"", Verdict.SENT, ""),
    ("accepted without words", 204, {}, b"", Verdict.SENT, ""),
    ("Canvas: older timestamp", 400, {}, CANVAS_OLD, Verdict.STALE, "stale"),
    ("Open edX: older timestamp", 400, {}, b'{"timestamp": ["Score timestamp is older"]}', Verdict.STALE, "stale"),
    ("Moodle: stale or the same second", 409, {}, b"[]", Verdict.STALE, "stale"),
    ("Blackboard: unknown user", 400, {}, b'{"message": "User could not be found"}', Verdict.FINAL, "not_in_course"),
    (
        "Brightspace: not enrolled", 403, {}, b"User is not enrolled in the org unit", Verdict.FINAL, "not_in_course",
    ),
    ("Brightspace: no user", 404, {}, b"The user with id 7 does not exist", Verdict.FINAL, "not_in_course"),
    ("Canvas: no student", 422, {}, b"User not found in course or is not a student", Verdict.FINAL, "not_in_course"),
    ("Canvas: maximum missing", 422, {}, b"ScoreMaximum not supplied", Verdict.FINAL, "not_accepted"),
    ("Canvas: attempts exhausted", 422, {}, CANVAS_LIMIT, Verdict.FINAL, "attempts_exhausted"),
    ("Moodle: field wrong or user not gradable", 400, {}, b"[]", Verdict.FINAL, "not_accepted"),
    ("Canvas: throttled", 403, {}, b"403 Forbidden (Rate Limit Exceeded)", Verdict.RETRY, "rate_limited"),
    ("Canvas: bucket empty", 403, {"X-Rate-Limit-Remaining": "0.0"}, b"", Verdict.RETRY, "rate_limited"),
    ("too many requests", 429, {}, b"", Verdict.RETRY, "rate_limited"),
    ("token refused", 401, {}, b"", Verdict.UNAUTHORIZED, "unauthorized"),
    ("forbidden", 403, {"X-Rate-Limit-Remaining": "600.0"}, b"Insufficient scope", Verdict.FINAL, "forbidden"),
    ("column deleted", 404, {}, b"[]", Verdict.GONE, "column_gone"),
    ("column gone for ever", 410, {}, b"", Verdict.GONE, "column_gone"),
    ("request timeout", 408, {}, b"", Verdict.RETRY, "unreachable"),
    ("Moodle: locked", 500, {}, b"[]", Verdict.RETRY, "lms_error"),
    ("bad gateway", 502, {}, b"", Verdict.RETRY, "unreachable"),
    ("in maintenance", 503, {}, b"", Verdict.RETRY, "unreachable"),
    ("gateway timeout", 504, {}, b"", Verdict.RETRY, "unreachable"),
    ("sent elsewhere", 302, {"Location": "https://evil.example/"}, b"", Verdict.RETRY, "lms_error"),
    ("unknown media type", 415, {}, b"", Verdict.FINAL, "not_accepted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "headers", "body", "verdict", "code"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_an_answer_means_what_this_lms_means_by_it(status, headers, body, verdict, code):
    outcome = judge(status, headers, body, now=NOW)

    assert (outcome.verdict, outcome.code, outcome.status) == (verdict, code, status)


@pytest.mark.parametrize(
    ("status", "is_strike"),
    [(429, True), (503, True), (502, True), (504, True), (500, False), (200, False), (400, False)],
)
def test_only_signs_of_a_whole_lms_in_trouble_slow_down_everybody(status, is_strike):
    assert judge(status, {}, b"", now=NOW).is_strike == is_strike


@given(st.integers(100, 599), st.binary(max_size=300))
def test_every_answer_has_a_meaning(status, body):
    assert isinstance(judge(status, {}, body, now=NOW), Outcome)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("99999999999999999999999999", 6 * 3600),
        ("Mon, 23 Nov 2026 12:05:00 GMT", 300),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 1),
        ("Mon, 23 Nov 2099 11:00:00 GMT", 6 * 3600),
    ],
)
def test_retry_after_is_understood_as_seconds_and_as_a_date_within_bounds(said, seconds):
    assert retry_after({"Retry-After": said}, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("said", ["", "soon", "-5", "1.5", "٣", "Mon, 99 Nov 2026 12:05:00 GMT"])
def test_a_retry_after_that_says_nothing_is_left_aside(said):
    assert retry_after({"Retry-After": said}, now=NOW) is None


@given(st.text(max_size=60))
def test_no_retry_after_breaks_or_waits_beyond_the_bounds(said):
    wait = retry_after({"Retry-After": said}, now=NOW)

    assert wait is None or timedelta(seconds=1) <= wait <= LONGEST_DELAY


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_backoff_stays_between_a_second_and_six_hours(tries, chance):
    assert timedelta(seconds=1) <= backoff(tries, chance=chance) <= timedelta(hours=6)


@given(st.integers(1, 60), st.floats(0.1, 1))
def test_backoff_never_shrinks_for_the_same_die(tries, chance):
    assert backoff(tries, chance=chance) <= backoff(tries + 1, chance=chance)


def test_backoff_doubles_its_ceiling_from_half_a_minute():
    ceilings = [backoff(tries, chance=1).total_seconds() for tries in (1, 2, 3, 10, 11, 12)]

    assert ceilings == [30, 60, 120, 15360, 21600, 21600]


def test_backoff_uses_the_whole_width_below_its_ceiling():
    drawn = [backoff(8).total_seconds() for _ in range(200)]

    assert min(drawn) < 3840 / 2 < max(drawn)


def test_the_pause_of_a_whole_lms_grows_from_seconds_to_minutes():
    assert [pause_after(failures).total_seconds() for failures in (1, 2, 3, 6)] == [5, 10, 20, 160]
    assert pause_after(50) == LONGEST_PAUSE
