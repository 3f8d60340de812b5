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
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import Q

from itpm_byte.insight.completion_querysets import (
    MOST_LISTED,
    Near,
    SearchTooWide,
    Wish,
    begun,
    begun_at,
    has_others,
    others,
    others_at,
    places,
    places_of_others,
    versions,
    with_found,
)
from itpm_byte.insight.completion_rows import (
    COLUMNS_OF_BEGUN,
    COLUMNS_OF_OTHERS,
    Row,
    places_by_key,
    row_of,
)
from itpm_byte.learning.models import Placement
from lti.models import PlatformUser
from lti.prepared import Keys, Prepared, Unseen

__all__ = ["Key", "Page", "SearchTooWide", "Wish", "page", "stream"]

# Rows of a page; rows in memory while a file is written.
PAGE, CHUNK = 50, 10_000
# Placements that are looked at together at first, and at most while a file is written.
PLACES, MOST_STREAMED = 16, 256
BYTE = COLUMNS_OF_BEGUN.index("byte_key")

# Most pages end within so many placements. PostgreSQL takes ten for granted where it plans a statement for all lists of
# keys; for longer ones it would plan each anew, at several times what the rows cost.
NEXT = 10
# Kinds of pages, by how many rows they have, whose statements are kept.
LIMITS = 8
SLOTS: dict[str, Any] = {"keys": Keys(), "place": Placement._meta.pk, "learner": PlatformUser._meta.pk}

type Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: Key | None


def page(account: Any, wish: Wish, *, after: Key | None = None, limit: int = PAGE) -> Page:
    """Rows in the order of (placement, learner), from behind `after` on. Raises SearchTooWide."""
    wish = with_found(account, wish)
    if wish.is_of_places:
        found = _page_of_the_next(account, wish, after or (0, 0), limit)
        if found is not None:
            return found
    first = _first_begun(account, wish, after, limit + 1)
    # Behind the last of those who began nobody else belongs to this page.
    last = first[-1][:2] if len(first) > limit else None
    return _paged(first, _first_others(account, wish, after, limit + 1, last), limit)


def _page_of_the_next(account: Any, wish: Wish, after: Key, limit: int) -> Page | None:
    """Of everybody at the next NEXT placements, by statements that are compiled and planned once; None where these do
    not fill a page."""
    here = places(account, wish).filter(pk__gte=after[0]).order_by("pk")
    keys = list(here.values_list("pk", flat=True)[: NEXT + 1])
    told: dict[str, Any] = {"keys": keys[:NEXT], "place": after[0], "learner": after[1]}
    first = _begun_behind(limit + 1).tuples(**told)
    if len(first) > limit:
        told["keys"] = [key for key in told["keys"] if key <= first[-1][0]]
    found = _paged(first, _others_behind(limit + 1).tuples(**told), limit)
    return found if found.next is not None or len(keys) <= NEXT else None


@lru_cache(maxsize=LIMITS)
def _begun_behind(number: int) -> Prepared[Any]:
    def rows(keys: Any, place: Any, learner: Any) -> Any:
        found = _behind(begun_at(keys), "placement", "learner", (Unseen(place), Unseen(learner)))
        return found.order_by("placement_id", "learner_id").values_list(*COLUMNS_OF_BEGUN)[:number]

    return Prepared(rows, **SLOTS)


@lru_cache(maxsize=LIMITS)
def _others_behind(number: int) -> Prepared[Any]:
    def rows(keys: Any, place: Any, learner: Any) -> Any:
        found = _behind(others_at(keys), "pk", "seat_user", (Unseen(place), Unseen(learner)))
        return found.order_by("pk", "seat_user").values_list(*COLUMNS_OF_OTHERS)[:number]

    return Prepared(rows, **SLOTS)


def stream(account: Any, wish: Wish) -> Iterator[Row]:
    """All rows, in the order of `page`: some placements at a time, at most CHUNK rows of them in memory.

    Each chunk is a query of its own, so no cursor is held open meanwhile.
    """
    wish = with_found(account, wish)
    here, last, size = places(account, wish).order_by("pk"), 0, PLACES
    while keys := list(here.filter(pk__gt=last).values_list("pk", flat=True)[:size]):
        count = 0
        for row in _within(account, wish, Near.to(keys)):
            count += 1
            yield row
        last = keys[-1]
        size = min(size * 2, MOST_STREAMED) if count * 2 < CHUNK else max(size // 2, 1) if count > CHUNK else size


def _within(account: Any, wish: Wish, near: Near) -> Iterator[Row]:
    after: Key | None = None
    while True:
        first = _first_begun(account, wish, after, CHUNK + 1, near)
        rows = others(account, wish, near.placements)
        found = _paged(first, _chunk_of_others(rows, after, CHUNK + 1), CHUNK)
        yield from found.rows
        if found.next is None:
            return
        after = found.next


def _paged(first: list[Any], second: list[Any], limit: int) -> Page:
    """The first `limit` of those who began and those who did not, each in order."""
    found = sorted([*first, *second], key=itemgetter(0, 1))[: limit + 1]
    named = places_by_key({row[0] for row in found})
    rows = [row_of(row, named[row[0]]) for row in found[:limit]]
    return Page(rows, found[limit - 1][:2] if len(found) > limit else None)


def _first_begun(account: Any, wish: Wish, after: Key | None, number: int, near: Near | None = None) -> list[Any]:
    """A version is looked at row by row, where the tallies know it: a database asked for it reads all rows first."""
    rows = begun(account, replace(wish, version=None), near)
    wanted = None if wish.version is None else set(versions(wish))
    if wanted is not None and not wanted:
        return []
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
    if not has_others(wish):
        return []
    here = places_of_others(account, wish).order_by("pk")
    here = here if upto is None else here.filter(pk__lte=upto[0])
    found: list[Any] = []
    last, size = (after[0] - 1 if after else 0), PLACES
    while len(found) < number:
        keys = list(here.filter(pk__gt=last).values_list("pk", flat=True)[:size])
        if not keys:
            break
        found += _chunk_of_others(others(account, wish, keys), after, number - len(found))
        last, size = keys[-1], min(size * 4, MOST_LISTED)
    return found


def _chunk_of_others(rows: Any, after: Key | None, number: int) -> list[Any]:
    asked = rows if after is None else _behind(rows, "pk", "seat_user", after)
    return list(asked.order_by("pk", "seat_user").values_list(*COLUMNS_OF_OTHERS)[:number])


def _behind(rows: Any, place: str, learner: str, after: tuple[Any, Any]) -> Any:
    in_place = Q(**{place: after[0], f"{learner}__gt": after[1]})
    return rows.filter(Q(**{f"{place}__gt": after[0]}) | in_place, **{f"{place}__gte": after[0]})
