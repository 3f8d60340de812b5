"""What should be in the gradebook, what was sent, what it shows; sending again, and over a teacher's change if asked.

Whoever works in the course looks, compares and resends: none of that changes a grade that somebody gave in the LMS.
To send over such a grade is for those who decide (OTH-03, AGS-31).
"""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.insight import grade_sync, roster
from itpm_byte.insight.grade_sync import Grade
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.learning.models import Placement
from itpm_byte.reports.room import lines
from itpm_byte.reports.room.access import decider_required, room_required
from itpm_byte.reports.room.asking import Asked, Sheet, headings, sheet
from itpm_byte.reports.room.overview import learner_base
from lti import audit
from lti.answers import SeeOther
from lti.grades import comparing, overrides, scores
from lti.models import Launch, LineItem, Score

COLUMNS = {
    "name": (_("Learner"), False),
    "wanted": (_("Should show"), True),
    "sent": (_("Sent"), True),
    "observed": (_("Gradebook shows"), True),
    "grade": (_("State"), False),
    "do": (_("Action"), False),
}


@require_safe
@room_required
def grades(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    asked, counts = Asked.of(request, placement), grade_sync.counts(placement)
    page, rows = _listed(asked, placement, counts.learners)
    column = _column(placement)
    context = {
        **_about(launch, placement),
        "asked": asked,
        "sheet": page,
        "file_query": asked.query(page=""),
        "headings": headings(asked, COLUMNS),
        "lines": lines.of_grades(
            rows,
            base=learner_base(launch),
            overwrite_url=reverse("reports:grades-overwrite", args=[launch.pk]),
            may_overwrite=launch.may_author,
        ),
        "statuses": Status.choices,
        "grades": GradeState.choices,
        "counts": counts,
        "column": column,
        "goes_over": column is not None and overrides.rule_of(column),
        "can_compare": comparing.can_compare(column),
        "compare_advice": comparing.advice_of(column) if column else "",
        "said": request.GET.get("said", ""),
        "said_count": request.GET.get("n", ""),
    }
    return render(request, "reports/room/grades.html", context)


def _listed(asked: Asked, placement: Placement, everybody: int) -> tuple[Sheet, Iterator[Grade]]:
    page = sheet(asked, everybody)
    if page.is_whole and not asked.is_narrowed:
        return page, grade_sync.everybody(placement, asked.sort)
    rows = roster.narrowed(grade_sync.grades(placement), asked.wish)
    page = sheet(asked, rows.count()) if asked.is_narrowed else page
    return page, grade_sync.read(page.cut(roster.in_order(rows, asked.sort)), placement)


@require_POST
@room_required
def resend(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """`learner`: that one's grade; else `what`: "failed", or "all", which is asked about first."""
    rows = grade_sync.resendable(grade_sync.grades(placement))
    learner = request.POST.get("learner", "")
    what = "one" if learner else request.POST.get("what", "")
    if what == "one":
        rows = _only(rows, learner)
    elif what == "failed":
        rows = grade_sync.failed(rows)
    elif what != "all":
        raise Http404
    elif "confirmed" not in request.POST:
        context = {**_about(launch, placement), "count": rows.count(), "confirms": "all"}
        return render(request, "reports/room/confirm.html", context)
    count = _send_again(launch, placement, rows, what)
    return _back(launch, "resent", count)


def _send_again(launch: Launch, placement: Placement, rows: Any, what: str) -> int:
    found = list(rows.order_by("pk"))
    with transaction.atomic():
        now = timezone.now()
        count = scores.resend_all([row.score_id for row in found], now=now)
        if count:
            audit.record(
                "grade.resent",
                by=launch.user,
                now=now,
                on=placement,
                context=placement.resource_link.context,
                institution=launch.deployment.institution,
                subject=found[0] if what == "one" else None,
                after={"which": what, "count": count},
            )
    return count


@require_POST
@decider_required
def overwrite(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """Send one learner's grade over what was changed in the LMS; asked about first."""
    product = launch.deployment.registration.product
    row = _only(grade_sync.resendable(grade_sync.grades(placement)), request.POST.get("learner", "")).get()
    grade = grade_sync.grade_of(row, product=product)
    if not grade.is_changed:
        return _back(launch, "unchanged", 0)
    if "confirmed" not in request.POST:
        context = {**_about(launch, placement), "grade": grade, "confirms": "over"}
        return render(request, "reports/room/confirm.html", context)
    _send_over(launch, placement, grade)
    return _back(launch, "resent", 1)


def _send_over(launch: Launch, placement: Placement, grade: Grade) -> None:
    assert grade.score_id is not None
    with transaction.atomic():
        now = timezone.now()
        scores.resend(Score.objects.get(pk=grade.score_id), now=now, overwrites=True)
        audit.record(
            "grade.sent_over",
            by=launch.user,
            now=now,
            on=placement,
            context=placement.resource_link.context,
            institution=launch.deployment.institution,
            subject=grade.learner.user,
            before={"gradebook": grade.observed},
            after={"gradebook": grade.wanted, "maximum": grade.maximum},
        )


@require_POST
@decider_required
def rule(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """`rule` "over": from now on grades of this column go over what is changed in the LMS, asked about first; "keep":
    they do not."""
    wanted, column = request.POST.get("rule", ""), _column(placement)
    if wanted not in {"over", "keep"} or column is None:
        raise Http404
    if wanted == "over" and "confirmed" not in request.POST:
        return render(request, "reports/room/confirm.html", {**_about(launch, placement), "confirms": "rule"})
    with transaction.atomic():
        overrides.set_rule(placement.resource_link, overwrites=wanted == "over")
        audit.record(
            "grade.rule_changed",
            by=launch.user,
            now=timezone.now(),
            on=placement,
            context=placement.resource_link.context,
            institution=launch.deployment.institution,
            before={"goes_over_changes": overrides.rule_of(column)},
            after={"goes_over_changes": wanted == "over"},
        )
    return _back(launch, "rule", 0)


@require_POST
@room_required
def compare(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """Ask a worker to read what the gradebook shows. Nothing is sent there."""
    column = _column(placement)
    if column is None or not comparing.can_compare(column):
        return _back(launch, "no-compare", 0)
    return _back(launch, "comparing" if comparing.ask(column, now=timezone.now()) else "soon", 0)


def _about(launch: Launch, placement: Placement) -> dict[str, Any]:
    return {"launch": launch, "placement": placement, "here": "grades"}


def _column(placement: Placement) -> LineItem | None:
    column = LineItem.objects.filter(resource_link=placement.resource_link).first()
    if column is not None:
        column.resource_link, column.deployment = placement.resource_link, placement.resource_link.deployment
    return column


def _only(rows: Any, learner: str) -> Any:
    """That learner's row alone; raises Http404 for somebody who has no grade here."""
    found = (
        rows.filter(pk=int(learner)) if learner.isascii() and learner.isdigit() and len(learner) < 19 else rows.none()
    )
    if not found.exists():
        raise Http404
    return found


def _back(launch: Launch, said: str, count: int) -> HttpResponse:
    number = f"&n={count}" if count else ""
    return SeeOther(f"{reverse('reports:grades', args=[launch.pk])}?said={said}{number}")
