"""What is done to the service, in an order that a seed decides: to its processes, its machines, and its LMSs."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.machines import Machines, backup_to_full_disk
from tests.faults.schools import School, pick
from tests.faults.service import Service

Deed = Callable[[], None]

# Endpoint, kind and details of what LMSs do on bad days; "keys", "tokens" and "frozen" are done to the LMS itself.
BAD_DAYS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("scores", "status", {"status": 500}),
    ("scores", "status", {"status": 503}),
    ("services", "status", {"status": 502}),
    ("scores", "too-many", {"retry_after": "7"}),
    ("scores", "rate-limit", {}),
    ("scores", "hang", {"seconds": 6}),
    ("scores", "hang-after", {"seconds": 6}),
    ("scores", "reset", {}),
    ("scores", "reset-after", {}),
    ("results", "garbage", {}),
    ("results", "status", {"status": 503}),
    ("token", "status", {"status": 500}),
    ("token", "status", {"status": 503}),
    ("token", "too-many", {"retry_after": "5"}),
    ("token", "hang", {"seconds": 6}),
    ("token", "reset", {}),
    ("token", "html", {}),
    ("everything", "status", {"status": 503}),
    ("everything", "reset", {}),
    ("lms", "tokens", {}),
    ("lms", "keys", {}),
    ("lms", "frozen", {}),
)
# How long to look for a score on its way, when a worker is to die with one.
ON_ITS_WAY = 12.0


@dataclass
class Storm:
    """Two hands: one works on the service, one on the LMSs."""

    service: Service
    machines: Machines
    schools: Sequence[School]
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    tell: Callable[[str], None] = print
    # When the database was away, as time.time(): errors that learners saw then were its own.
    database_away: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def run(self, deeds: Sequence[Deed], *, seconds: float) -> None:
        """All deeds, spread over the time; LMSs have bad days meanwhile. Blocks until all is well again."""
        calm = threading.Event()
        days = threading.Thread(target=self._bad_days, args=(calm, random.Random(self.seed + 1)), daemon=True)
        days.start()
        begun = time.monotonic()
        for place, deed in enumerate(deeds):
            time.sleep(max(0.0, begun + place * seconds / len(deeds) - time.monotonic()))
            self.tell(deed.__name__.replace("_", " "))
            deed()
        calm.set()
        days.join()
        for school in self.schools:
            school.lms.faults.clear()

    def deeds(self, kills: int) -> list[Deed]:
        """At least so many kills, with everything else in between."""
        chance = self.chance
        kinds: list[Deed] = []
        killing = {self.kill_worker: 3, self.kill_before_send: 3, self.kill_after_send: 3, self.kill_web: 4}
        turns = [deed for deed, share in killing.items() for _ in range(share)]
        # A deed that kills both workers counts as two.
        expected = 0
        while expected < kills:
            deed = turns[len(kinds) % len(turns)]
            kinds.append(deed)
            expected += 2 if deed in {self.kill_before_send, self.kill_after_send} and not self.service.is_whole else 1
        others: list[Deed] = [self.kill_everything, self.fill_disk] * 2
        if not self.service.is_whole:
            # On one machine with SQLite a process that freezes while it writes stops all others: so it is.
            others += [self.pause_worker] * 2
        if self.machines.postgres:
            others += [self.restart_postgres, self.crash_postgres] * 2
        if self.machines.redis:
            others += [self.flush_redis] * 2 + [self.restart_redis]
        if self.machines.clock:
            others += [self.clock_ahead, self.clock_behind] * 2
        chance.shuffle(kinds)
        for deed in others:
            kinds.insert(chance.randrange(len(kinds)), deed)
        return kinds

    # To the service's processes

    def kill_worker(self) -> None:
        self.service.kill_worker("worker", self.chance.uniform(0, 3))

    def kill_web(self) -> None:
        self.service.kill_web(self.chance.uniform(0, 2))

    def kill_everything(self) -> None:
        self.service.kill_all(self.chance.uniform(1, 4))

    def kill_before_send(self) -> None:
        """The score is claimed, its request on its way; the LMS never takes it."""
        self._kill_on_its_way("hang", "worker between claim and send")

    def kill_after_send(self) -> None:
        """The LMS has the score, and nobody writes that down."""
        self._kill_on_its_way("hang-after", "worker between send and mark")

    def _kill_on_its_way(self, kind: str, name: str) -> None:
        with self._one_school() as school:
            school.lms.faults.add("scores", kind, seconds=60)
            is_held = self._wait(lambda: school.lms.faults.held > 0, ON_ITS_WAY)
            self.service.kill_worker(name if is_held else "worker", 0.5, both=True)
            school.lms.faults.clear()

    def pause_worker(self) -> None:
        """With a score on its way, for longer than its lease lasts."""
        with self._one_school() as school:
            school.lms.faults.add("scores", "hang-after", times=2, seconds=60)
            self._wait(lambda: school.lms.faults.held > 0, ON_ITS_WAY)
            lease = int(self.service.tool.environment["LTI_LEASE_SECONDS"])
            threading.Timer(lease / 2, school.lms.faults.clear).start()
            self.service.pause_worker(lease + 3)
        self.done["worker frozen for longer than its lease"] += 1

    # To the machines

    def restart_postgres(self) -> None:
        self._without_database("PostgreSQL restarted", lambda: self.machines.restart_postgres(crash=False))

    def crash_postgres(self) -> None:
        self._without_database("PostgreSQL crashed", lambda: self.machines.restart_postgres(crash=True))

    def _without_database(self, name: str, deed: Deed) -> None:
        begun = time.time()
        deed()
        self.database_away.append((begun, time.time()))
        self.done[name] += 1

    def flush_redis(self) -> None:
        self.machines.flush_redis()
        self.done["Redis flushed"] += 1

    def restart_redis(self) -> None:
        self.machines.restart_redis()
        self.done["Redis killed, empty afterwards"] += 1

    def fill_disk(self) -> None:
        if problem := backup_to_full_disk(self.service.tool.environment):
            self.problems.append(problem)
        self.done["backup to a full disk"] += 1

    def clock_ahead(self) -> None:
        self._step_clock(90)

    def clock_behind(self) -> None:
        self._step_clock(-90)

    def _step_clock(self, seconds: int) -> None:
        self.machines.set_clock(seconds)
        time.sleep(15)
        self.machines.set_clock(0)
        self.done[f"clock stepped by {seconds:+d} s and back"] += 1

    # To the LMSs

    def _bad_days(self, calm: threading.Event, chance: random.Random) -> None:
        while not calm.wait(chance.uniform(0.5, 3)):
            endpoint, kind, details = chance.choice(BAD_DAYS)
            school = pick(self.schools, chance, patience=3)
            if school is None:
                continue
            try:
                self._bad_day(school, endpoint, kind, details, calm, chance.uniform(3, 15))
            finally:
                school.busy.release()

    def _bad_day(
        self,
        school: School,
        endpoint: str,
        kind: str,
        details: dict[str, object],
        calm: threading.Event,
        seconds: float,
    ) -> None:
        name = f"LMS: {endpoint} {kind} {details.get('status', '')}".strip()
        self.tell(f"{name} ({school.lms.manner})")
        self.done[name] += 1
        match endpoint, kind:
            case "lms", "tokens":
                school.lms.forget_tokens()
            case "lms", "keys":
                school.lms.rotate_keys()
            case "lms", "frozen":
                with school.lms.frozen():
                    calm.wait(seconds * 2)
            case _:
                school.lms.faults.add(endpoint, kind, **details)
                calm.wait(seconds)
                school.lms.faults.clear()

    @contextlib.contextmanager
    def last_blow(self) -> Iterator[None]:
        """All LMSs are away, then everything of ours is killed: what waits by then must find its way by itself."""
        for school in self.schools:
            school.lms.faults.add("services", "status", status=503)
            school.lms.faults.add("token", "status", status=503)
        yield
        self.service.kill_all(1)
        for school in self.schools:
            school.lms.faults.clear()

    @contextlib.contextmanager
    def _one_school(self) -> Iterator[School]:
        while (school := pick(self.schools, self.chance, patience=20)) is None:
            pass
        try:
            yield school
        finally:
            school.busy.release()

    @staticmethod
    def _wait(is_so: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(0.05)
        return False
