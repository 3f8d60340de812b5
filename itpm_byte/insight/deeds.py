"""What staff did, newest first: one query behind the page and the file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from itpm_byte.insight.deed_words import thing_of, words_of
from itpm_byte.insight.tables import Column, Table
from lti import tenancy
from lti.models import StaffAction

PAGE = 50
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Wish:
    """Which deeds; empty means all. `who` and `subject` are parts of names, e-mails or ids. Days are of UTC."""

    institution: int | None = None
    action: str = ""
    who: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a deed; empty where there was nothing, or nothing is any more."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Deed:
    key: int
    at: datetime
    who: str
    what: str
    thing: str
    whom: str
    institution: str
    course: str
    reason: str
    changes: list[Change] = field(default_factory=list)

    @property
    def change_words(self) -> str:
        return "; ".join(f"{change.name}: {change.before or '–'} → {change.after or '–'}" for change in self.changes)


@dataclass(frozen=True, slots=True)
class Page:
    deeds: list[Deed]
    next: int | None
    """The key behind which the next page begins."""


def page(account: Any, wish: Wish, *, after: int | None = None, limit: int = PAGE) -> Page:
    """A page of what this account may see, behind the deed `after`."""
    rows = list(_behind(found(account, wish), account, after)[: limit + 1])
    deeds = [_deed(row) for row in rows[:limit]]
    return Page(deeds, deeds[-1].key if len(rows) > limit else None)


def stream(account: Any, wish: Wish) -> Iterator[Deed]:
    """All of them, a chunk in memory at a time."""
    after: int | None = None
    while True:
        rows = list(_behind(found(account, wish), account, after)[:CHUNK])
        yield from map(_deed, rows)
        if len(rows) < CHUNK:
            return
        after = rows[-1].pk


def found(account: Any, wish: Wish) -> QuerySet[StaffAction]:
    """Deeds at institutions of this account; what belongs to no institution only operators see."""
    rows = StaffAction.objects.filter(tenancy.within(account, "institution"))
    if wish.institution is not None:
        rows = rows.filter(institution=wish.institution)
    if wish.action:
        rows = rows.filter(action=wish.action)
    if wish.who:
        rows = rows.filter(Q(account__username__icontains=wish.who) | _person("teacher", wish.who))
    if wish.subject:
        rows = rows.filter(_person("subject", wish.subject))
    if wish.text:
        rows = rows.filter(reason__icontains=wish.text)
    if wish.since:
        rows = rows.filter(at__gte=datetime.combine(wish.since, time(), UTC))
    if wish.until:
        rows = rows.filter(at__lt=datetime.combine(wish.until, time(), UTC) + timedelta(days=1))
    return rows.select_related("account", "teacher", "subject", "institution", "context").order_by("-at", "-pk")


def actions(account: Any) -> list[tuple[str, str]]:
    """What was ever done here, with words, for a filter."""
    done = StaffAction.objects.filter(tenancy.within(account, "institution")).order_by()
    return sorted(((code, words_of(code)) for code in done.values_list("action", flat=True).distinct()), key=_by_words)


def _by_words(choice: tuple[str, str]) -> str:
    return choice[1]


def _person(path: str, part: str) -> Q:
    return (
        Q(**{f"{path}__name__icontains": part}) | Q(**{f"{path}__email__icontains": part}) | Q(**{f"{path}__sub": part})
    )


def _behind(rows: QuerySet[StaffAction], account: Any, after: int | None) -> QuerySet[StaffAction]:
    if after is None:
        return rows
    last = StaffAction.objects.filter(tenancy.within(account, "institution"), pk=after).values_list("at", flat=True)
    at = last.first()
    return rows.none() if at is None else rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=after))


def _deed(row: StaffAction) -> Deed:
    return Deed(
        key=row.pk,
        at=row.at,
        who=_who(row),
        what=words_of(row.action),
        thing=thing_of(row.object_type, row.object_id),
        whom=str(row.subject.display_name) if row.subject else "",
        institution=row.institution.name if row.institution else "",
        course=str(row.context) if row.context else "",
        reason=row.reason,
        changes=_changes(row.before or {}, row.after or {}),
    )


def _who(row: StaffAction) -> str:
    if row.account:
        return str(row.account.get_username())
    return str(row.teacher.display_name) if row.teacher else _now("the service itself")


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    names = [*before, *(name for name in after if name not in before)]
    return [Change(name.replace("_", " "), _words(before.get(name)), _words(after.get(name))) for name in names]


def _words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


TABLE: Table[Deed] = Table(
    "audit",
    (
        Column("at", _("When (UTC)"), lambda deed: deed.at),
        Column("who", _("Who"), lambda deed: deed.who),
        Column("what", _("What"), lambda deed: deed.what),
        Column("thing", _("On what"), lambda deed: deed.thing),
        Column("whom", _("To whom"), lambda deed: deed.whom),
        Column("institution", _("Institution"), lambda deed: deed.institution),
        Column("course", _("Course"), lambda deed: deed.course),
        Column("reason", _("Why"), lambda deed: deed.reason),
        Column("changes", _("Before → after"), lambda deed: deed.change_words),
    ),
)
