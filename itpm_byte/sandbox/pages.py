"""The pages people see: entrance, course, activity. As plain as an LMS can be; each says that this is a sandbox."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import MANNERS
from itpm_byte.sandbox.sessions import log_in, log_out, who
from itpm_byte.sandbox.store import LEARNER, TEACHER, Course, Link, Person

View = Callable[..., HttpResponse]


class NotForYou(Exception):
    """The page exists, but not for who asks (or nobody is logged in)."""


def headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: nothing from elsewhere but the tool in a frame, nobody frames the LMS, nothing is cached."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        tool = lms_of(request).store.registration.tool_url
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"frame-src 'self' {tool}; form-action 'self' {tool}; frame-ancestors 'self'; base-uri 'none'",
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who is logged in, and which LMS this plays."""
    lms = lms_of(request)
    return {"person": who(request), "manner": lms.manner, "tool_url": lms.store.registration.tool_url}


def for_people_inside(view: View) -> View:
    """Lets logged-in people in; a page that is not for them says so (403)."""

    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        person = who(request)
        if person is None:
            if request.method == "GET" and "json" not in request.path:
                return HttpResponseRedirect(reverse("entrance"))
            return problem(request, _("Please enter first"), _("You are not logged in to the sandbox LMS."), 403)
        try:
            return view(request, person, **parts)
        except NotForYou:
            text = _("%(name)s may not see this page. Enter as somebody else to have a look.") % {"name": person.name}
            return problem(request, _("Not for you"), text, 403)

    return guarded


def problem(request: HttpRequest, title: str, reason: str, status: int) -> HttpResponse:
    return render(request, "sandbox/problem.html", {"title": title, "reason": reason}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, _("Nothing here"), _("This address leads nowhere in the sandbox LMS."), 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem(
        request, _("Please try again"), _("This form is too old. Go back, reload the page, send it again."), 403
    )


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    lms, person = lms_of(request), who(request)
    context = {
        "groups": _groups(lms),
        "manners": MANNERS.values(),
        "courses": [course for course in lms.store.courses.values() if person and _may_enter(lms, person, course)],
    }
    return render(request, "sandbox/entrance.html", context)


def _groups(lms: Lms) -> list[dict[str, Any]]:
    """The people by what they do, learners first: most visitors want to see what a learner sees."""
    people = list(lms.store.people.values())
    teaching = {row.person for row in lms.store.enrolments.values() if row.role != LEARNER}
    learning = {row.person for row in lms.store.enrolments.values()} - teaching
    groups = [
        (_("Learn"), [one for one in people if one.key in learning and not one.is_test_user]),
        (_("Teach"), [one for one in people if one.key in teaching]),
        (_("And also"), [one for one in people if one.key not in teaching | learning or one.is_test_user]),
    ]
    return [{"title": title, "people": members} for title, members in groups if members]


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    lms = lms_of(request)
    person = lms.store.people.get(request.POST.get("person", ""))
    if person is None:
        return problem(request, _("Nobody of that name"), _("Choose one of the people on the entrance page."), 400)
    courses = [course for course in lms.store.courses.values() if _may_enter(lms, person, course)]
    only_one = reverse("course", args=[courses[0].key]) if len(courses) == 1 else reverse("entrance")
    response = HttpResponseRedirect(only_one)
    log_in(response, person)
    return response


@require_POST
def choose_manner(request: HttpRequest) -> HttpResponse:
    """Another LMS from now on; what each of them knows of people and grades is kept apart."""
    wanted = request.POST.get("manner", "")
    if wanted not in MANNERS:
        return problem(request, _("No such LMS"), _("Choose one of those on the entrance page."), 400)
    lms_of(request).play(wanted)
    return HttpResponseRedirect(reverse("entrance"))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(reverse("entrance"))
    log_out(response)
    return response


@require_safe
@for_people_inside
def course(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    lms = lms_of(request)
    found = course_for(lms, person, key)
    links = [link for link in lms.store.links_of(key) if _may_open(lms, person, link)]
    may_add = person.is_admin or teaches(lms, person, found)
    context = {"course": found, "links": links, "here": "course", "may_add": may_add}
    return render(request, "sandbox/course.html", context)


@require_safe
@for_people_inside
def activity(request: HttpRequest, person: Person, key: str, activity: int) -> HttpResponse:
    lms = lms_of(request)
    found, link = course_for(lms, person, key), _link_for(lms, person, key, activity)
    context = {"course": found, "link": link, "storage": lms.storage, "here": "activity"}
    context["takes_heights"] = lms.manner.takes_heights
    return render(request, "sandbox/activity.html", context)


@require_safe
@for_people_inside
def launch(request: HttpRequest, person: Person, key: str, activity: int) -> HttpResponse:
    """The page that sends the browser to the tool (third-party initiated login), in the frame or the new window."""
    lms = lms_of(request)
    course_for(lms, person, key)
    link = _link_for(lms, person, key, activity)
    fields = lms.login_fields(lms.begin_launch(person, link.key))
    context = {"action": lms.store.registration.login_url, "fields": fields, "method": lms.manner.login_method}
    return render(request, "sandbox/posting.html", {**context, "link": link})


@require_safe
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Where the tool sends people back to. In a frame the LMS's own cookie is not sent, so this needs no log-in."""
    return render(request, "sandbox/return.html", {"key": key})


def course_for(lms: Lms, person: Person, key: str) -> Course:
    found = lms.store.courses.get(key)
    if found is None or not _may_enter(lms, person, found):
        raise NotForYou
    return found


def sees_everyone(lms: Lms, person: Person, course: Course) -> bool:
    """Whether this person sees all grades of the course: teachers, assistants, administrators."""
    enrolment = lms.store.enrolment(course.key, person.key)
    return person.is_admin or bool(enrolment and enrolment.role != LEARNER)


def teaches(lms: Lms, person: Person, course: Course) -> bool:
    """Who adds activities; assistants only grade."""
    enrolment = lms.store.enrolment(course.key, person.key)
    return bool(enrolment and enrolment.role == TEACHER and enrolment.is_active)


def _may_enter(lms: Lms, person: Person, course: Course) -> bool:
    enrolment = lms.store.enrolment(course.key, person.key)
    return person.is_admin or bool(enrolment and enrolment.is_active)


def _may_open(lms: Lms, person: Person, link: Link) -> bool:
    return not link.is_hidden or sees_everyone(lms, person, lms.store.courses[link.course])


def _link_for(lms: Lms, person: Person, key: str, activity: int) -> Link:
    link = lms.store.link_by_activity(activity)
    if link is None or link.course != key or not _may_open(lms, person, link):
        raise NotForYou
    return link
