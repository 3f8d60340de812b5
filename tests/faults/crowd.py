"""Hundreds of learners who launch and answer, and send again what was not acknowledged, as the page's outbox does."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import requests

from tests.faults.schools import School
from tests.visitor import Page, Visitor

RIGHT, WRONG = "samantha", ("peter", "rachel", "george")
# As post.js and outbox.js have it, but for the longest pause: a run should not wait for half a minute.
PATIENCE, FIRST_PAUSE, LONGEST_PAUSE = 15.0, 1.0, 8.0
AGAIN = {408, 425, 429}
# Every so many answers a learner comes back by a new launch.
LAUNCH_EVERY = 8


@dataclass
class Learner:
    school: School
    key: str
    visitor: Visitor = field(default_factory=Visitor)
    address: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)  # what was acknowledged: the option of attempt 1, 2, …
    unsure: str = ""  # sent, never acknowledged: may be there or not

    def read(self, page: Page) -> None:
        form = page.form("/answer/")
        self.address = form.action
        self.fields = {name: values[0] for name, values in form.fields.items() if name != "choice"}


@dataclass
class Seen:
    """What learners met; times in seconds."""

    answered: list[float] = field(default_factory=list)  # one request that was acknowledged
    acknowledged: list[float] = field(default_factory=list)  # from the press of the button, with all repeats
    unhappy: Counter[str] = field(default_factory=Counter)  # statuses and broken connections that were tried again
    errors_at: list[float] = field(default_factory=list)  # time.time() of each answer of 500 and above
    refused: list[str] = field(default_factory=list)  # a last word that was no acknowledgement: never right
    launches: int = 0
    launches_again: Counter[str] = field(default_factory=Counter)


class Crowd:
    """`submits` answers in `seconds`, by `threads` at a time."""

    def __init__(self, schools: Sequence[School], *, submits: int, seconds: float, threads: int, seed: int) -> None:
        self.learners = [Learner(school, key) for school in schools for key in school.learners]
        random.Random(seed).shuffle(self.learners)
        self.submits, self.seconds = submits, seconds
        self.seen, self.stopping = Seen(), threading.Event()
        self._lock, self._begun, self._seed = threading.Lock(), 0, seed
        self._shares = [self.learners[place::threads] for place in range(threads)]
        self._threads: list[threading.Thread] = []

    @property
    def begun(self) -> int:
        """How many answers were given so far."""
        return self._begun

    def start(self) -> None:
        # What was given before counts as given in time.
        self._started = time.monotonic() - self._begun * self.seconds / self.submits
        self._threads = [
            threading.Thread(target=self._live, args=(share, self._seed + place), daemon=True)
            for place, share in enumerate(self._shares)
        ]
        for thread in self._threads:
            thread.start()

    def go_on(self, *, submits: int, seconds: float) -> None:
        """After `finish`: so many more answers in so many seconds, by the same people."""
        rate = seconds / submits
        self.submits += submits
        self.seconds = self.submits * rate
        self.stopping.clear()
        self.start()

    def finish(self, patience: float) -> None:
        """Wait until all is acknowledged; after so many seconds what is under way counts as unsure."""
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self.stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE * 3)

    def _live(self, learners: list[Learner], seed: int) -> None:
        chance = random.Random(seed)
        turn = 0
        while not self.stopping.is_set() and (place := self._next()) is not None:
            self.stopping.wait(self._started + place * self.seconds / self.submits - time.monotonic())
            learner = learners[turn % len(learners)]
            turn += 1
            if not learner.address or chance.randrange(LAUNCH_EVERY) == 0:
                self._launch(learner)
            # Each attempt changes the grade: else the LMS would not hear of it.
            self._answer(learner, chance.choice(WRONG) if learner.answers[-1:] == [RIGHT] else RIGHT)

    def _next(self) -> int | None:
        with self._lock:
            if self._begun >= self.submits:
                return None
            self._begun += 1
            return self._begun - 1

    def _launch(self, learner: Learner) -> None:
        """Until the Byte is open. Whoever cannot get in begins anew from the course, as people do."""

        def once() -> str:
            visitor = Visitor()
            page = learner.school.launch(visitor, learner.key)
            if page.status != 200 or not page.url.partition("/l/")[1]:
                return f"{page.status}"
            page = visitor.open(f"{page.url.partition('#')[0]}?again=1") if learner.answers else page
            if page.status != 200:
                return f"{page.status}"
            learner.visitor = visitor
            learner.read(page)
            return ""

        self._again(once, self.seen.launches_again)
        with self._lock:
            self.seen.launches += 1

    def _answer(self, learner: Learner, choice: str) -> None:
        if not learner.address:
            return  # the run ended before the door opened
        number = len(learner.answers) + 1
        body = {**learner.fields, "attempt": str(number), "choice": choice}
        headers = {"Origin": learner.address.partition("/l/")[0], "Byte-Fragment": "1"}
        begun, learner.unsure = time.monotonic(), choice

        def once() -> str:
            sent = time.monotonic()
            answer = learner.visitor.session.post(learner.address, data=body, headers=headers, timeout=PATIENCE)
            if answer.status_code >= 500 or answer.status_code in AGAIN:
                self._note_error(answer.status_code)
                return str(answer.status_code)
            self._settle(learner, choice, answer, sent, begun)
            return ""

        self._again(once, self.seen.unhappy)

    def _settle(self, learner: Learner, choice: str, answer: requests.Response, sent: float, begun: float) -> None:
        now = time.monotonic()
        with self._lock:
            if answer.status_code == 200 and "Your answer is saved." in answer.text:
                learner.answers.append(choice)
                learner.unsure = ""
                self.seen.answered.append(now - sent)
                self.seen.acknowledged.append(now - begun)
            else:
                self.seen.refused.append(f"{answer.status_code} for {learner.key}, attempt {len(learner.answers) + 1}")
                learner.address = ""  # from the course once more

    def _note_error(self, status: int) -> None:
        if status >= 500:
            with self._lock:
                self.seen.errors_at.append(time.time())

    def _again(self, once: Callable[[], str], noted: Counter[str]) -> None:
        """Until `once` answers "", with growing pauses; what it was instead is counted."""
        pause = FIRST_PAUSE
        while not self.stopping.is_set():
            try:
                trouble = once()
            except (requests.RequestException, AssertionError, IndexError, RuntimeError) as problem:
                trouble = "timeout" if isinstance(problem, requests.Timeout) else type(problem).__name__
            if not trouble:
                return
            with self._lock:
                noted[trouble] += 1
            self.stopping.wait(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE)
