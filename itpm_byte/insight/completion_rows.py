"""One row of the completion report, and its columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.insight.tables import Column, Table
from itpm_byte.learning.models import Placement

# In the order in which `row_of` takes them; the first two are the key.
COLUMNS_OF_BEGUN = (
    *("placement_id", "learner_id", "learner__name", "learner__email", "learner__sub", "status", "has_left"),
    *("started_at", "completed_at", "last_activity_at", "attempts_submitted", "byte_key"),
    *("counted_points", "counted_possible", "own__override_points", "own__override_possible", "own__is_exempt"),
    "grade",
)
COLUMNS_OF_OTHERS = (
    *("pk", "seat_user", "seat__user__name", "seat__user__email", "seat__user__sub", "status"),
    "byte_id",
)
ONE_PLACE = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Place:
    """A placement with the names of everything around it."""

    placement_id: int
    uuid: UUID
    activity: str
    course_id: int | None
    course: str
    term: str
    institution_id: int
    institution: str
    lms_id: int
    lms: str
    byte_slug: str
    pass_mark: int
    versions: dict[int, tuple[str, int]]
    """(title, version) of each version of its Byte, by key."""


class Row(NamedTuple):
    """One learner at one placement. `points` of `possible` is what counts, None while nothing does."""

    place: Place
    learner_id: int
    name: str
    email: str
    sub: str
    status: str
    has_left: bool
    started_at: datetime | None
    completed_at: datetime | None
    last_activity_at: datetime | None
    attempts: int
    byte_id: int
    points: Decimal | None
    possible: int | None
    is_exempt: bool
    grade: str

    @property
    def key(self) -> tuple[int, int]:
        return self.place.placement_id, self.learner_id

    @property
    def byte_title(self) -> str:
        return self.place.versions[self.byte_id][0]

    @property
    def version(self) -> int:
        return self.place.versions[self.byte_id][1]

    @property
    def per_cent(self) -> Decimal | None:
        """One decimal place."""
        if self.points is None or not self.possible:
            return None
        return (self.points * 100 / self.possible).quantize(ONE_PLACE, ROUND_HALF_UP)

    @property
    def has_passed(self) -> bool | None:
        """None where nothing counts."""
        if self.points is None or self.possible is None or self.is_exempt:
            return None
        return self.points * 100 >= self.possible * self.place.pass_mark

    @property
    def status_words(self) -> str:
        return STATUS_WORDS[self.status]

    @property
    def grade_words(self) -> str:
        return GRADE_WORDS[self.grade]


STATUS_WORDS = {str(value): str(label) for value, label in Status.choices}
GRADE_WORDS = {str(value): str(label) for value, label in GradeState.choices}


def row_of(values: tuple[Any, ...], place: Place) -> Row:
    """From COLUMNS_OF_BEGUN or COLUMNS_OF_OTHERS."""
    if len(values) == len(COLUMNS_OF_OTHERS):
        _place, learner, name, email, sub, status, byte = values
        nothing: Any = (None, None, None, 0, byte, None, None, False, "none")
        return Row(place, learner, _shown(name, email, learner), email, sub, status, status == "left", *nothing)
    (_place, learner, name, email, sub, status, left, started, completed, active, attempts, byte) = values[:12]
    points, possible, own_points, own_possible, exempt, grade = values[12:]
    if own_points is not None:
        points, possible = own_points, own_possible
    counted: Any = (started, completed, active, attempts, byte, points, possible, bool(exempt), grade)
    return Row(place, learner, _shown(name, email, learner), email, sub, status, left, *counted)


def _shown(name: str, email: str, key: int) -> str:
    return name or email.partition("@")[0] or _now("Participant %(number)s") % {"number": key}


def places_by_key(keys: Iterable[int]) -> dict[int, Place]:
    """Two queries."""
    found = Placement.objects.filter(pk__in=keys).values_list(
        *("pk", "resource_link__title", "resource_link__resource_link_id", "resource_link__context_id"),
        *("resource_link__context__title", "resource_link__context__label", "resource_link__context__context_id"),
        *("resource_link__context__term", "resource_link__deployment__institution_id"),
        *("resource_link__deployment__institution__name", "resource_link__deployment__registration_id"),
        *("resource_link__deployment__registration__name", "byte__slug", "pass_mark", "byte__pass_mark"),
        "uuid",
    )
    rows = list(found)
    versions: dict[str, dict[int, tuple[str, int]]] = {}
    known = Byte.objects.filter(slug__in={row[12] for row in rows}).values_list("slug", "pk", "title", "version")
    for slug, key, title, version in known:
        versions.setdefault(slug, {})[key] = (title, version)
    return {row[0]: _place(row, versions[row[12]]) for row in rows}


def _place(row: tuple[Any, ...], versions: dict[int, tuple[str, int]]) -> Place:
    key, title, link, course, course_title, label, course_id, term, owner, owner_name, lms, lms_name = row[:12]
    slug, own_mark, byte_mark, uuid = row[12:]
    return Place(
        placement_id=key,
        uuid=uuid,
        activity=title or link,
        course_id=course,
        course=course_title or label or course_id or "",
        term=term or "",
        institution_id=owner,
        institution=owner_name,
        lms_id=lms,
        lms=lms_name,
        byte_slug=slug,
        pass_mark=byte_mark if own_mark is None else own_mark,
        versions=versions,
    )


TABLE: Table[Row] = Table(
    "completion",
    (
        Column("institution", _("Institution"), lambda row: row.place.institution),
        Column("lms", _("Learning platform"), lambda row: row.place.lms),
        Column("course", _("Course"), lambda row: row.place.course),
        Column("term", _("Term"), lambda row: row.place.term),
        Column("activity", _("Activity"), lambda row: row.place.activity),
        Column("byte", _("Byte"), lambda row: row.byte_title),
        Column("version", _("Version"), lambda row: row.version),
        Column("learner", _("Learner"), lambda row: row.name),
        Column("email", _("E-mail"), lambda row: row.email),
        Column("learner_id", _("Learner’s ID in the platform"), lambda row: row.sub),
        Column("status", _("Status"), lambda row: STATUS_WORDS[row.status]),
        Column("has_left", _("Left the course"), lambda row: row.has_left),
        Column("started_at", _("Started (UTC)"), lambda row: row.started_at),
        Column("completed_at", _("Completed (UTC)"), lambda row: row.completed_at),
        Column("attempts", _("Attempts"), lambda row: row.attempts),
        Column("points", _("Points"), lambda row: row.points),
        Column("possible", _("Points possible"), lambda row: row.possible),
        Column("per_cent", _("Per cent"), lambda row: row.per_cent),
        Column("passed", _("Passed"), lambda row: row.has_passed),
        Column("grade", _("Grade in the platform"), lambda row: GRADE_WORDS[row.grade]),
        Column("last_activity_at", _("Last activity (UTC)"), lambda row: row.last_activity_at),
    ),
    # Down to the version.
    alike=7,
    of=lambda row: (row.place.placement_id, row.byte_id),
)
