"""The teacher's button for copying a course."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from itpm_byte.sandbox import notices
from itpm_byte.sandbox.copying import copy_course
from itpm_byte.sandbox.lms import lms_of
from itpm_byte.sandbox.pages import NotForYou, course_for, for_people_inside
from itpm_byte.sandbox.store import TEACHER, Person


@require_POST
@for_people_inside
def copy(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """Only who teaches the course may."""
    lms = lms_of(request)
    course = course_for(lms, person, key)
    enrolment = lms.store.enrolment(key, person.key)
    if not person.is_admin and (enrolment is None or enrolment.role != TEACHER):
        raise NotForYou
    with lms.store.changing():
        copied = copy_course(lms, course)
    notices.tell_of_copy(lms, copied)
    return HttpResponseRedirect(reverse("course", args=[copied.key]))
