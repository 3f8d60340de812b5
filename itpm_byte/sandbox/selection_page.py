"""A teacher adds an activity: by a name alone, or with content that the tool's picker gave."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.pages import NotForYou, course_for, for_people_inside, teaches
from itpm_byte.sandbox.selection import AnswerRefused, Selection, begin, take
from itpm_byte.sandbox.store import Course, Link, Person

Item = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@for_people_inside
def add(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """The form of a new activity. `?select=1` shows the tool's picker in it, `?chosen=…` what was picked there."""
    lms = lms_of(request)
    course = _course_to_fill(lms, person, key)
    selection = lms.selections.get(request.POST.get("chosen") or request.GET.get("chosen", ""))
    if selection is not None and (selection.course, selection.person) != (course.key, person.key):
        raise NotForYou
    if request.method == "POST":
        _save(lms, course, selection, request)
        return HttpResponseRedirect(reverse("course", args=[key]))
    items = selection.items or [] if selection else []
    context = {
        "course": course,
        "here": "course",
        "is_selecting": "select" in request.GET,
        "chosen": selection,
        "items": items,
        "item": items[0] if len(items) == 1 else None,
        "custom": "\n".join(f"{name}={value}" for name, value in _custom(items[0]).items()) if items else "",
    }
    return render(request, "sandbox/add.html", context)


@require_safe
@for_people_inside
def select(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """The page in the picker's frame that sends the browser to the tool."""
    lms = lms_of(request)
    course = _course_to_fill(lms, person, key)
    fields = lms.login_fields(begin(lms, person, course.key))
    context = {"action": lms.store.registration.login_url, "fields": fields, "method": lms.manner.login_method}
    return render(request, "sandbox/posting.html", context)


@csrf_exempt
@require_POST
def returned(request: HttpRequest, key: str) -> HttpResponse:
    """The tool's answer, posted by the browser from the frame: checked, kept, and out of the frame (DL-05)."""
    lms = lms_of(request)
    try:
        selection = take(lms, request.GET.get("sesskey", ""), request.POST.get("JWT", ""))
    except AnswerRefused as refused:
        context = {"title": _("This content was not taken"), "reason": str(refused)}
        response = render(request, "sandbox/problem.html", context, status=400)
        response.refusal = str(refused)  # type: ignore[attr-defined] # read by the journal
        return response
    onward = f"{reverse('add-activity', args=[key])}?chosen={selection.secret}"
    if lms.manner.name == "canvas" and selection.items:
        # Canvas makes what it gets, at once.
        for item in selection.items:
            _make(lms, lms.store.courses[selection.course], item, typed={})
        onward = reverse("course", args=[key])
    return render(request, "sandbox/return.html", {"key": key, "onward": onward})


def _course_to_fill(lms: Lms, person: Person, key: str) -> Course:
    course = course_for(lms, person, key)
    if not (person.is_admin or teaches(lms, person, course)):
        raise NotForYou
    return course


def _save(lms: Lms, course: Course, selection: Selection | None, request: HttpRequest) -> None:
    """One activity takes what stands in the form, several are made as the tool said."""
    items = (selection.items or []) if selection else []
    if len(items) > 1:
        for item in items:
            _make(lms, course, item, typed={})
        return
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in ("name", "description", "custom")}
    _make(lms, course, items[0] if items else {}, typed=typed)


def _make(lms: Lms, course: Course, item: Item, *, typed: dict[str, str]) -> None:
    manner, store = lms.manner, lms.store
    column = item.get("lineItem")
    with store.changing():
        number = max(link.activity for link in store.links.values()) + 1
        title = typed.get("name") or item.get("title") or _("New activity")
        link = Link(
            key=f"added-{number}",
            course=course.key,
            id=manner.identifier("link", number),
            activity=number,
            title=title,
            description=typed.get("description", str(item.get("text", ""))),
            # Moodle opens as its own settings say, whatever an item wishes.
            opens_in="window" if "window" in item and manner.name != "moodle" else "iframe",
            custom=_lines(typed["custom"]) if "custom" in typed else _filled(manner.name, item),
            line_item_claim="url" if column else "absent",
        )
        store.links[link.key] = link
        if column:
            store.add_line_item(
                course=course.key,
                label=title if manner.name == "moodle" else column.get("label", title),
                score_maximum=column["scoreMaximum"],
                link=link.key,
                resource_id=column.get("resourceId", ""),
                tag=column.get("tag", ""),
            )


def _custom(item: Item) -> dict[str, str]:
    return dict(item.get("custom", {}))


def _filled(manner: str, item: Item) -> dict[str, str]:
    """Moodle knows no dates of a link and sends such variables as they stand; others fill in what the item said."""
    dates = {
        f"$ResourceLink.{period}.{end}": item.get(period, {}).get(end)
        for period in ("available", "submission")
        for end in ("startDateTime", "endDateTime")
    }
    known = {} if manner == "moodle" else {name: value for name, value in dates.items() if value}
    return {name: known.get(value, value) for name, value in _custom(item).items()}


def _lines(text: str) -> dict[str, str]:
    """As a teacher sees and changes them: one to a line."""
    pairs = [line.partition("=") for line in text.splitlines() if "=" in line]
    return {name.strip(): value.strip() for name, _sign, value in pairs}
