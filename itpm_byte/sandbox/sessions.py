"""Who is logged in to the pretend LMS: one signed cookie, SameSite=Lax as LMSs over http have it."""

from django.core import signing
from django.http import HttpRequest, HttpResponse

from itpm_byte.sandbox.lms import lms_of
from itpm_byte.sandbox.store import Person

COOKIE = "sandbox_session"


def who(request: HttpRequest) -> Person | None:
    lms = lms_of(request)
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE)
    except signing.BadSignature:
        key = lms.sits_here
    return lms.store.people.get(key)


def log_in(response: HttpResponse, person: Person) -> None:
    response.set_cookie(COOKIE, signing.dumps(person.key, salt=COOKIE), httponly=True, samesite="Lax")


def log_out(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")
