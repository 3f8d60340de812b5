"""A page warns before its session ends, and a session that is used goes on (CK-26)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from lti.models import Launch
from tests.lti import cast
from tests.lti.cast import BACK, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.lti.doors")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LINK_BACK = f'href="{BACK.replace("&", "&amp;")}"'


@pytest.fixture
def live():
    with time_machine.travel(NOW, tick=False):
        yield Client(enforce_csrf_checks=True)


def seat(client, **fields):
    """Lin's launch, and its proof in this browser."""
    lin = cast.launch("Lin", **fields)
    client.cookies[f"__Host-lti_launch_{lin.pk.hex}"] = cast.sealed(lin)
    return lin


def look(client, lin):
    return client.get(f"/lti/session/{lin.pk}/")


def stay(client, lin):
    page = client.get(f"/l/{lin.pk}/second/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    Launch.objects.filter(pk=lin.pk).update(expires_at=lin.expires_at)
    return client.post(f"/lti/session/{lin.pk}/", headers={"X-CSRFToken": token})


def seconds(response):
    return int(re.search(r'data-seconds="(\d+)"', response.content.decode())[1])


def expires(lin):
    return Launch.objects.get(pk=lin.pk).expires_at


def test_looking_says_how_long_it_lasts_and_does_not_make_it_longer(live):
    lin = seat(live, expires_at=NOW + HOUR)

    response = look(live, lin)

    assert (response.status_code, seconds(response)) == (200, 3600)
    assert 'role="alert"' not in response.content.decode()
    assert expires(lin) == NOW + HOUR


def test_the_warning_comes_ten_minutes_before_the_end_and_offers_to_go_on(live):
    lin = seat(live, expires_at=NOW + 10 * MINUTE)

    words = look(live, lin).content.decode()

    assert 'role="alert"' in words
    assert "Your session ends in 10 minutes." in words
    assert "data-lti-stay" in words
    assert LINK_BACK not in words


def test_one_minute_is_one_minute(live):
    words = look(live, seat(live, expires_at=NOW + timedelta(seconds=20))).content.decode()

    assert "Your session ends in 1 minute." in words


def test_going_on_gives_the_whole_length_again(live):
    lin = seat(live, expires_at=NOW + 5 * MINUTE)

    assert seconds(stay(live, lin)) == 8 * 3600
    assert expires(lin) == NOW + 8 * HOUR


def test_going_on_needs_our_own_page(live):
    lin = seat(live, expires_at=NOW + 5 * MINUTE)

    assert live.post(f"/lti/session/{lin.pk}/").status_code == 403


def test_a_bearer_token_is_such_a_page(live):
    lin = cast.launch("Lin", expires_at=NOW + 5 * MINUTE)

    response = live.post(f"/lti/session/{lin.pk}/", headers={"Authorization": f"Bearer {cast.sealed(lin)}"})

    assert (response.status_code, expires(lin)) == (200, NOW + 8 * HOUR)


def test_at_the_longest_end_there_is_no_going_on_but_a_way_back(live):
    end = NOW + 9 * MINUTE
    lin = seat(live, created_at=end - 24 * HOUR, expires_at=end)

    words = look(live, lin).content.decode()

    assert "Please send what you have typed. Then open the activity again from your course." in words
    assert "data-lti-stay" not in words
    assert LINK_BACK in words
    assert seconds(stay(live, lin)) == 540


@pytest.mark.parametrize("method", ["get", "post"])
def test_after_the_end_it_is_the_calm_page_that_answers(live, method):
    lin = seat(live, expires_at=NOW)

    response = getattr(live, method)(f"/lti/session/{lin.pk}/")

    assert response.status_code == 401
    assert "Your session has ended" in response.content.decode()


def test_nobody_else_learns_of_it(live):
    lin = cast.launch("Lin")
    seat(live, course="history")

    assert look(live, lin).status_code == 401


def test_the_warning_speaks_the_learners_language(live):
    lin = seat(live, expires_at=NOW + 3 * MINUTE, locale="fr")

    assert look(live, lin).headers["Content-Language"] == "fr"
