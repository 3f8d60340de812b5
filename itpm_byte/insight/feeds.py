"""What one institution's programs pull: rows in an order that stays, a page at a time, at the same cost in any table.

A table of millions holds many institutions' rows, and the institution stands three joins away. So a page walks along
an index: first by the rows' parent (a placement, a grade column, a course), of which an institution has few, then by
what is unique beside it. No count, no offset, no look at anybody else's rows.

    page = read_page(PROGRESS, institution, Pull(limit=100))
    page.rows, page.after        # after: where the next page begins; None: this was the last one
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import Deployment, Institution, LineItem, Membership, PlatformUser, Registration, Score
from lti.prepared import Prepared
from lti.rows import plainly

# Parents that one page looks at. A page of an institution with more may be short before the last one.
PARENTS_AT_ONCE = 2000

type Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]


def everything(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True, kw_only=True)
class Feed[M: Model]:
    """`rows` are an institution's, fully scoped. `key` orders them and never changes, unique beside `parent`.

    With a parent, `among` are the rows to page through once the institution's parents are known: `rows` without the
    joins that would only say the same again.
    """

    rows: Callable[[Institution], QuerySet[M]]
    key: tuple[str, ...]
    parent: str = ""
    parents: Callable[[Institution], QuerySet[Any]] | None = None
    among: Callable[[Institution], QuerySet[M]] | None = None


@dataclass(frozen=True, kw_only=True)
class Pull:
    """Which rows, and from where. `since`: only what changed at or after that time, oldest change first."""

    limit: int
    since: datetime | None = None
    after: tuple[Any, ...] | None = None
    rows: Narrow = everything
    parents: Narrow = everything


@dataclass(frozen=True)
class Page[M: Model]:
    rows: list[M]
    after: tuple[Any, ...] | None


def read_page[M: Model](feed: Feed[M], institution: Institution, pull: Pull) -> Page[M]:
    """At most `limit` rows. One query for the parents, one for the rows, and one for each thing shown beside them."""
    order = ("updated_at", "pk") if pull.since else feed.key
    if feed.parents is None:
        return _page(pull.rows(feed.rows(institution)), order, pull, beyond=None)
    parents = pull.parents(feed.parents(institution))
    if pull.after is not None:
        parents = parents.filter(pk__gte=pull.after[0])
    keys = list(parents.order_by("pk").values_list("pk", flat=True)[: PARENTS_AT_ONCE + 1])
    beyond = keys.pop() if len(keys) > PARENTS_AT_ONCE else None
    rows = (feed.among or feed.rows)(institution).filter(**{f"{feed.parent}__in": keys})
    return _page(pull.rows(rows), (feed.parent, *order), pull, beyond=beyond)


def _page[M: Model](rows: QuerySet[M], order: tuple[str, ...], pull: Pull, *, beyond: int | None) -> Page[M]:
    """`beyond`: the parent at which the next page begins when these parents hold no more rows."""
    if pull.since is not None:
        rows = rows.filter(updated_at__gte=pull.since)
    if pull.after is not None:
        rows = rows.filter(_later(order, pull.after))
    found = list(plainly(rows.order_by(*order)[: pull.limit + 1]))
    if len(found) > pull.limit:
        found.pop()
        return Page(found, tuple(getattr(found[-1], name) for name in order))
    return Page(found, None if beyond is None else (beyond,))


def _later(order: tuple[str, ...], after: tuple[Any, ...]) -> Q:
    """(a, b) > (x, y). Only a parent's key, without the rest: everything from that parent on."""
    if len(after) < len(order):
        return Q(**{f"{order[0]}__gte": after[0]})
    first, rest = order[0], order[1:]
    later = Q(**{f"{first}__gt": after[0]})
    return later if not rest else later | (Q(**{first: after[0]}) & _later(rest, after[1:]))


# --- What there is

_WHERE = "resource_link__deployment__institution"
# What is told of rows is read of them, and no more: pages hold hundreds, with a Byte and a course beside each.
_COURSE = ("resource_link__context__title", "resource_link__context__label", "resource_link__context__term")
_VERSION = ("byte__slug", "byte__version", "byte__language")
_PLACED = plainly(Placement.objects.select_related("byte", "resource_link__context").only("uuid", *_COURSE, *_VERSION))


def _placements(institution: Institution) -> QuerySet[Placement]:
    rows = Placement.objects.select_related("byte", "resource_link__context", "resource_link__deployment__registration")
    return rows.filter(**{_WHERE: institution}).only(
        *("uuid", "attempts_allowed", "which_counts", "grade_on", "reveal", "opens_at", "due_at", "closes_at"),
        *("updated_at", "resource_link__title", "resource_link__deployment__registration__uuid"),
        *("resource_link__context__roster_synced_at", *_COURSE, *_VERSION),
    )


# One placement of an institution, with all that its roster asks of it.
PLACED: Prepared[Placement] = Prepared(
    lambda institution, uuid: (
        Placement.objects.select_related("byte", "resource_link__deployment__registration")
        .defer("byte__document")
        .filter(uuid=uuid, **{_WHERE: institution})
    ),
    institution=Institution._meta.pk,
    uuid=Placement._meta.get_field("uuid"),
)


def _with_place[M: Model](rows: QuerySet[M]) -> QuerySet[M]:
    return rows.prefetch_related(Prefetch("placement", _PLACED.all()))


def _progress(_institution: Institution) -> QuerySet[Progress]:
    return _with_place(Progress.objects.all())


def _attempts(_institution: Institution) -> QuerySet[Attempt]:
    rows = Attempt.objects.select_related("byte").only(
        *("uuid", "placement", "learner", "number", "started_at", "submitted_at", "voided_at", "points"),
        *("points_possible", "updated_at", *_VERSION),
    )
    return _with_place(rows)


def _answered(institution: Institution) -> QuerySet[Attempt]:
    """Attempts that were submitted: an open one can still change without being told of."""
    return _attempts(institution).filter(submitted_at__isnull=False)


def _own[M: Model](rows: Callable[[Institution], QuerySet[M]]) -> Callable[[Institution], QuerySet[M]]:
    return lambda institution: rows(institution).filter(**{f"placement__{_WHERE}": institution})


def _parents(institution: Institution) -> QuerySet[Placement]:
    return Placement.objects.filter(**{_WHERE: institution})


def learners(institution: Institution) -> QuerySet[PlatformUser]:
    """Whoever is in a course of the institution, or has worked in one of its activities."""
    member = Membership.objects.filter(user=OuterRef("pk"), context__deployment__institution=institution)
    worked = Progress.objects.filter(learner=OuterRef("pk"), **{f"placement__{_WHERE}": institution})
    rows = PlatformUser.objects.select_related("registration").only(
        "sub", "name", "email", "locale", "updated_at", "registration__uuid"
    )
    return rows.filter(Exists(member) | Exists(worked))


def _scores(_institution: Institution) -> QuerySet[Score]:
    beside = LineItem.objects.select_related("deployment__registration", "resource_link__placement").only(
        "deployment__registration__product", "resource_link__placement__uuid"
    )
    return Score.objects.prefetch_related(Prefetch("line_item", plainly(beside)))


def _columns(institution: Institution) -> QuerySet[LineItem]:
    """Grade columns of activities that are set up here."""
    return LineItem.objects.filter(deployment__institution=institution, resource_link__placement__isnull=False)


BYTES = Feed(rows=lambda _institution: Byte.objects.defer("document"), key=("pk",))
INSTITUTIONS = Feed(rows=lambda institution: Institution.objects.filter(pk=institution.pk), key=("pk",))
PLACEMENTS = Feed(rows=_placements, key=("pk",))
RATED = Feed(rows=lambda institution: _PLACED.filter(**{_WHERE: institution}), key=("pk",))
PROGRESS = Feed(rows=_own(_progress), among=_progress, parent="placement_id", parents=_parents, key=("learner_id",))
ATTEMPTS = Feed(
    rows=_own(_attempts), among=_attempts, parent="placement_id", parents=_parents, key=("learner_id", "number")
)
RESPONSES = Feed(
    rows=_own(_answered), among=_answered, parent="placement_id", parents=_parents, key=("learner_id", "number")
)
LEARNERS = Feed(
    rows=learners,
    parent="registration_id",
    parents=lambda institution: Registration.objects.filter(
        Exists(Deployment.objects.filter(registration=OuterRef("pk"), institution=institution))
    ),
    key=("sub",),
)
GRADES = Feed(
    rows=lambda institution: _scores(institution).filter(line_item__in=_columns(institution)),
    among=_scores,
    parent="line_item_id",
    parents=_columns,
    key=("user_id",),
)
