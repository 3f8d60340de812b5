"""What an LMS's answer to a score means (AGS §4.4), and when to try again. No network, no database."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

from lti.paging import header

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
# Answers to a newer timestamp that the LMS still calls old: after so many, somebody else owns that cell.
STALE_LIMIT = 10
READ_AT_MOST = 4000

_OLD = "before|older|earlier|stale|later point|already exists"
_TIMESTAMP = re.compile(rf"timestamp.{{0,80}}({_OLD})|({_OLD}).{{0,80}}timestamp", re.S)
# Our clock goes ahead of theirs (Canvas, of a submission's time).
_FUTURE = re.compile(r"timestamp.{0,80}in the future", re.S)
_NOBODY = re.compile(
    r"user.{0,80}(not be found|not found|does not exist|doesn't exist|not enrolled|not a student|not a learner)"
    r"|not a member"
    r"|not enrolled|no such user|not a student",
    re.S,
)
_ATTEMPTS = re.compile(r"maximum number of (allowed )?attempts|attempts.{0,40}(reached|exhausted|exceeded)", re.S)


class Verdict(Enum):
    SENT = "sent"
    WITHHELD = "withheld"  # this LMS would take it for "erase the grade"
    RETRY = "retry"
    BUSY = "busy"  # another worker does what must be done first; not a try
    STALE = "stale"
    CHANGED = "changed in the LMS"  # a teacher's grade stands where ours was
    GONE = "column gone"
    UNAUTHORIZED = "unauthorized"
    FINAL = "failed"


@dataclass(frozen=True)
class Outcome:
    """`code` is one of lti.advice. A strike is a sign that the whole LMS is unwell, not this one score."""

    verdict: Verdict
    code: str = ""
    status: int | None = None
    delay: timedelta | None = None
    is_strike: bool = False


class ServiceProblem(Exception):
    """A service call that came to nothing; the outcome says what that means for whoever wanted it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome

    @classmethod
    def final(cls, code: str, status: int | None = None) -> "ServiceProblem":
        return cls(Outcome(Verdict.FINAL, code, status))

    @classmethod
    def retry(cls, code: str, status: int | None = None, *, is_strike: bool = False) -> "ServiceProblem":
        return cls(Outcome(Verdict.RETRY, code, status, is_strike=is_strike))


def judge(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Outcome:
    """What the answer to a posted score, or to any other service call, means."""
    text = body[:READ_AT_MOST].decode(errors="replace").lower()
    if 200 <= status < 300:
        return Outcome(Verdict.SENT, status=status)
    if status == 429 or (status == 403 and _is_rate_limit(headers, text)):
        delay = retry_after(headers, now=now)
        return Outcome(Verdict.RETRY, "rate_limited", status, delay, is_strike=True)
    if status == 401:
        return Outcome(Verdict.UNAUTHORIZED, "unauthorized", status)
    if status == 409 or (status == 400 and _TIMESTAMP.search(text)):
        return Outcome(Verdict.STALE, "stale", status)
    if status == 400 and _FUTURE.search(text):
        return Outcome(Verdict.RETRY, "stale", status)
    if status in {408, 425} or status >= 500 or status < 400:
        code = "unreachable" if status in {408, 425, 502, 503, 504} else "lms_error"
        delay = retry_after(headers, now=now)
        return Outcome(Verdict.RETRY, code, status, delay, is_strike=status in {502, 503, 504})
    return _refusal(status, text)


def _refusal(status: int, text: str) -> Outcome:
    """4xx that the same request would get again."""
    if _ATTEMPTS.search(text):
        return Outcome(Verdict.FINAL, "attempts_exhausted", status)
    if _NOBODY.search(text):
        return Outcome(Verdict.FINAL, "not_in_course", status)
    if status in {404, 410}:
        return Outcome(Verdict.GONE, "column_gone", status)
    return Outcome(Verdict.FINAL, "forbidden" if status == 403 else "not_accepted", status)


def _is_rate_limit(headers: Mapping[str, str], text: str) -> bool:
    """Canvas says 403 when one is too fast, and tells by the body or by a bucket that ran empty."""
    if "rate limit exceeded" in text:
        return True
    try:
        return float(header(headers, "X-Rate-Limit-Remaining")) <= 0
    except ValueError:
        return False


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long the LMS asks us to wait: seconds or an HTTP date, between one second and the longest delay."""
    said = header(headers, "Retry-After").strip()
    if not said:
        return None
    if said.isascii() and said.isdigit():
        # Long numbers would overflow a timedelta.
        wish = timedelta(seconds=min(int(said[:9]), 10**8))
    else:
        try:
            moment = parsedate_to_datetime(said)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        wish = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wish, timedelta(seconds=1)), LONGEST_DELAY)


def backoff(tries: int, *, chance: float | None = None) -> timedelta:
    """Full jitter: anything from a second to 30 s, then 60 s, … up to six hours. `chance` in 0…1 replaces the die."""
    ceiling: timedelta = min(FIRST_DELAY * 2 ** min(max(tries, 1) - 1, 20), LONGEST_DELAY)
    # Spreads load, guards nothing.
    die = random.random() if chance is None else chance  # noqa: S311 # nosec B311
    return max(timedelta(seconds=1), ceiling * die)
