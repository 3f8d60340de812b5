"""What must hold when the storm is over: what learners were told is there once, what counts is in the gradebooks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.crowd import RIGHT, Learner
from tests.faults.schools import School, moment
from tests.faults.service import Service

UNDER_WAY = """
import json
from collections import Counter
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from lti.models import Registration, Score
now = timezone.now()
queued = 0
if settings.TASK_ENGINE == "celery":
    import redis
    queued = redis.Redis.from_url(settings.CELERY_BROKER_URL).llen("itpm_byte")
print(json.dumps({
    "due": Score.objects.filter(state="due").count(),
    "leased": Score.objects.filter(lease_until__gt=now).count(),
    "ready": DBTaskResult.objects.filter(status="READY").exclude(run_after__gt=now).count(),
    "queued": queued,
}))
"""
ROWS = """
import json
from itpm_byte.learning.models import Attempt, Progress
from lti.models import Score
attempts = Attempt.objects.values_list(
    "learner__registration__name", "learner__sub", "number", "responses__choice__key", "points", "submitted_at")
scores = Score.objects.values_list("user__registration__name", "user__sub", "state", "last_error")
print(json.dumps({"attempts": list(attempts), "scores": list(scores)}, default=str))
"""
# What the LMS received agrees with the attempt's time to the millisecond.
SAME_TIME = 0.001


@dataclass
class Verdict:
    problems: list[str] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    unasked: int = 0  # attempts that nobody sent
    cells: int = 0
    wrong: int = 0
    received: int = 0  # scores that LMSs took
    again: int = 0  # of those: the same attempt's score once more
    overtaken: int = 0  # an older attempt's score after a newer one's

    def note(self, problem: str) -> None:
        self.problems.append(problem)


def under_way(service: Service) -> dict[str, int]:
    """What waits or is on its way, by kind; {} if nothing is."""
    return {kind: number for kind, number in service.ask(UNDER_WAY).items() if number}


def judge(service: Service, schools: Sequence[School], learners: Iterable[Learner]) -> Verdict:
    verdict = Verdict()
    rows = service.ask(ROWS)
    attempts: dict[tuple[str, str], list[list[Any]]] = {}
    for lms, sub, *attempt in rows["attempts"]:
        attempts.setdefault((lms, sub), []).append(attempt)
    places = {id(school): (school.subs(), school.cells()) for school in schools}
    for learner in learners:
        subs, cells = places[id(learner.school)]
        sub = subs[learner.key]
        own = sorted(attempts.get((learner.school.lms.manner, sub), []))
        _judge_attempts(verdict, learner, own)
        if own:
            _judge_cell(verdict, learner, own, cells[sub])
    states = Counter(f"{state} {error}".strip() for _, _, state, error in rows["scores"])
    for state, number in states.items():
        if state != "sent":
            verdict.note(f"{number} grades are '{state}'")
    return verdict


def _judge_attempts(verdict: Verdict, learner: Learner, own: list[list[Any]]) -> None:
    verdict.acknowledged += len(learner.answers)
    times = Counter(number for number, *_ in own)
    for number, choice in enumerate(learner.answers, 1):
        found = [row for row in own if row[0] == number]
        if not found or found[0][1] != choice or found[0][3] is None:
            verdict.lost += 1
            verdict.note(f"{learner.key}: attempt {number} ({choice}) was acknowledged; there is {found}")
    verdict.doubled += sum(number - 1 for number in times.values())
    known = len(learner.answers) + bool(learner.unsure)
    verdict.unasked += sum(1 for number in times if number > known)


def _judge_cell(verdict: Verdict, learner: Learner, own: list[list[Any]], cell: dict[str, Any]) -> None:
    verdict.cells += 1
    last = own[-1]
    right = 10.0 if last[1] == RIGHT else 0.0
    if cell.get("score") != right:
        verdict.wrong += 1
        verdict.note(
            f"{learner.school.lms.manner}, {learner.key}: the gradebook shows {cell.get('score')}, not {right}"
        )
    history = cell.get("history", [])
    verdict.received += len(history)
    known = {moment(row[3]).timestamp(): row for row in own if row[3]}
    newest, seen = 0, set()
    for sent, given in _sent(history):
        number, choice = next((row[:2] for at, row in known.items() if abs(at - sent) <= SAME_TIME), (0, ""))
        if not number or bool(given) != (choice == RIGHT):
            verdict.note(f"{learner.key}: a score of {given} for {sent} is no attempt's")
            continue
        # By number: while the clock is being set, a later attempt may have an earlier time.
        verdict.again += number in seen
        verdict.overtaken += number < newest
        seen.add(number)
        newest = max(newest, number)


def _sent(history: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """When the attempt was submitted, and its points: of each score that the LMS took, oldest first."""
    for body in history:
        yield moment(body["submission"]["submittedAt"]).timestamp(), body["scoreGiven"]
