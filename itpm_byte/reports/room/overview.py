"""What a teacher sees who opens the activity: who has done what, what to fix first, everybody in one list."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.insight import headline as headlines
from itpm_byte.insight import roster
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.learning.models import Placement, SupportRequest
from itpm_byte.reports.room import chart, lines
from itpm_byte.reports.room.access import room_required
from itpm_byte.reports.room.asking import Asked, headings, sheet
from lti import products
from lti.answers import SeeOther
from lti.courses import roster as rosters
from lti.models import Context, Launch
from lti.prepared import Prepared

# So many requests for help stand here; so old may a list be before it is worth a word.
REQUESTS_SHOWN = 5
OLD = timedelta(days=1)
# So long after it was asked for a list is said to be on its way.
ON_ITS_WAY = timedelta(minutes=1)

COLUMNS = {
    "name": (_("Learner"), False),
    "status": (_("Status"), False),
    "attempts": (_("Attempts"), True),
    "score": (_("Score"), True),
    "activity": (_("Last activity"), False),
    "grade": (_("Grade"), False),
}


@dataclass(frozen=True)
class Freshness:
    """How far the list of people can be trusted, in what a page says of it."""

    lms: str
    is_offered: bool
    synced_at: datetime | None
    advice: str
    is_on_its_way: bool
    is_old: bool
    is_new: bool = False

    @property
    def needs_a_look(self) -> bool:
        return self.is_offered and not self.is_on_its_way and (self.is_old or bool(self.advice))


@require_safe
@room_required
def overview(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    now, asked = timezone.now(), Asked.of(request, placement)
    fresh = freshness(placement, now=now)
    context: dict[str, Any] = {"launch": launch, "placement": placement, "here": "overview", "fresh": fresh}
    if is_piece(request):
        return render(request, "reports/room/_freshness.html", {**context, "is_piece": True})
    told = headlines.of_everybody(placement)
    product = launch.deployment.registration.product
    help_wanted = _HELP_WANTED.rows(placement=placement.pk)
    context |= {
        "headline": told,
        "pass_mark": placement.byte.pass_mark if placement.pass_mark is None else placement.pass_mark,
        "chart": chart.bar((status.value, status.label, told.by_status[status]) for status in SHOWN_ORDER),
        "chart_width": chart.WIDTH,
        "troubles": headlines.troubles(told, product=product),
        "help_wanted": help_wanted[:REQUESTS_SHOWN],
        "help_count": len(help_wanted),
        "refreshing": request.GET.get("refreshing", ""),
        "statuses": Status.choices,
        "grades": GradeState.choices,
        **listed(asked, launch, placement, told.learners),
    }
    return render(request, "reports/room/overview.html", context)


SHOWN_ORDER = (Status.COMPLETED, Status.IN_PROGRESS, Status.NOT_STARTED, Status.LEFT)


def listed(asked: Asked, launch: Launch, placement: Placement, everybody_count: int) -> dict[str, Any]:
    """The list's part of a page."""
    page = sheet(asked, everybody_count)
    if page.is_whole and not asked.is_narrowed:
        learners = roster.everybody(placement, asked.sort)
    else:
        rows = roster.narrowed(roster.learners(placement), asked.wish)
        page = sheet(asked, rows.count()) if asked.is_narrowed else page
        learners = roster.read(page.cut(roster.in_order(rows, asked.sort)), placement)
    return {
        "asked": asked,
        "sheet": page,
        "file_query": asked.query(page=""),
        "headings": headings(asked, COLUMNS),
        "lines": lines.of_learners(learners, base=learner_base(launch)),
    }


@require_POST
@room_required
def refresh(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """Ask a worker for the list of people. Once a minute at most; the page never waits for it."""
    context = placement.resource_link.context
    said = "none"
    if context is not None and context.memberships_url:
        asked = rosters.ask(context, now=timezone.now(), at_most_every=rosters.BY_HAND)
        said = "asked" if asked else "soon"
    return SeeOther(f"{reverse('reports:overview', args=[launch.pk])}?refreshing={said}")


def freshness(placement: Placement, *, now: datetime) -> Freshness:
    registration = placement.resource_link.deployment.registration
    # Not the registration's own name: institutions share one, and need not know of each other.
    lms = products.NAMES.get(products.family(registration.product), "") or str(_("your learning platform"))
    link = placement.resource_link
    context = link.context = _COURSE.first(key=link.context_id)
    if context is None:
        return Freshness(lms, False, None, "", False, False)
    told = rosters.freshness_of(context)
    asked_at = context.roster_asked_at
    is_unanswered = asked_at is not None and (told.synced_at is None or told.synced_at < asked_at)
    is_on_its_way = is_unanswered and asked_at is not None and asked_at > now - ON_ITS_WAY and not told.advice
    old = max(OLD, 2 * timedelta(minutes=settings.LTI_ROSTER_MINUTES))
    is_old = told.synced_at is None or told.synced_at < now - old
    is_new = told.synced_at is not None and told.synced_at > now - ON_ITS_WAY
    return Freshness(lms, told.is_offered, told.synced_at, told.advice, is_on_its_way, is_old, is_new)


def is_piece(request: HttpRequest) -> bool:
    """Asked for by the page's own script, not by a click on a link."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def learner_base(launch: Launch) -> str:
    """What stands before a learner's key in the address of their page; "" as long as there is no such page."""
    try:
        return reverse("reports:learner", args=[launch.pk, 0]).removesuffix("0/")
    except NoReverseMatch:
        return ""


# Compiled once: of the page that opens most often.
_HELP_WANTED: Prepared[SupportRequest] = Prepared(
    lambda placement: (
        SupportRequest.objects.filter(placement=placement, status=SupportRequest.Status.OPEN)
        .select_related("learner")
        .order_by("-created_at")[:100]
    ),
    placement=Placement._meta.pk,
)
_COURSE: Prepared[Context] = Prepared(lambda key: Context.objects.filter(pk=key), key=Context._meta.pk)
