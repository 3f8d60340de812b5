"""The front page and the pages for what went wrong."""

import re

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from itpm_byte.player.views import site
from lti.models import Institution, Score
from tests.player.seats import text_of


def broken(request):
    raise RuntimeError("a secret of the house")


def beaten(request):
    """The look before said that it is not there; another request was quicker."""
    Institution.objects.bulk_create([Institution(name="A", slug="a"), Institution(name="B", slug="a")])


def mistaken(request):
    with transaction.atomic():
        Score.objects.create(score_maximum=-1, timestamp=timezone.now(), line_item_id=1, user_id=1)


def forbidden(request):
    return site.permission_denied(request, PermissionError())


urlpatterns = [
    path("broken/", broken),
    path("forbidden/", forbidden),
    path("beaten/", beaten),
    path("mistaken/", mistaken),
]
handler404 = "itpm_byte.player.views.site.page_not_found"
handler500 = "itpm_byte.player.views.site.server_error"


@pytest.fixture
def client(db):
    return Client(raise_request_exception=False)


def test_the_front_page_sends_learners_to_their_course_and_asks_nobody_to_log_in(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "Open the activity from your course." in text_of(response)
    assert "<form" not in response.content.decode()
    assert response.headers["X-Frame-Options"] == "DENY"


@override_settings(ROOT_URLCONF="tests.player.test_site")
@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/broken/", 500, "Something went wrong on our side"),
        ("/forbidden/", 403, "This is not for you to open"),
        ("/beaten/", 409, "That was done twice at once"),
        ("/mistaken/", 500, "Something went wrong on our side"),
        ("/nothing/", 404, "There is nothing here"),
    ],
)
def test_what_went_wrong_is_told_calmly_with_a_reference_and_no_stack(client, address, status, title):
    response = client.get(address)

    words = text_of(response)
    assert response.status_code == status
    assert title in words
    assert "Go back to your course and open the activity again." in words
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", words.split("Reference for support:")[1].split()[0])
    assert "secret of the house" not in words
    assert "Traceback" not in words


def test_each_reference_is_another(client):
    first, second = client.get("/nothing/"), client.get("/nothing/")

    assert text_of(first) != text_of(second)


def test_an_error_page_shows_inside_the_lms_frame_but_does_nothing(client):
    response = client.get("/nothing/")

    assert "X-Frame-Options" not in response.headers
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert "form-action 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("comment=" + "x" * 300_000, "application/x-www-form-urlencoded"),
        ("&".join(f"f{number}=1" for number in range(1100)), "application/x-www-form-urlencoded"),
        (
            "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n" + "x" * 300_000 + "\r\n--b--",
            "multipart/form-data; boundary=b",
        ),
    ],
    ids=["large", "many fields", "large part"],
)
@pytest.mark.parametrize(
    "address", ["/lti/launch/", "/lti/login/", "/staff/login/", "/l/3f0c8e3e-6b0f-4b6a-9d5c-0f8a5d1f7a11/feedback/"]
)
def test_a_form_that_is_too_large_is_refused_calmly(client, body, kind, address):
    response = client.post(address, body, content_type=kind)

    assert response.status_code in {400, 401, 403, 413}
    assert "Reference for support:" in text_of(response) or response.status_code == 401
    assert "x" * 100 not in response.content.decode()
