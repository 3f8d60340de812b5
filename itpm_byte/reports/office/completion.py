"""The completion report: totals, courses, learners, one learner's attempts; and the rows as a file."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from itpm_byte.insight import completion, completion_querysets, totals
from itpm_byte.insight.completion import SearchTooWide, Wish
from itpm_byte.insight.completion_rows import TABLE
from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.reports import export
from itpm_byte.reports.office.access import office_required
from itpm_byte.reports.office.chart import chart
from itpm_byte.reports.office.filters import FilterForm, address

# About a minute's work: more rows go as CSV.
MOST_IN_WORKBOOK = 100_000
TOO_LONG = _("An Excel file of more than {number} rows takes too long. Take the CSV file, or fewer rows.")
TOO_WIDE = _("More than {number} people match. Write more of the name, or the whole e-mail.")


@require_safe
@office_required
def report(request: HttpRequest) -> HttpResponseBase:
    """Totals, trend and courses; with a course chosen, its learners instead of the list of courses."""
    form = FilterForm(request.GET, request.user)
    context = _around(request, form)
    if form.is_valid():
        try:
            context |= _numbers(request, form.wish())
        except SearchTooWide:
            _say_too_wide(form)
    return render(request, "reports/office/completion.html", context, status=400 if form.errors else 200)


def _numbers(request: HttpRequest, wish: Wish) -> dict[str, Any]:
    offset = _number(request, "offset")
    found = totals.report(request.user, wish, offset=offset)
    unit, steps = totals.steps(found.days)
    told = request.GET
    courses = [(course, address(told, course=course.course_id) if course.course_id else "") for course in found.courses]
    pages = {
        "next": address(told) + f"&offset={offset + totals.COURSES}" if found.has_more else "",
        "previous": address(told) + f"&offset={max(offset - totals.COURSES, 0)}" if offset else "",
    }
    shown: dict[str, Any] = {
        "report": found,
        "numbers": found.numbers,
        "courses": courses,
        "pages": pages,
        "chart": chart(unit, steps, expected=found.numbers.expected),
    }
    if wish.course is not None:
        shown["page"] = completion.page(request.user, wish)
    return shown


@require_safe
@office_required
def learners(request: HttpRequest) -> HttpResponseBase:
    """All rows, page by page: `after` is the key of the last row seen, as 12-345."""
    form = FilterForm(request.GET, request.user)
    context = _around(request, form)
    if form.is_valid():
        try:
            context["page"] = completion.page(request.user, form.wish(), after=_after(request))
        except SearchTooWide:
            _say_too_wide(form)
    return render(request, "reports/office/learners.html", context, status=400 if form.errors else 200)


@require_safe
@office_required
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Rows as they are read: no more than a chunk of them in memory."""
    return _file(request, export.csv_file)


@require_safe
@office_required
def as_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The same as a workbook, which is whole before it is sent."""
    return _file(request, export.xlsx_file, most=MOST_IN_WORKBOOK)


def _file(
    request: HttpRequest, written: Callable[..., HttpResponseBase], *, most: int | None = None
) -> HttpResponseBase:
    form = FilterForm(request.GET, request.user)
    try:
        if form.is_valid():
            # Now, for the stream asks when it is too late for a page.
            wish = completion_querysets.with_found(request.user, form.wish())
            if most is not None and totals.report(request.user, wish).numbers.rows > most:
                form.add_error(None, TOO_LONG.format(number=most))
                return render(request, "reports/office/completion.html", _around(request, form), status=400)
            rows = completion.stream(request.user, wish)
            return written(TABLE, rows, filename=f"completion-{timezone.now():%Y-%m-%d}")
    except SearchTooWide:
        _say_too_wide(form)
    return render(request, "reports/office/completion.html", _around(request, form), status=400)


@require_safe
@office_required
def attempts(request: HttpRequest, placement: int, learner: int) -> HttpResponseBase:
    """What one learner did at one placement; nothing can be changed here."""
    wish = Wish(learners=(learner,))
    get_object_or_404(completion_querysets.places(request.user, Wish()), pk=placement)
    row = next((row for row in completion.page(request.user, wish, limit=1000).rows if row.key[0] == placement), None)
    if row is None:
        raise Http404
    found = Attempt.objects.filter(placement=placement, learner=learner).order_by("number")
    context = {
        "row": row,
        "attempts": found.select_related("byte").prefetch_related("responses__question", "responses__choice"),
        "placement": Placement.objects.get(pk=placement),
    }
    return render(request, "reports/office/attempts.html", context)


def _around(request: HttpRequest, form: FilterForm) -> dict[str, Any]:
    course = form.fields["course"]
    chosen = None
    if form.is_valid():
        chosen = form.cleaned_data["course"]
    return {
        "form": form,
        "course": chosen,
        "course_field": course,
        "query": address(request.GET),
        "without_course": address(request.GET, course=None, group=None),
    }


def _say_too_wide(form: FilterForm) -> None:
    form.add_error("search", TOO_WIDE.format(number=completion_querysets.MOST_FOUND))


def _number(request: HttpRequest, name: str) -> int:
    said = request.GET.get(name, "")
    return min(int(said), 1_000_000) if said.isascii() and said.isdigit() else 0


def _after(request: HttpRequest) -> completion.Key | None:
    place, _hyphen, learner = request.GET.get("after", "").partition("-")
    parts = [part for part in (place, learner) if part.isascii() and part.isdigit() and len(part) < 19]
    return (int(parts[0]), int(parts[1])) if len(parts) == 2 else None
