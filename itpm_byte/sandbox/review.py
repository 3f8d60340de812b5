"""From a cell of the gradebook to the tool: one learner's work (OTH-10)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from itpm_byte.sandbox.lms import Lms, lms_of
from itpm_byte.sandbox.manners import CLAIM
from itpm_byte.sandbox.pages import NotForYou, course_for, for_people_inside, sees_everyone
from itpm_byte.sandbox.store import LEARNER, LineItem, Person


@require_safe
@for_people_inside
def page(request: HttpRequest, person: Person, key: str, item: int, learner: str) -> HttpResponse:
    """The tool in a frame below the course's head."""
    lms = lms_of(request)
    course = course_for(lms, person, key)
    column, subject = _cell(lms, person, key, item, learner)
    source = reverse("review-launch", args=[key, item, learner])
    context = {"course": course, "column": column, "subject": subject, "source": source, "here": "grades"}
    return render(request, "sandbox/review.html", context)


@require_safe
@for_people_inside
def launch(request: HttpRequest, person: Person, key: str, item: int, learner: str) -> HttpResponse:
    lms = lms_of(request)
    course_for(lms, person, key)
    column, subject = _cell(lms, person, key, item, learner)
    pending = lms.begin_launch(person, str(column.link))
    pending.changes = review_claims(lms, column, subject)
    fields = lms.login_fields(pending)
    fields["target_link_uri"] = pending.changes[CLAIM + "target_link_uri"]
    login_url = lms.store.registration.login_url
    return render(request, "sandbox/posting.html", {"action": login_url, "fields": fields})


def review_claims(lms: Lms, column: LineItem, subject: Person) -> dict[str, Any]:
    """What differs from an ordinary launch. Moodle sends the message whether the tool asked for it or not.

    Canvas launches what the submission says, and calls the course the link (instructure/canvas-lms issue 1952).
    """
    if lms.manner.opens_submissions:
        grade = lms.store.grade(column, subject.key)
        link = {"id": lms.store.courses[column.course].id}
        return {CLAIM + "target_link_uri": grade.work_url if grade else "", CLAIM + "resource_link": link}
    wish = column.submission_review or {}
    return {
        CLAIM + "message_type": "LtiSubmissionReviewRequest",
        CLAIM + "for_user": {"user_id": subject.id},
        CLAIM + "target_link_uri": wish.get("url") or lms.store.registration.target_link_uri,
        **({CLAIM + "custom": wish["custom"]} if wish.get("custom") else {}),
    }


def has_work(lms: Lms, column: LineItem, learner: str) -> bool:
    """Is there something to open? Canvas has only what was submitted."""
    grade = lms.store.grade(column, learner)
    return bool(column.link) and (not lms.manner.opens_submissions or bool(grade and grade.work_url))


def _cell(lms: Lms, reader: Person, key: str, item: int, learner: str) -> tuple[LineItem, Person]:
    column, enrolment = lms.store.line_items.get(str(item)), lms.store.enrolment(key, learner)
    is_theirs = reader.key == learner or sees_everyone(lms, reader, lms.store.courses[key])
    if column is None or column.course != key or not column.link or not is_theirs:
        raise NotForYou
    if enrolment is None or enrolment.role != LEARNER or not has_work(lms, column, learner):
        raise NotForYou
    return column, lms.store.people[learner]
