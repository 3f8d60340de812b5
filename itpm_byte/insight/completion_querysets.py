"""The rows of the completion report as querysets: whom a wish leaves, of those who began and of those who did not.

`completion` reads them in order, `tallies` and `totals` count them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from itpm_byte.content.models import Byte
from itpm_byte.insight.roster import NO_STAFF, Status
from itpm_byte.insight.standing import grade_state, has_left, status_of
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti import tenancy
from lti.models import GroupMember, Membership, PlatformUser, Role
from lti.prepared import Among

# So many people may match a search; with more it says too little, and SearchTooWide is raised.
MOST_FOUND = 500
MOST_LISTED = 2_000  # told to a database one by one at most


class SearchTooWide(Exception): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to narrow the report to; None and "" mean all. Numbers are keys of rows, `byte` is a slug.

    `since` and `until` (both included) are about when learners completed, or, with `basis` "active", were last active.
    """

    institution: int | None = None
    lms: int | None = None
    course: int | None = None
    term: str = ""
    byte: str = ""
    version: int | None = None
    status: str = ""
    basis: str = "completed"
    since: date | None = None
    until: date | None = None
    group: int | None = None
    search: str = ""
    learners: tuple[int, ...] | None = None
    """These alone: one whose page is open, or whom a search found."""

    @property
    def is_narrow(self) -> bool:
        """So few rows that their numbers are counted when they are asked for."""
        return self.course is not None or self.group is not None or bool(self.search) or self.learners is not None

    @property
    def is_of_places(self) -> bool:
        """It says where, and nothing about who and when: then everybody at its placements is meant."""
        is_about_people = self.group is not None or bool(self.search) or self.learners is not None
        return not (self.status or self.version is not None or self.has_dates or is_about_people)

    @property
    def has_dates(self) -> bool:
        return self.since is not None or self.until is not None


def places(account: Any, wish: Wish) -> QuerySet[Placement]:
    """Placements that the account may see and the wish asks for."""
    found = Placement.objects.filter(tenancy.within(account, "resource_link__deployment__institution"))
    told = {
        "resource_link__deployment__institution": wish.institution,
        "resource_link__deployment__registration": wish.lms,
        "resource_link__context": wish.course,
        "resource_link__context__term": wish.term or None,
        "resource_link__context__groups": wish.group,
        "byte__slug": wish.byte or None,
    }
    return found.filter(**{path: value for path, value in told.items() if value is not None})


def with_found(account: Any, wish: Wish) -> Wish:
    """The wish with the learners whom its search finds, looked for once. Raises SearchTooWide."""
    if not wish.search:
        return wish
    found = PlatformUser.objects.all()
    if not tenancy.sees_all(account):
        owners = tenancy.institutions_of(account)
        found = found.filter(registration__deployments__institution__in=owners).distinct()
    for word in wish.search.replace("\0", "").split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(sub__iexact=word))
    keys = set(found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(keys) > MOST_FOUND:
        raise SearchTooWide
    of_them = keys if wish.learners is None else keys & set(wish.learners)
    return replace(wish, search="", learners=tuple(sorted(of_them)))


@dataclass(frozen=True, slots=True)
class Near:
    """A few placements that the account may see and the wish asks for, with the courses and grade columns they have.

    A database that is told these reads each table's few rows once, instead of looking up one learner after the other.
    """

    placements: Sequence[int]
    courses: Sequence[int]
    columns: Sequence[int]

    @classmethod
    def to(cls, placements: Sequence[int]) -> "Near":
        beside = ("resource_link__context", "resource_link__line_item")
        found = list(Placement.objects.filter(pk__in=placements).values_list(*beside))
        courses, columns = ({pair[place] for pair in found} - {None} for place in (0, 1))
        return cls(placements, sorted(courses), sorted(columns))


def begun(account: Any, wish: Wish, near: Near | None = None) -> Any:
    """Progress rows of learners who began, with their seat, arrangement, version (`byte_key`), `status` and `grade`."""
    wish = with_found(account, wish)
    return _narrowed(_with_grades(near), account, wish, near)


def begun_at(keys: Any) -> Any:
    """As `begun`, at all placements of these keys, a slot (lti.prepared)."""
    return _with_grades(None).filter(Among("placement_id", keys))


def _with_grades(near: Near | None) -> Any:
    column = "placement__resource_link__line_item__scores"
    here = Q(**{f"{column}__user": F("learner")})
    if near is not None:
        here &= Q(**{f"{column}__line_item__in": near.columns})
    return all_begun(near).annotate(score=FilteredRelation(column, condition=here), grade=grade_state("score__"))


def all_begun(near: Near | None = None) -> Any:
    """As `begun`, of everybody: for counting, never for showing."""
    course = "placement__resource_link__context__memberships"
    here = Q(**{f"{course}__user": F("learner")})
    if near is not None:
        here &= Q(**{f"{course}__context__in": near.courses})
    newest = Attempt.objects.filter(
        placement=OuterRef("placement"), learner=OuterRef("learner"), submitted_at__isnull=False, voided_at__isnull=True
    ).order_by("-number")
    rows = Progress.objects.annotate(
        seat=FilteredRelation(course, condition=here),
        own=FilteredRelation("placement__arrangements", condition=Q(placement__arrangements__learner=F("learner"))),
    ).filter(Q(seat__isnull=True) | Q(seat__role__in=NO_STAFF, seat__is_test_user=False), learner__is_anonymous=False)
    return rows.annotate(
        has_left=has_left(),
        status=status_of(""),
        byte_key=Coalesce(Subquery(newest.values("byte")[:1]), F("placement__byte"), output_field=BigIntegerField()),
    )


def places_of_others(account: Any, wish: Wish) -> QuerySet[Placement]:
    """Those of `places` where somebody may be listed without having begun."""
    here = places(account, wish)
    if wish.version is not None:
        here = here.filter(byte__version=wish.version)
    if wish.learners is not None:
        courses = Membership.objects.filter(user__in=wish.learners).values("context")
        here = here.filter(resource_link__context__in=courses)
    return here


def others(account: Any, wish: Wish, keys: Sequence[int] | None = None) -> Any:
    """Placements once per learner of the course who has not begun there: `seat_user` is the learner.

    `keys`: of some of the placements that the account may see and the wish asks for, and only of these.
    """
    wish = with_found(account, wish)
    here = places_of_others(account, wish) if keys is None else Placement.objects.filter(pk__in=keys)
    if keys is None and wish.is_narrow:
        here = Placement.objects.filter(pk__in=_listed(here))
    rows = others_of(here, Q() if keys is None else Q(placement__in=keys))
    if not has_others(wish):
        return rows.none()
    if wish.status:
        rows = rows.filter(Q(status=wish.status))
    if wish.version is not None:
        rows = rows.filter(byte__version=wish.version)
    if wish.group is not None:
        rows = rows.filter(seat_user__in=_members(wish.group))
    return rows if wish.learners is None else rows.filter(seat_user__in=wish.learners)


def has_others(wish: Wish) -> bool:
    return not wish.has_dates and wish.status not in {Status.COMPLETED, Status.IN_PROGRESS}


def _listed(here: QuerySet[Placement]) -> Any:
    """Their keys one by one, if they are few: what a database guesses about a query inside a query is often wrong."""
    keys = list(here.values_list("pk", flat=True)[: MOST_LISTED + 1])
    return keys if len(keys) <= MOST_LISTED else here


def others_at(keys: Any) -> Any:
    """As `others`, at all placements of these keys, a slot (lti.prepared)."""
    return others_of(Placement.objects.filter(Among("pk", keys)), Q(Among("placement_id", keys)))


def others_of(rows: Any, is_there: Q = Q()) -> Any:  # noqa: B008  # never changed
    """`is_there`: of progress at `rows`, where a database is better told so twice."""
    course = "resource_link__context__memberships"
    here = Q(**{f"{course}__role": Role.LEARNER, f"{course}__is_test_user": False})
    has_begun = Progress.objects.filter(is_there, placement=OuterRef("pk"), learner=OuterRef("seat__user"))
    rows = rows.annotate(seat=FilteredRelation(course, condition=here))
    rows = rows.filter(~Exists(has_begun), seat__isnull=False, seat__user__is_anonymous=False)
    return rows.annotate(
        # By this name in further filters: by `seat` they would ask about another seat.
        seat_user=F("seat__user_id"),
        status=status_of(None),
    )


def _narrowed(rows: Any, account: Any, wish: Wish, near: Near | None) -> Any:
    if near is not None:
        rows = rows.filter(placement__in=near.placements)
    elif not tenancy.sees_all(account) or wish != Wish(status=wish.status, basis=wish.basis):
        rows = rows.filter(placement__in=_listed(places(account, wish)))
    field = "last_activity_at" if wish.basis == "active" else "completed_at"
    if wish.since is not None:
        rows = rows.filter(**{f"{field}__gte": midnight(wish.since)})
    if wish.until is not None:
        rows = rows.filter(**{f"{field}__lt": midnight(wish.until + timedelta(days=1))})
    if wish.status == Status.COMPLETED:
        rows = rows.filter(completed_at__isnull=False)
    elif wish.status:
        rows = rows.filter(Q(status=wish.status), completed_at__isnull=True)
        rows = rows.filter(started_at__isnull=True) if wish.status == Status.NOT_STARTED else rows
    if wish.version is not None:
        rows = rows.filter(byte_key__in=versions(wish))
    if wish.group is not None:
        rows = rows.filter(learner__in=_members(wish.group))
    return rows if wish.learners is None else rows.filter(learner__in=wish.learners)


def versions(wish: Wish) -> list[int]:
    found = Byte.objects.filter(version=wish.version or 0)
    return list((found.filter(slug=wish.byte) if wish.byte else found).values_list("pk", flat=True))


def _members(group: int) -> Any:
    return GroupMember.objects.filter(group=group).values("user")


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
