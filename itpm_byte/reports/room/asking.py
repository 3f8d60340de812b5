"""What a page or a file of learners is asked for by its address: filters, order, page; and the addresses of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Status, Wish
from itpm_byte.learning.models import Placement
from lti.models import Group

# So many learners stand on one page; of more, only so many.
ON_ONE_PAGE = 300
PER_PAGE = 100
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Asked:
    """`groups` are the course's, for the choice; only these are taken."""

    wish: Wish
    sort: str
    page: int
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, request: HttpRequest, placement: Placement) -> "Asked":
        """What makes no sense is taken for not said."""
        said, groups = request.GET, tuple(roster.groups_of(placement))
        group, page, sort = said.get("group", ""), said.get("page", ""), said.get("sort", "")
        wish = Wish(
            status=said.get("status", "") if said.get("status") in Status.values else "",
            grade=said.get("grade", "") if said.get("grade") in GradeState.values else "",
            group=next((known.pk for known in groups if str(known.pk) == group), None),
            search=said.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        )
        is_page = page.isascii() and page.isdigit() and len(page) < 7
        return cls(
            wish=wish,
            sort=sort if sort.removeprefix("-") in roster.SORTS else "name",
            page=max(int(page), 1) if is_page else 1,
            groups=groups,
        )

    @property
    def is_narrowed(self) -> bool:
        return self.wish != Wish()

    def query(self, **changes: Any) -> str:
        """As it stands in an address, "?…" or "", with these changes; without what goes without saying."""
        group = "" if self.wish.group is None else self.wish.group
        said = {"q": self.wish.search, "status": self.wish.status, "grade": self.wish.grade, "group": group}
        said |= {"sort": "" if self.sort == "name" else self.sort, "page": self.page if self.page > 1 else ""}
        kept = {name: value for name, value in {**said, **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True)
class Heading:
    """A column's heading, and the address that sorts by it. `sorted` is what aria-sort says, "" if it is not."""

    label: str | Promise
    query: str = ""
    sorted: str = ""
    is_number: bool = False


def headings(asked: Asked, columns: Mapping[str, tuple[str | Promise, bool]]) -> list[Heading]:
    """`columns`: label and is_number by sort key; keys that are none cannot be sorted by."""
    found = []
    for key, (label, is_number) in columns.items():
        if key not in roster.SORTS:
            found.append(Heading(label, is_number=is_number))
            continue
        is_this, is_down = asked.sort.removeprefix("-") == key, asked.sort.startswith("-")
        other_way = f"-{key}" if is_this and not is_down else key
        query = asked.query(sort="" if other_way == "name" else other_way, page="") or "?"
        found.append(Heading(label, query, ("descending" if is_down else "ascending") if is_this else "", is_number))
    return found


@dataclass(frozen=True)
class Sheet:
    """One page of a list of `count`, and the addresses of the pages beside it ("" where there is none)."""

    count: int
    number: int
    last: int
    before: str
    after: str

    @property
    def is_whole(self) -> bool:
        return self.last == 1

    def cut(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of all `rows`, which are in their order, that stand on this page."""
        if self.is_whole:
            return rows[:ON_ONE_PAGE]
        begin = (self.number - 1) * PER_PAGE
        return rows[begin : begin + PER_PAGE]


def sheet(asked: Asked, count: int) -> Sheet:
    """A page after the last one is the last one."""
    if count <= ON_ONE_PAGE:
        return Sheet(count, 1, 1, "", "")
    last = -(-count // PER_PAGE)
    number = min(asked.page, last)
    before = (asked.query(page=number - 1 if number > 2 else "") or "?") if number > 1 else ""
    after = asked.query(page=number + 1) if number < last else ""
    return Sheet(count, number, last, before, after)
