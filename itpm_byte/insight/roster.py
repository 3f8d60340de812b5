"""Who learns at a placement, and how far everybody is: the one query behind overview, file and API.

    rows = roster.learners(placement)                  # a queryset of PlatformUser with annotations
    rows = roster.narrowed(rows, roster.Wish(status="completed", search="lin"))
    rows = roster.in_order(rows, "-score")
    for learner in roster.read(rows, placement): …     # Learner, two queries for any number of rows

Listed are the learners of the course, those who left it, and whoever has progress here; never test users, nor those
whom a launch showed to be staff.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from itpm_byte.insight.standing import GradeState, Status, ranked, with_standing
from itpm_byte.learning.models import Placement, Progress
from lti import products
from lti.grades import advice
from lti.models import (
    Context,
    Group,
    GroupMember,
    LineItem,
    Membership,
    PlatformUser,
    Registration,
    ResourceLink,
    Role,
    Score,
)
from lti.prepared import Prepared, Unseen

__all__ = ["GradeState", "Learner", "Status", "Wish", "in_order", "learners", "narrowed", "read"]

STAFF = (Role.ADMINISTRATOR, Role.INSTRUCTOR, Role.CONTENT_DEVELOPER, Role.TEACHING_ASSISTANT)
NO_STAFF = tuple(role for role in Role.values if role not in STAFF)
# Learners that are in memory at once while a file is written.
CHUNK = 1000
MISSING = _("It was sent, but the gradebook shows no grade. If it stays so, resend it.")


@dataclass(frozen=True)
class Wish:
    """What to narrow the list to; "" and None mean everybody. `group` is a key of lti.Group in this course."""

    status: str = ""
    grade: str = ""
    group: int | None = None
    search: str = ""


class Marks(NamedTuple):
    """What a teacher arranged for this learner."""

    is_exempt: bool
    is_overridden: bool
    has_extra_attempts: bool
    has_own_dates: bool
    has_accommodation: bool
    """For all activities of the course."""

    def __bool__(self) -> bool:
        return any(self)


class Learner(NamedTuple):
    """One learner at one placement. `points` of `possible` is what counts; `per_cent` 0 … 100; None where none counts.

    `sync` is the state of lti.Score ("" without one), `grade_advice` is for teachers, "" when nothing went wrong.
    `has_left`: the course, before or after completing; `is_inactive`: the LMS has suspended them in the course. No
    grades go out for either.
    """

    user: PlatformUser
    name: str
    email: str
    status: Status
    has_left: bool
    is_inactive: bool
    attempts: int
    points: Decimal | None
    possible: int | None
    per_cent: float | None
    has_passed: bool | None
    started_at: datetime | None
    completed_at: datetime | None
    last_activity_at: datetime | None
    grade: GradeState
    sync: str
    grade_advice: str
    marks: Marks
    groups: tuple[str, ...]

    @property
    def id(self) -> int:
        return self.user.pk

    @property
    def has_left_since(self) -> bool:
        """Left the course, which the status does not tell."""
        return self.has_left and self.status != Status.LEFT


SORTS: dict[str, tuple[str, ...]] = {
    "name": (),
    "status": ("status_rank",),
    "attempts": ("attempts_done",),
    "score": ("share",),
    "activity": ("progress_last_activity_at",),
    "grade": ("grade_rank",),
}


def learners(placement: Placement) -> QuerySet[PlatformUser]:
    """Everybody who is listed, with what `read` and the filters need. Costs one small query for the grade column."""
    return listed(**known_of(placement))


def known_of(placement: Placement) -> dict[str, Any]:
    """What `listed` asks about a placement. One small query."""
    column = _COLUMN.tuples(link=placement.resource_link_id)
    return {
        "placement": placement.pk,
        "registration": placement.resource_link.deployment.registration_id,
        "context": placement.resource_link.context_id,
        "column": column[0][0] if column else None,
        "pass_mark": placement.byte.pass_mark if placement.pass_mark is None else placement.pass_mark,
    }


def listed(*, placement: Any, registration: Any, context: Any, column: Any, pass_mark: Any) -> QuerySet[PlatformUser]:
    """As `learners`, from values or from slots (lti.prepared); without a context or a column these are None."""
    is_seen = Q(seat__isnull=True) | Q(seat__role__in=NO_STAFF, seat__is_test_user=False)
    rows = PlatformUser.objects.annotate(
        seat=FilteredRelation("memberships", condition=Q(memberships__context=context)),
        own_progress=FilteredRelation("progress", condition=Q(progress__placement=placement)),
        own_arrangement=FilteredRelation("arrangements", condition=Q(arrangements__placement=placement)),
        own_score=FilteredRelation("scores", condition=Q(scores__line_item=column)),
    ).filter(is_seen, pk__in=_people(placement, context), registration=registration, is_anonymous=False)
    return with_standing(rows, context=context, pass_mark=pass_mark)


SLOTS: dict[str, Any] = {
    "placement": Placement._meta.pk,
    "registration": Registration._meta.pk,
    "context": Context._meta.pk,
    "column": LineItem._meta.pk,
    "pass_mark": Placement._meta.get_field("pass_mark"),
}


def unseen(slots: dict[str, Any]) -> dict[str, Any]:
    """For `listed`: planned once for all placements, which are looked up alike."""
    return {name: slot if name == "pass_mark" else Unseen(slot) for name, slot in slots.items()}


def _people(placement: Any, context: Any) -> Any:
    """Keys of everybody who might be listed; two short lists instead of a look at everybody whom the LMS knows."""
    worked = Progress.objects.filter(placement=placement).order_by().values("learner_id")
    seats = Membership.objects.filter(context=context, role=Role.LEARNER, is_test_user=False)
    return seats.order_by().values("user_id").union(worked)


def narrowed(rows: QuerySet[PlatformUser], wish: Wish) -> QuerySet[PlatformUser]:
    if wish.status:
        rows = rows.filter(Q(status=wish.status))
    if wish.grade:
        rows = rows.filter(Q(grade=wish.grade))
    if wish.group is not None:
        rows = rows.filter(pk__in=Group.users.through.objects.filter(group=wish.group).values("user_id"))
    for word in wish.search.replace("\0", "").split():
        rows = rows.filter(_spelt("name", word) | _spelt("email", word))
    return rows


def _spelt(field: str, word: str) -> Q:
    """SQLite takes É and é for two letters."""
    return Q(**{f"{field}__icontains": word.lower()}) | Q(**{f"{field}__icontains": word.upper()})


def in_order(rows: QuerySet[PlatformUser], sort: str) -> QuerySet[PlatformUser]:
    """`sort` is a key of SORTS, with "-" for the other way round; unknown ones mean by name. Empty values come last."""
    way_down, name = sort.startswith("-"), sort.removeprefix("-")
    by_name = (F("sort_name").desc() if way_down and name == "name" else F("sort_name").asc(), F("pk").asc())
    rows = ranked(rows, name)
    keys = [F(key).desc(nulls_last=True) if way_down else F(key).asc(nulls_last=True) for key in SORTS.get(name, ())]
    return rows.order_by(*keys, *by_name)


def everybody(placement: Placement, sort: str) -> Iterator[Learner]:
    """All `learners` in the order of `sort`, compiled once: for the page that opens most often. Two queries."""
    rows = _EVERYBODY.get(sort, _EVERYBODY["name"]).rows(**known_of(placement))
    return _read(rows, placement)


def behind(placement: Placement, key: int, *, number: int) -> list[Learner]:
    """The first so many of `learners` whose keys come after this one, in their order: a program's page. Two queries,
    compiled once."""
    return list(_read(_behind(number).rows(after=key, **known_of(placement)), placement))


@lru_cache(maxsize=8)
def _behind(number: int) -> Prepared[PlatformUser]:
    def rows(after: Any, **known: Any) -> QuerySet[PlatformUser]:
        return listed(**unseen(known)).filter(pk__gt=Unseen(after)).order_by("pk")[:number]

    return Prepared(rows, after=PlatformUser._meta.pk, **SLOTS)


def read(rows: QuerySet[PlatformUser], placement: Placement, *, in_chunks: bool = False) -> Iterator[Learner]:
    """Two queries. `in_chunks`: for files; CHUNK rows are in memory at once."""
    return _read(rows.iterator(chunk_size=CHUNK) if in_chunks else rows, placement)


def _read(rows: Iterable[Any], placement: Placement) -> Iterator[Learner]:
    product, groups = placement.resource_link.deployment.registration.product, groups_by_learner(placement)
    for row in rows:
        yield learner_of(row, product=product, groups=groups.get(row.pk, ()))


def groups_by_learner(placement: Placement) -> dict[int, tuple[str, ...]]:
    """Names of the course's groups by the key of who is in them. One query."""
    found: dict[int, tuple[str, ...]] = {}
    for learner, name, group_id in _MEMBERS.tuples(context=placement.resource_link.context_id):
        found[learner] = (*found.get(learner, ()), name or group_id)
    return found


def _sorted_by(sort: str) -> Prepared[PlatformUser]:
    return Prepared(lambda **known: in_order(listed(**unseen(known)), sort), **SLOTS)


_EVERYBODY = {way + name: _sorted_by(way + name) for name in SORTS for way in ("", "-")}
_COLUMN: Prepared[Any] = Prepared(
    lambda link: LineItem.objects.filter(resource_link=link).values_list("pk"), link=ResourceLink._meta.pk
)
_MEMBERS: Prepared[Any] = Prepared(
    lambda context: (
        GroupMember.objects.filter(group__context=context)
        .order_by("group__name", "group")
        .values_list("user_id", "group__name", "group__group_id")
    ),
    context=Context._meta.pk,
)


_GROUPS: Prepared[Group] = Prepared(
    lambda context: Group.objects.filter(context=context).order_by("set_name", "name", "pk"), context=Context._meta.pk
)


def learner_of(row: Any, *, product: str = "", groups: tuple[str, ...] = ()) -> Learner:
    """From a row of `learners`."""
    grade = GradeState(row.grade)
    is_well = grade in {GradeState.NONE, GradeState.SENT}
    return Learner(
        user=row,
        name=row.display_name,
        email=row.email,
        status=Status(row.status),
        has_left=bool(row.has_left),
        is_inactive=row.seat_status == Membership.Status.INACTIVE,
        attempts=row.attempts_done,
        points=None if row.is_exempt else row.points,
        possible=None if row.is_exempt else row.possible,
        per_cent=row.share,
        has_passed=row.has_passed,
        started_at=row.progress_started_at,
        completed_at=row.progress_completed_at,
        last_activity_at=row.progress_last_activity_at,
        grade=grade,
        sync=row.score_state or "",
        grade_advice="" if is_well else words_of(row.score_state, row.score_error, row.is_missing, product=product),
        marks=Marks(row.is_exempt, row.is_overridden, row.has_extra_attempts, row.has_own_dates, row.has_accommodation),
        groups=groups,
    )


def words_of(state: str | None, code: str | None, is_missing: bool, *, product: str) -> str:
    """Why a grade is not in the gradebook, for the teacher, as this LMS's pages say it."""
    if is_missing:
        return str(MISSING)
    if state == Score.State.UNAVAILABLE:
        code = code or "no_column"
    return str(advice.for_teacher(code or "", products.family(product)))


def groups_of(placement: Placement) -> list[Group]:
    """For a choice: the course's groups. One query."""
    return _GROUPS.rows(context=placement.resource_link.context_id)
