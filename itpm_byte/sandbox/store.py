"""What the pretend LMS remembers: people, courses, links, grade columns, grades. In memory, under one lock.

With a state file, every change is written as a JSON snapshot (whole file, renamed into place), so a restart forgets
nothing but log-ins and access tokens.
"""

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TEACHER, ASSISTANT, LEARNER = "teacher", "assistant", "learner"


@dataclass
class Person:
    """`key` is the short name used by pages and tests ("lin"), `id` what the LMS calls them in tokens (`sub`)."""

    key: str
    id: str
    name: str
    given_name: str
    family_name: str
    email: str
    about: str = ""
    language: str = "en"
    is_admin: bool = False
    is_test_user: bool = False


@dataclass
class Course:
    key: str
    id: str
    label: str
    title: str
    history: list[str] = field(default_factory=list)  # ids of the courses it was copied from, newest first


@dataclass
class Enrolment:
    course: str  # Course.key
    person: str  # Person.key
    role: str  # teacher, assistant or learner
    is_active: bool = True


@dataclass
class Link:
    """An activity of a course that opens the tool. `id` is the resource_link id, `activity` its number in addresses."""

    key: str
    course: str
    id: str
    activity: int
    title: str
    description: str = ""
    opens_in: str = "iframe"  # or "window"
    custom: dict[str, str] = field(default_factory=dict)
    score_maximum: float = 1  # of the grade column made with the link
    line_item_claim: str = "url"  # or "absent", or "empty" (Moodle's "" once a tool made a column itself)
    is_hidden: bool = False
    history: list[str] = field(default_factory=list)  # ids of the links it was copied from, newest first


@dataclass
class Group:
    """Some learners of a course. `members` are keys of people."""

    key: str
    course: str
    id: str
    name: str
    set_name: str = ""
    members: list[str] = field(default_factory=list)


@dataclass
class LineItem:
    """A grade column. `link` is the key of the link it belongs to, None for one that stands alone."""

    id: int
    course: str
    label: str
    score_maximum: float
    link: str | None = None
    resource_id: str = ""
    tag: str = ""
    submission_review: dict[str, Any] | None = None
    is_locked: bool = False
    is_deleted: bool = False
    attempts_allowed: int = 0  # Canvas: how many submissions are taken, 0 for any number


@dataclass
class Grade:
    """One cell of the gradebook. `score` is on the scale of the column; None is "no grade"."""

    line_item: int
    person: str
    score: float | None = None
    comment: str = ""
    timestamp: str = ""  # as the tool sent it
    received_at: str = ""
    overridden: float | None = None  # a teacher's own mark, shown instead
    is_locked: bool = False
    submissions: int = 0  # Canvas: every new submission is a new attempt there
    last_submitted_at: str = ""
    work_url: str = ""  # Canvas: what the newest submission says is to be launched to look at it
    history: list[dict[str, Any]] = field(default_factory=list)  # bodies accepted, oldest first


@dataclass
class Registration:
    """What this LMS was told about the tool."""

    client_id: str
    deployment_id: str
    tool_url: str
    login_url: str
    redirect_uris: list[str]
    target_link_uri: str
    jwks_url: str
    scopes: list[str]
    shares_names: bool = True
    shares_emails: bool = True


class Store:
    """Everything by key. Change it inside `changing()`, which holds the lock and writes the snapshot."""

    def __init__(self, registration: Registration, state_file: Path | None = None) -> None:
        self.registration = registration
        self.people: dict[str, Person] = {}
        self.courses: dict[str, Course] = {}
        self.enrolments: dict[str, Enrolment] = {}  # "course:person"
        self.links: dict[str, Link] = {}
        self.groups: dict[str, Group] = {}
        self.line_items: dict[str, LineItem] = {}  # str(id)
        self.grades: dict[str, Grade] = {}  # "line item id:person"
        self.signing_key: dict[str, str] = {}  # kid and PEM, so that a restart signs with the key the tool knows
        self.state_file = state_file
        self._lock = threading.RLock()

    @contextmanager
    def changing(self) -> Iterator[None]:
        with self._lock:
            yield
            if self.state_file:
                self._write(self.state_file)

    # Finding

    def person_by_id(self, person_id: str) -> Person | None:
        return next((person for person in self.people.values() if person.id == person_id), None)

    def course_by_id(self, course_id: str) -> Course | None:
        return next((course for course in self.courses.values() if course.id == course_id), None)

    def link_by_id(self, link_id: str) -> Link | None:
        return next((link for link in self.links.values() if link.id == link_id), None)

    def link_by_activity(self, activity: int) -> Link | None:
        return next((link for link in self.links.values() if link.activity == activity), None)

    def enrolment(self, course: str, person: str) -> Enrolment | None:
        return self.enrolments.get(f"{course}:{person}")

    def roster(self, course: str) -> list[tuple[Person, Enrolment]]:
        rows = [enrolment for enrolment in list(self.enrolments.values()) if enrolment.course == course]
        return [(self.people[row.person], row) for row in rows]

    def links_of(self, course: str) -> list[Link]:
        return [link for link in self.links.values() if link.course == course]

    def line_items_of(self, course: str) -> list[LineItem]:
        return [item for item in list(self.line_items.values()) if item.course == course and not item.is_deleted]

    def line_item_of(self, link: Link) -> LineItem | None:
        return next((item for item in self.line_items_of(link.course) if item.link == link.key), None)

    def grade(self, item: LineItem, person: str) -> Grade | None:
        return self.grades.get(f"{item.id}:{person}")

    # Changing (inside `changing()`)

    def add_line_item(self, **fields: Any) -> LineItem:
        item = LineItem(id=max((row.id for row in self.line_items.values()), default=28) + 1, **fields)
        self.line_items[str(item.id)] = item
        return item

    def enrol(self, course: str, person: str, role: str) -> None:
        self.enrolments[f"{course}:{person}"] = Enrolment(course=course, person=person, role=role)

    def grade_to_change(self, item: LineItem, person: str) -> Grade:
        return self.grades.setdefault(f"{item.id}:{person}", Grade(line_item=item.id, person=person))

    # Keeping

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it; `restore` reads it back."""
        with self._lock:
            rooms = {name: {key: asdict(row) for key, row in getattr(self, name).items()} for name in ROOMS}
            return {"registration": asdict(self.registration), "signing_key": self.signing_key, **rooms}

    def restore(self, kept: dict[str, Any]) -> None:
        with self._lock:
            self.registration = Registration(**kept["registration"])
            self.signing_key = kept.get("signing_key", {})
            for name, row_class in ROOMS.items():
                setattr(self, name, {key: row_class(**row) for key, row in kept.get(name, {}).items()})

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self.as_dict(), file, ensure_ascii=False, indent=1)
        Path(temporary).replace(path)


ROOMS: dict[str, type[Any]] = {
    "people": Person,
    "courses": Course,
    "enrolments": Enrolment,
    "links": Link,
    "groups": Group,
    "line_items": LineItem,
    "grades": Grade,
}
