"""What another setting, or another key, would make of all grades, as a file: the dry run that a page shows in part."""

from decimal import Decimal

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itpm_byte.insight.tables import Column, Table
from itpm_byte.learning import dry_run, marking
from itpm_byte.learning.dry_run import Change, DryRun
from itpm_byte.learning.models import Placement
from itpm_byte.learning.scoring import Counted
from itpm_byte.reports import export
from itpm_byte.reports.room.access import decider_required
from itpm_byte.reports.room.files import filename_of
from lti.models import Launch

SETTINGS = {"which_counts": Placement.WhichCounts.values, "grade_on": Placement.GradeOn.values}


def _points(grade: Counted | None) -> Decimal | None:
    return None if grade is None else grade.points


def _possible(grade: Counted | None) -> int | None:
    return None if grade is None else grade.possible


CHANGES: Table[Change] = Table(
    "changes",
    (
        Column("name", _("Learner"), lambda one: one.learner.display_name),
        Column("email", _("E-mail"), lambda one: one.learner.email),
        Column("learner_id", _("Id in the learning platform"), lambda one: one.learner.sub),
        Column("points_before", _("Points now"), lambda one: _points(one.before)),
        Column("possible_before", _("Points possible now"), lambda one: _possible(one.before)),
        Column("points_after", _("Points then"), lambda one: _points(one.after)),
        Column("possible_after", _("Points possible then"), lambda one: _possible(one.after)),
    ),
)


@require_safe
@decider_required
def download(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponseBase:
    """`which_counts`, `grade_on`: as they would be; or `by`: the version that would mark, or "own"."""
    found = _marked(request, placement) if "by" in request.GET else _set(request, placement)
    return export.csv_file(CHANGES, found.changes, filename=filename_of(placement, "changes"))


def _set(request: HttpRequest, placement: Placement) -> DryRun:
    settings = {name: request.GET[name] for name in SETTINGS if name in request.GET}
    if any(value not in SETTINGS[name] for name, value in settings.items()):
        raise Http404
    return dry_run.of_settings(placement, settings)


def _marked(request: HttpRequest, placement: Placement) -> DryRun:
    by = request.GET["by"]
    if by == "own":
        return dry_run.of_marking(placement, None)
    for one in marking.corrections(placement, now=timezone.now()):
        if str(one.byte.version) == by:
            return dry_run.of_marking(placement, one.byte)
    raise Http404
