"""Makes the crowd: the same sizes, seed and day give the same rows."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from itpm_byte.content.models import Byte
from itpm_byte.engine.crowd import bulk, people, work
from itpm_byte.engine.crowd.work import DAY, TERM_DAYS, Budget, Paper
from itpm_byte.learning.models import Attempt, Placement, Progress, Response
from lti.models import (
    Context,
    Deployment,
    Group,
    GroupMember,
    Institution,
    LineItem,
    Membership,
    PlatformUser,
    Registration,
    ResourceLink,
    Role,
    Score,
)

SUBJECTS = ("Careers", "Digital Skills", "Project Work", "First Year Seminar", "Business IT", "Study Skills")
TERMS = 4
COURSES_PER_LEARNER = 3
BEGUN_SHARE = 0.8
GROUPS = 4
AT_A_TIME = 20  # courses held in memory
PRODUCTS = ("moodle", "canvas", "desire2learn", "blackboard")
STATES = (*["sent"] * 95, *["failed"] * 2, *["changed"] * 2, "unavailable")

COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    PlatformUser: ("id", "registration_id", "sub", "name", "email"),
    Context: ("id", "deployment_id", "context_id", "title", "label", "term", "roster_synced_at"),
    Membership: ("id", "context_id", "user_id", "role", "status", "last_launch_at", "roster_seen_at"),
    Group: ("id", "context_id", "group_id", "name"),
    GroupMember: ("id", "group_id", "user_id"),
    ResourceLink: ("id", "deployment_id", "context_id", "resource_link_id", "title"),
    LineItem: ("id", "deployment_id", "resource_link_id", "url", "score_maximum"),
    Placement: ("id", "uuid", "resource_link_id", "byte_id", "which_counts", "grade_on", "created_at"),
    Progress: (
        *("id", "placement_id", "learner_id", "started_at", "last_activity_at", "completed_at"),
        *("attempts_submitted", "counted_points", "counted_possible"),
    ),
    Attempt: (
        *("id", "uuid", "placement_id", "learner_id", "byte_id", "number", "started_at", "submitted_at"),
        *("points", "points_possible"),
    ),
    Response: ("id", "attempt_id", "question_id", "choice_id", "answered_at"),
    Score: (
        *("id", "line_item_id", "user_id", "score_given", "score_maximum", "activity_progress", "grading_progress"),
        *("timestamp", "state", "sent_at", "sent_given", "last_error"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`until` is the last day on which anything happened."""

    courses: int
    learners: int
    progress: int
    attempts: int
    seed: int
    until: datetime


@dataclass
class Course:
    number: int
    registration: int
    deployment: int
    term: int
    members: list[int] = field(default_factory=list)


class Making:
    """One run. `report` is told how far it is."""

    def __init__(self, size: Size, versions: Sequence[Byte], report: Callable[[str], None]) -> None:
        self.size, self.report = size, report
        self.rng = random.Random(size.seed)  # noqa: S311 - made-up people, no secrets  # nosec
        self.papers = work.papers(versions, self.rng)
        self.ends = size.until.astimezone(UTC).timestamp()
        self.keys = {model: bulk.next_key(model) for model in COLUMNS}
        self.rows: dict[type[models.Model], list[tuple[Any, ...]]] = {model: [] for model in COLUMNS}

    def run(self) -> None:
        with transaction.atomic():
            bulk.without_reference_checks()
            courses = self._courses()
            seats = sum(len(course.members) for course in courses)
            each = max(1, round(self.size.progress / BEGUN_SHARE / seats), -(-self.size.progress // seats))
            self.begun = Budget(self.size.progress, seats * each, self.rng)
            self.tries = Budget(self.size.attempts, self.size.progress, self.rng)
            for done, course in enumerate(courses, 1):
                self._course(course, each)
                if done % AT_A_TIME == 0 or done == len(courses):
                    self._flush()
                    self.report(f"{done} of {len(courses)} courses")
            bulk.advance(*COLUMNS)

    def _add(self, model: type[models.Model], *values: Any) -> int:
        key = self.keys[model]
        self.keys[model] = key + 1
        self.rows[model].append((key, *values))
        return key

    def _flush(self) -> None:
        for model, names in COLUMNS.items():
            if self.rows[model]:
                bulk.fill(model, names, self.rows[model])
                self.rows[model] = []

    # --- who there is

    def _courses(self) -> list[Course]:
        """Courses with the keys of their learners; institutions, LMSs and people are written down on the way."""
        courses = []
        share = max(1, self.size.courses // 50)
        for number in range(share):
            registration, deployment = self._lms(number)
            own = range(number, self.size.courses, share)
            here = [Course(each, registration, deployment, self.rng.randrange(TERMS)) for each in own]
            learners = [self._person(registration, n) for n in range(number, self.size.learners, share)]
            _enrol(here, learners, self.rng)
            courses += here
        self._flush()
        return courses

    def _lms(self, number: int) -> tuple[int, int]:
        """Two LMSs belong to one institution now and then."""
        name = f"demo-{self.size.seed}-{number}"
        if number % 5 == 4:
            institution = Institution.objects.get(slug=f"demo-{self.size.seed}-{number - 1}")
        else:
            institution = Institution.objects.create(name=f"Demo institution {number + 1}", slug=name)
        address = f"https://{name}.invalid"
        registration = Registration.objects.create(
            institution=institution,
            name=f"Demo LMS {number + 1}",
            issuer=address,
            client_id=name,
            auth_login_url=f"{address}/auth",
            auth_token_url=f"{address}/token",
            jwks_url=f"{address}/jwks",
            product=PRODUCTS[number % len(PRODUCTS)],
        )
        deployment = Deployment.objects.create(registration=registration, institution=institution, deployment_id="1")
        return registration.pk, deployment.pk

    def _person(self, registration: int, number: int) -> int:
        name = people.name(self.rng)
        return self._add(PlatformUser, registration, f"p{number}", name, f"person.{number}@demo.invalid")

    # --- what they did

    def _course(self, course: Course, placements: int) -> None:
        starts = self.ends - (course.term + 1) * TERM_DAYS * DAY
        title = f"{SUBJECTS[course.number % len(SUBJECTS)]} {course.number + 1}"
        day = datetime.fromtimestamp(starts, UTC)
        term = f"{day.year} {'spring' if day.month < 7 else 'autumn'}"
        synced = self.size.until
        key = self._add(Context, course.deployment, f"c{course.number}", title, f"C{course.number + 1}", term, synced)
        teacher = self._person(course.registration, self.size.learners + course.number)
        self._add(Membership, key, teacher, Role.INSTRUCTOR.value, "active", synced, synced)
        for learner in course.members:
            status = "left" if self.rng.random() < 0.03 else "active"
            self._add(Membership, key, learner, Role.LEARNER.value, status, synced, synced)
        self._groups(key, course)
        for number in range(placements):
            self._placement(key, course, number, starts)

    def _groups(self, context: int, course: Course) -> None:
        groups = [self._add(Group, context, f"g{n}", f"Group {n + 1}") for n in range(GROUPS)]
        for place, learner in enumerate(course.members):
            self._add(GroupMember, groups[place % GROUPS], learner)

    def _placement(self, context: int, course: Course, number: int, starts: float) -> None:
        paper = self.papers[(number + course.term) % len(self.papers)]
        name = f"l{course.number}-{number}"
        link = self._add(ResourceLink, course.deployment, context, name, f"{paper.byte.title} {number + 1}")
        url = f"https://demo.invalid/{name}"
        column = self._add(LineItem, course.deployment, link, url, paper.byte.points_possible)
        which = self.rng.choice(("best", "best", "best", "last", "first", "average"))
        on = self.rng.choice(("quiz", "quiz", "quiz", "completion", "both"))
        uuid = UUID(int=self.rng.getrandbits(128), version=4)
        created = datetime.fromtimestamp(starts, UTC)
        placement = self._add(Placement, uuid, link, paper.byte.pk, which, on, created)
        for learner in course.members:
            if self.begun.is_taken():
                self._learner(placement, column, learner, paper, (which, on), starts)

    def _learner(
        self, placement: int, column: int, learner: int, paper: Paper, rules: tuple[str, str], starts: float
    ) -> None:
        begins = work.begins_at(starts, self.ends, self.rng)
        done = list(work.goes(self.tries.share(), paper, begins=begins, ends=self.ends - DAY / 2, rng=self.rng))
        possible = paper.byte.points_possible
        for go in done:
            points = go.way.points if go.way else None
            times = (go.started_at, go.submitted_at)
            key = self._add(Attempt, go.uuid, placement, learner, paper.byte.pk, go.number, *times, points, possible)
            for question, choice in go.way.chosen if go.way else ():
                self._add(Response, key, question, choice, go.submitted_at)
        began = datetime.fromtimestamp(int(begins), UTC)
        last = (done[-1].submitted_at or done[-1].started_at) if done else began
        grade = work.grade_of(done, possible, *rules)
        completed = next((go.submitted_at for go in done if go.submitted_at), None)
        told = (grade.points, grade.possible) if grade else (None, None)
        submitted = sum(go.submitted_at is not None for go in done)
        self._add(Progress, placement, learner, began, last, completed, submitted, *told)
        if grade:
            state = self.rng.choice(STATES)
            why = {"failed": "not_in_course", "changed": "changed_in_lms", "unavailable": "no_column"}.get(state, "")
            sent = (last, grade.points) if state in {"sent", "changed"} else (None, None)
            words = ("Completed", "FullyGraded", last, state)
            self._add(Score, column, learner, grade.points, grade.possible, *words, *sent, why)


def _enrol(courses: Sequence[Course], learners: Sequence[int], rng: random.Random) -> None:
    """Everybody into one course, then at random: some courses are large, most are small."""
    for place, learner in enumerate(learners):
        courses[place % len(courses)].members.append(learner)
    weights = [rng.lognormvariate(0, 0.6) for _ in courses]
    for course, more in zip(courses, _shares(weights, len(learners) * (COURSES_PER_LEARNER - 1)), strict=True):
        free = sorted(set(learners) - set(course.members))
        course.members += rng.sample(free, min(more, len(free)))
        course.members.sort()


def _shares(weights: Sequence[float], things: int) -> Iterator[int]:
    whole = sum(weights)
    return (int(things * weight / whole) for weight in weights)
