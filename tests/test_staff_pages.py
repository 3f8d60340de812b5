"""Who pays for sessions and log-ins, and who does not."""

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from itpm_byte.staff_pages import StaffPagesMiddleware

NEEDED = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "itpm_byte.reports.office.second_step.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
}


def given_to(path: str) -> tuple[bool, bool]:
    """Whether a view at this address finds a session and a user on its request."""
    seen: list[tuple[bool, bool]] = []

    def view(request):
        seen.append((hasattr(request, "session"), hasattr(request, "user")))
        return HttpResponse()

    StaffPagesMiddleware(view)(RequestFactory().get(path))
    return seen[0]


def test_staff_find_what_django_admin_and_axes_ask_for():
    assert set(settings.STAFF_MIDDLEWARE) == NEEDED
    assert given_to("/admin/lti/registration/") == (True, True)


def test_an_address_that_nobody_thought_of_has_it_too():
    assert given_to("/new/room/") == (True, True)


def test_learners_and_launches_carry_no_staff_session():
    paths = ("/l/0/", "/lti/login/", "/lti/launch/", "/lti/confirm/", "/p/0.svg", "/api/v1/progress/")
    assert {given_to(path) for path in paths} == {(False, False)}


def test_log_in_sees_session_before_user():
    order = [path.rpartition(".")[2] for path in settings.STAFF_MIDDLEWARE]
    assert order[:4] == ["SessionMiddleware", "AuthenticationMiddleware", "OTPMiddleware", "SecondStepMiddleware"]
    assert order[4:] == ["MessageMiddleware", "AxesMiddleware"]
