"""Who completed what, where and when, over all courses that an account may see: behind page, file and API.

    wish = Wish(byte="it-project-manager", status="completed")
    page = completion.page(account, wish)             # rows by placement and learner; page.next goes on from there
    for row in completion.stream(account, wish): …    # all of them, a few thousand in memory at a time

One row per learner and placement: learners of the course by roster or launch, and whoever has progress; never test
users, nor those whom the course shows to be staff. Who completed stays completed after leaving the course (`has_left`).
Days are those of UTC. The numbers over these rows are in `totals`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from itpm_byte.content.models import Byte
from itpm_byte.insight.completion_rows import (
    COLUMNS_OF_BEGUN,
    COLUMNS_OF_OTHERS,
    Row,
    places_by_key,
    row_of,
)
from itpm_byte.insight.roster import NO_STAFF, Status
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti import tenancy
from lti.models import GroupMember, Membership, PlatformUser, Role

# So many people may match a search; with more it says too little, and SearchTooWide is raised.
MOST_FOUND = 500
PAGE, CHUNK = 50, 4_000
PLACES, MOST_LISTED = 16, 2_000  # looked at together at first; told to a database one by one at most
BYTE = COLUMNS_OF_BEGUN.index("byte_key")

type Key = tuple[int, int]


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
    learner: int | None = None

    @property
    def is_narrow(self) -> bool:
        """So few rows that their numbers are counted when they are asked for."""
        return self.course is not None or self.group is not None or bool(self.search) or self.learner is not None

    @property
    def has_dates(self) -> bool:
        return self.since is not None or self.until is not None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: Key | None


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


def people(account: Any, wish: Wish) -> list[int] | None:
    """Keys of the learners that a search or a group leaves; None: everybody. Raises SearchTooWide."""
    if wish.learner is not None:
        return [wish.learner]
    if not wish.search:
        return None
    found = PlatformUser.objects.all()
    if not tenancy.sees_all(account):
        owners = tenancy.institutions_of(account)
        found = found.filter(registration__deployments__institution__in=owners).distinct()
    for word in wish.search.replace("\0", "").split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(sub__iexact=word))
    keys = list(found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(keys) > MOST_FOUND:
        raise SearchTooWide
    return keys


def begun(account: Any, wish: Wish) -> Any:
    """Progress rows of learners who began, with their seat, arrangement, score, version (`byte_key`) and `status`."""
    return _narrowed(all_begun(), account, wish)


def all_begun() -> Any:
    """As `begun`, of everybody: for counting, never for showing."""
    course = "placement__resource_link__context__memberships"
    column = "placement__resource_link__line_item__scores"
    newest = Attempt.objects.filter(
        placement=OuterRef("placement"), learner=OuterRef("learner"), submitted_at__isnull=False, voided_at__isnull=True
    ).order_by("-number")
    rows = Progress.objects.annotate(
        seat=FilteredRelation(course, condition=Q(**{f"{course}__user": F("learner")})),
        own=FilteredRelation("placement__arrangements", condition=Q(placement__arrangements__learner=F("learner"))),
        score=FilteredRelation(column, condition=Q(**{f"{column}__user": F("learner")})),
    ).filter(Q(seat__isnull=True) | Q(seat__role__in=NO_STAFF, seat__is_test_user=False), learner__is_anonymous=False)
    return rows.annotate(
        has_left=Case(
            When(seat__status=Membership.Status.LEFT, then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        status=Case(
            When(completed_at__isnull=False, then=Value(Status.COMPLETED)),
            When(seat__status=Membership.Status.LEFT, then=Value(Status.LEFT)),
            # A teacher gave a grade before the learner came.
            When(started_at__isnull=True, then=Value(Status.NOT_STARTED)),
            default=Value(Status.IN_PROGRESS),
        ),
        byte_key=Coalesce(Subquery(newest.values("byte")[:1]), F("placement__byte"), output_field=BigIntegerField()),
    )


def others(account: Any, wish: Wish) -> Any:
    """Placements once per learner of the course who has not begun there: `seat_user` is the learner."""
    here = places(account, wish)
    rows = others_of(Placement.objects.filter(pk__in=_listed(here)) if wish.is_narrow else here)
    if not _has_others(wish):
        return rows.none()
    if wish.status:
        rows = rows.filter(Q(status=wish.status))
    if wish.version is not None:
        rows = rows.filter(byte__version=wish.version)
    if wish.group is not None:
        rows = rows.filter(seat_user__in=_members(wish.group))
    if (found := people(account, wish)) is not None:
        rows = rows.filter(seat_user__in=found)
    return rows


def _has_others(wish: Wish) -> bool:
    return not wish.has_dates and wish.status not in {Status.COMPLETED, Status.IN_PROGRESS}


def _listed(here: QuerySet[Placement]) -> Any:
    """Their keys one by one, if they are few: what a database guesses about a query inside a query is often wrong."""
    keys = list(here.values_list("pk", flat=True)[: MOST_LISTED + 1])
    return keys if len(keys) <= MOST_LISTED else here


def others_of(rows: Any) -> Any:
    course = "resource_link__context__memberships"
    here = Q(**{f"{course}__role": Role.LEARNER, f"{course}__is_test_user": False})
    has_begun = Progress.objects.filter(placement=OuterRef("pk"), learner=OuterRef("seat__user"))
    rows = rows.annotate(seat=FilteredRelation(course, condition=here))
    rows = rows.filter(~Exists(has_begun), seat__isnull=False, seat__user__is_anonymous=False)
    return rows.annotate(
        # By this name in further filters: by `seat` they would ask about another seat.
        seat_user=F("seat__user_id"),
        status=Case(
            When(seat__status=Membership.Status.LEFT, then=Value(Status.LEFT)), default=Value(Status.NOT_STARTED)
        ),
    )


def _narrowed(rows: Any, account: Any, wish: Wish) -> Any:
    if not tenancy.sees_all(account) or wish != Wish(status=wish.status, basis=wish.basis):
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
        rows = rows.filter(byte_key__in=_versions(wish))
    if wish.group is not None:
        rows = rows.filter(learner__in=_members(wish.group))
    found = people(account, wish)
    return rows if found is None else rows.filter(learner__in=found)


def _versions(wish: Wish) -> list[int]:
    found = Byte.objects.filter(version=wish.version or 0)
    return list((found.filter(slug=wish.byte) if wish.byte else found).values_list("pk", flat=True))


def _members(group: int) -> Any:
    return GroupMember.objects.filter(group=group).values("user")


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def page(account: Any, wish: Wish, *, after: Key | None = None, limit: int = PAGE) -> Page:
    """Rows in the order of (placement, learner), from behind `after` on. Raises SearchTooWide."""
    first = _first_begun(account, wish, after, limit + 1)
    # Behind the last of those who began nobody else belongs to this page.
    last = first[-1][:2] if len(first) > limit else None
    second = _first_others(account, wish, after, limit + 1, last)
    found = sorted([*first, *second], key=lambda row: row[:2])[: limit + 1]
    named = places_by_key({row[0] for row in found})
    rows = [row_of(row, named[row[0]]) for row in found[:limit]]
    return Page(rows, found[limit - 1][:2] if len(found) > limit else None)


def _first_begun(account: Any, wish: Wish, after: Key | None, number: int) -> list[Any]:
    """A version is looked at row by row, where the tallies know it: a database asked for it reads all rows first."""
    rows = begun(account, replace(wish, version=None))
    wanted = None if wish.version is None else set(_versions(wish))
    if wanted is not None:
        has_it = Q(byte__in=wanted) | Q(tallies__byte__in=wanted) | Q(tallies__isnull=True)
        rows = rows.filter(placement__in=Placement.objects.filter(has_it).values("pk"))
    found: list[Any] = []
    while len(found) < number:
        asked = rows if after is None else _behind(rows, "placement", "learner", after)
        chunk = list(asked.order_by("placement_id", "learner_id").values_list(*COLUMNS_OF_BEGUN)[:number])
        found += [row for row in chunk if wanted is None or row[BYTE] in wanted]
        if len(chunk) < number:
            break
        after = chunk[-1][:2]
    return found[:number]


def _first_others(account: Any, wish: Wish, after: Key | None, number: int, upto: Key | None) -> list[Any]:
    """Placement by placement, a few at a time and then more: who is missing can't be read from an index in order."""
    if not _has_others(wish):
        return []
    here = places(account, wish).order_by("pk")
    here = here if upto is None else here.filter(pk__lte=upto[0])
    found: list[Any] = []
    last, size = (after[0] - 1 if after else 0), PLACES
    while len(found) < number:
        keys = list(here.filter(pk__gt=last).values_list("pk", flat=True)[:size])
        if not keys:
            break
        rows = others(account, wish).filter(pk__in=keys)
        asked = rows if after is None else _behind(rows, "pk", "seat_user", after)
        found += asked.order_by("pk", "seat_user").values_list(*COLUMNS_OF_OTHERS)[: number - len(found)]
        last, size = keys[-1], min(size * 4, MOST_LISTED)
    return found


def stream(account: Any, wish: Wish) -> Iterator[Row]:
    """All rows, each chunk a query of its own that goes on behind the last: no cursor is held open meanwhile."""
    after: Key | None = None
    while True:
        found = page(account, wish, after=after, limit=CHUNK)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def _behind(rows: Any, place: str, learner: str, after: Key) -> Any:
    in_place = Q(**{place: after[0], f"{learner}__gt": after[1]})
    return rows.filter(Q(**{f"{place}__gt": after[0]}) | in_place, **{f"{place}__gte": after[0]})
