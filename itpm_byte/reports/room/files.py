"""The room's tables as files: the whole list as it is narrowed and sorted on the page that leads here."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from itpm_byte.insight import feedback, grade_sync, roster
from itpm_byte.insight.feedback_tables import FEEDBACK
from itpm_byte.insight.question_tables import QUESTIONS, option_rows
from itpm_byte.insight.roster_tables import GRADES, ROSTER
from itpm_byte.insight.tables import Table
from itpm_byte.learning.models import Placement
from itpm_byte.reports import export
from itpm_byte.reports.room import questions
from itpm_byte.reports.room.access import room_required
from itpm_byte.reports.room.asking import Asked
from lti.models import Launch

LONGEST_NAME = 60


@require_safe
@room_required
def download(request: HttpRequest, launch: Launch, placement: Placement, table: str, kind: str) -> HttpResponseBase:
    if table not in FILES or kind not in {"csv", "xlsx"}:
        raise Http404
    columns, rows = FILES[table](request, placement)
    return _file(kind, columns, rows, filename_of(placement, table))


def _roster(request: HttpRequest, placement: Placement) -> tuple[Table[Any], Iterable[Any]]:
    asked = Asked.of(request, placement)
    found = roster.in_order(roster.narrowed(roster.learners(placement), asked.wish), asked.sort)
    return ROSTER, roster.read(found, placement, in_chunks=True)


def _grades(request: HttpRequest, placement: Placement) -> tuple[Table[Any], Iterable[Any]]:
    asked = Asked.of(request, placement)
    found = roster.in_order(roster.narrowed(grade_sync.grades(placement), asked.wish), asked.sort)
    return GRADES, grade_sync.read(found, placement, in_chunks=True)


def _questions(request: HttpRequest, placement: Placement) -> tuple[Table[Any], Iterable[Any]]:
    found = questions.analysis_of(questions.Asked.of(request, placement), placement, now=timezone.now())
    return QUESTIONS, option_rows(found)


def _feedback(request: HttpRequest, placement: Placement) -> tuple[Table[Any], Iterable[Any]]:
    return FEEDBACK, feedback.summaries([placement])[placement.pk]


# Columns and rows of each file, by the name in its address.
FILES: dict[str, Callable[[HttpRequest, Placement], tuple[Table[Any], Iterable[Any]]]] = {
    "roster": _roster,
    "grades": _grades,
    "questions": _questions,
    "feedback": _feedback,
}


def _file[R](kind: str, table: Table[R], rows: Iterable[R], filename: str) -> HttpResponseBase:
    if kind == "csv":
        return export.csv_file(table, rows, filename=filename)
    return export.xlsx_file(table, rows, filename=filename)


def filename_of(placement: Placement, table: str) -> str:
    """Course, activity and day in letters that every system takes: "careers-it-project-manager-roster-2026-11-29"."""
    course = placement.resource_link.context
    parts = [slugify(str(course))[:LONGEST_NAME] if course else "", slugify(placement.byte.title)[:LONGEST_NAME]]
    named = [part for part in parts if part] or [f"activity-{placement.pk}"]
    return "-".join([*named, table, timezone.now().date().isoformat()])
