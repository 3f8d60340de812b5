"""The numbers over the rows of `completion`: totals, by course, by day.

Wishes that leave few rows (a course, a group, a search) are counted when they are asked for. All others are added up
from the counts that `tallies` keeps, which do not grow with the number of learners; `as_of` says how old those are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, IntegerField, Max, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from itpm_byte.insight import completion_querysets, completion_rows, tallies
from itpm_byte.insight.completion import Wish
from itpm_byte.insight.models import DayTally, PlacementTally
from itpm_byte.insight.roster import Status
from lti import tenancy
from lti.models import Context

STATUSES = tuple(status.value for status in Status)
COURSES = 50
COURSE = "placement__resource_link__context"


@dataclass(slots=True)
class Numbers:
    not_started: int = 0
    in_progress: int = 0
    completed: int = 0
    left: int = 0
    passed: int = 0
    """Of those who completed."""

    @property
    def rows(self) -> int:
        return self.not_started + self.in_progress + self.completed + self.left

    @property
    def expected(self) -> int:
        """Of whom completion is expected: all but those who left without it."""
        return self.rows - self.left

    @property
    def rate(self) -> float | None:
        """Per cent of the expected who completed."""
        return 100 * self.completed / self.expected if self.expected else None

    def add(self, group: tallies.Group) -> None:
        setattr(self, group.status, getattr(self, group.status) + group.number)
        if group.has_passed and group.status == Status.COMPLETED:
            self.passed += group.number


@dataclass(slots=True)
class CourseNumbers:
    """`course_id` is None for links that stand in no course."""

    course_id: int | None
    title: str
    institution: str
    lms: str
    term: str
    numbers: Numbers


@dataclass(slots=True)
class Report:
    """`courses` are those of the asked page, by title; `has_more` of them follow. `days`: completions by day."""

    numbers: Numbers
    courses: list[CourseNumbers]
    has_more: bool
    days: dict[date, int]
    as_of: datetime | None
    """None: counted just now."""


@dataclass(slots=True)
class _Live:
    numbers: Numbers = field(default_factory=Numbers)
    by_placement: dict[int, Numbers] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)


def report(account: Any, wish: Wish, *, offset: int = 0, limit: int = COURSES) -> Report:
    """Raises SearchTooWide."""
    wish = completion_querysets.with_found(account, wish)
    return _live(account, wish) if wish.is_narrow else _kept(account, wish, offset, limit)


def days(account: Any, wish: Wish) -> dict[date, int]:
    """Completions by day (UTC), oldest first: those that the wish is about, within its dates."""
    if wish.status not in {"", Status.COMPLETED}:
        return {}
    asked = replace(completion_querysets.with_found(account, wish), basis="completed")
    if wish.is_narrow:
        counted = _counted(account, replace(asked, status=Status.COMPLETED.value))
        return dict(sorted(counted.days.items()))
    rows = _of(DayTally.objects.filter(completed__gt=0), account, asked)
    return dict(_within(rows, asked).order_by("day").values_list("day").annotate(number=Sum("completed")))


# --- counted now


def _live(account: Any, wish: Wish) -> Report:
    counted = _counted(account, wish)
    named = completion_rows.places_by_key(counted.by_placement)
    courses: dict[int | None, CourseNumbers] = {}
    for key, numbers in counted.by_placement.items():
        place = named[key]
        new = CourseNumbers(place.course_id, place.course, place.institution, place.lms, place.term, Numbers())
        so_far = courses.setdefault(place.course_id, new).numbers
        for name in (*STATUSES, "passed"):
            setattr(so_far, name, getattr(so_far, name) + getattr(numbers, name))
    by_title = sorted(courses.values(), key=lambda course: (course.title, course.course_id or 0))
    # By last activity, days are those of other rows than these.
    by_day = days(account, wish) if wish.has_dates and wish.basis == "active" else dict(sorted(counted.days.items()))
    return Report(counted.numbers, by_title[:COURSES], len(by_title) > COURSES, by_day, None)


def _counted(account: Any, wish: Wish) -> _Live:
    counted = _Live()
    for group in tallies.groups(completion_querysets.begun(account, wish), completion_querysets.others(account, wish)):
        counted.numbers.add(group)
        counted.by_placement.setdefault(group.placement, Numbers()).add(group)
        if group.completed_on is not None:
            counted.days[group.completed_on] = counted.days.get(group.completed_on, 0) + group.number
    return counted


# --- added up from what is kept


def _kept(account: Any, wish: Wish, offset: int, limit: int) -> Report:
    rows, columns = _table(account, wish)
    sums = {name: Coalesce(Sum(column), 0) for name, column in columns.items()}
    numbers = Numbers(**rows.aggregate(**sums)) if sums else Numbers()
    found = list(_by_course(rows, sums)[offset : offset + limit + 1]) if sums else []
    named = Context.objects.select_related("deployment__institution", "deployment__registration").in_bulk(
        [course for course, *_ in found if course is not None]
    )
    courses = [_course(named.get(course), Numbers(**dict(zip(sums, values, strict=True)))) for course, *values in found]
    as_of = PlacementTally.objects.aggregate(newest=Max("counted_at"))["newest"]
    return Report(numbers, courses[:limit], len(found) > limit, days(account, wish), as_of)


def _by_course(rows: QuerySet[Any], sums: dict[str, Any]) -> QuerySet[Any]:
    """(course, sums …) of courses that have any, by title."""
    counted = rows.order_by().values_list(COURSE).annotate(**{f"sum_{name}": value for name, value in sums.items()})
    whole = sum((F(f"sum_{name}") for name in sums if name != "passed"), Value(0, output_field=IntegerField()))
    listed = counted.annotate(whole=whole).filter(whole__gt=0).order_by(f"{COURSE}__title", COURSE)
    found: QuerySet[Any] = listed.values_list(COURSE, *(f"sum_{name}" for name in sums))
    return found


def _course(course: Context | None, numbers: Numbers) -> CourseNumbers:
    if course is None:
        return CourseNumbers(None, "", "", "", "", numbers)
    deployment = course.deployment
    return CourseNumbers(
        course.pk, str(course), deployment.institution.name, deployment.registration.name, course.term, numbers
    )


def _table(account: Any, wish: Wish) -> tuple[QuerySet[Any], dict[str, str]]:
    """The kept rows that the wish is about, and which of their columns hold which number."""
    statuses: Iterable[str] = (wish.status,) if wish.status else STATUSES
    if not wish.has_dates:
        columns = {name: name for name in statuses}
        rows: QuerySet[Any] = PlacementTally.objects.all()
        passed = "passed"
    elif wish.basis == "active":
        columns = {name: f"active_{name}" for name in statuses if name != Status.NOT_STARTED}
        rows, passed = DayTally.objects.all(), "active_passed"
    else:
        columns = {name: name for name in statuses if name == Status.COMPLETED}
        rows, passed = DayTally.objects.all(), "passed"
    if Status.COMPLETED in columns:
        columns["passed"] = passed
    rows = _of(rows, account, wish)
    return (_within(rows, wish) if wish.has_dates else rows), columns


def _of(rows: QuerySet[Any], account: Any, wish: Wish) -> QuerySet[Any]:
    asks_for_places = any((wish.institution, wish.lms, wish.term, wish.byte))
    if asks_for_places or not tenancy.sees_all(account):
        rows = rows.filter(placement__in=completion_querysets.places(account, wish))
    return rows if wish.version is None else rows.filter(byte__version=wish.version)


def _within(rows: QuerySet[Any], wish: Wish) -> QuerySet[Any]:
    if wish.since is not None:
        rows = rows.filter(day__gte=wish.since)
    return rows if wish.until is None else rows.filter(day__lte=wish.until)


# --- the trend


@dataclass(frozen=True, slots=True)
class Step:
    """One day, week (from Monday) or month: completions in it, and all up to its end."""

    begins: date
    completed: int
    so_far: int


def steps(by_day: dict[date, int]) -> tuple[str, list[Step]]:
    """("day" | "week" | "month", steps without gaps): as fine as still can be seen in one picture."""
    if not by_day:
        return "day", []
    first, last = min(by_day), max(by_day)
    span = (last - first).days
    unit = "day" if span <= 45 else "week" if span <= 400 else "month"
    sums: dict[date, int] = {}
    at = _begin_of(first, unit)
    while at <= last:
        sums[at] = 0
        at = _next(at, unit)
    for day, number in by_day.items():
        sums[_begin_of(day, unit)] += number
    so_far, found = 0, []
    for begins, number in sums.items():
        so_far += number
        found.append(Step(begins, number, so_far))
    return unit, found


def _begin_of(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next(day: date, unit: str) -> date:
    if unit == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if unit == "week" else 1)
