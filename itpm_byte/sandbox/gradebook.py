"""The gradebook page: own grades for learners, everybody's for teachers, who may overrule and lock them."""

import math
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.pages import NotForYou, course_for, for_people_inside, problem, sees_everyone
from itpm_byte.sandbox.review import has_work
from itpm_byte.sandbox.scores import shown
from itpm_byte.sandbox.store import LEARNER, TEACHER, Course, LineItem, Person


@require_safe
@for_people_inside
def gradebook(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    lms = lms_of(request)
    course = course_for(lms, person, key)
    columns = [{"item": item, "cells": _cells(lms, person, course, item)} for item in lms.store.line_items_of(key)]
    context = {
        "course": course,
        "columns": columns,
        "here": "grades",
        "is_teacher": sees_everyone(lms, person, course),
        "may_change": _may_change(lms, person, course),
    }
    return render(request, "sandbox/gradebook.html", context)


@require_safe
@for_people_inside
def gradebook_rows(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """The same cells for the script that keeps the page fresh."""
    lms = lms_of(request)
    course = course_for(lms, person, key)
    cells = [cell for item in lms.store.line_items_of(key) for cell in _cells(lms, person, course, item)]
    return JsonResponse({"cells": cells})


@require_POST
@for_people_inside
def change_grade(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """A teacher's own mark (empty: the tool's again), and the lock that refuses the tool's scores."""
    lms = lms_of(request)
    course = course_for(lms, person, key)
    item = lms.store.line_items.get(request.POST.get("item", ""))
    enrolment = lms.store.enrolment(key, request.POST.get("learner", ""))
    if not _may_change(lms, person, course) or item is None or item.course != key or enrolment is None:
        raise NotForYou
    mark = request.POST.get("mark", "").strip().replace(",", ".")
    try:
        overridden = float(mark) if mark else None
    except ValueError:
        overridden = math.nan
    if overridden is not None and not 0 <= overridden <= item.score_maximum:
        text = _("A mark is a number from 0 to %(maximum)g.") % {"maximum": item.score_maximum}
        return problem(request, _("That is no mark"), text, 400)
    with lms.store.changing():
        grade = lms.store.grade_to_change(item, enrolment.person)
        grade.overridden, grade.is_locked = overridden, "lock" in request.POST
    return HttpResponseRedirect(reverse("gradebook", args=[key]) + f"#grade-{item.id}-{enrolment.person}")


def _may_change(lms: Lms, person: Person, course: Course) -> bool:
    enrolment = lms.store.enrolment(course.key, person.key)
    return person.is_admin or bool(enrolment and enrolment.role == TEACHER)


def _cells(lms: Lms, reader: Person, course: Course, item: LineItem) -> list[dict[str, Any]]:
    everyone = sees_everyone(lms, reader, course)
    rows = lms.store.roster(course.key)
    learners = [person for person, row in rows if row.role == LEARNER and row.is_active]
    return [_cell(lms, item, learner) for learner in learners if everyone or learner.key == reader.key]


def _cell(lms: Lms, item: LineItem, learner: Person) -> dict[str, Any]:
    """What one cell says, as texts."""
    grade = lms.store.grade(item, learner.key)
    mark = shown(grade, item) if grade else None
    notes = []
    if grade and grade.overridden is not None:
        notes.append(_("set by a teacher"))
    if item.is_locked or (grade and grade.is_locked):
        notes.append(_("locked"))
    return {
        "id": f"grade-{item.id}-{learner.key}",
        "item": item.id,
        "item_label": item.label,
        "learner": learner.key,
        "name": learner.name,
        "mark": "–" if mark is None else f"{round(mark, 2):g}",
        "maximum": f"{item.score_maximum:g}",
        "comment": grade.comment if grade else "",
        "received_at": grade.received_at[:19].replace("T", " ") + " UTC" if grade and grade.received_at else "",
        "notes": ", ".join(notes),
        "own_mark": "" if grade is None or grade.overridden is None else f"{grade.overridden:g}",
        "is_locked": bool(grade and grade.is_locked),
        "has_work": has_work(lms, item, learner.key),
    }
