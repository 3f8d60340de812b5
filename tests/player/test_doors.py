"""Each address of the page: who may, and who may not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from itpm_byte.learning.models import Attempt, Feedback, Progress, SupportRequest
from lti.models import Launch
from lti.sessions import cookie_name
from tests.player.seats import sit, text_of

READS = ["", "grade/"]
WRITES = {
    "answer/": {"question": "quiz", "attempt": 1, "version": 1, "choice": "peter"},
    "seen/": {"section": "opening"},
    "feedback/": {"rating": "4", "comment": ""},
    "support/": {"message": "Where do I begin?"},
    "resend/": {},
}
API = "/api/v1/launches/{}/progress/"


def rows() -> int:
    return sum(model.objects.count() for model in (Attempt, Progress, Feedback, SupportRequest))


def ask(client, launch, door):
    """Use one door of a launch as its page does."""
    if door == "api":
        return client.get(API.format(launch.pk))
    url = f"/l/{launch.pk}/{door}"
    return client.post(url, WRITES[door]) if door in WRITES else client.get(url)


every_door = pytest.mark.parametrize("door", [*READS, *WRITES, "api"])


@every_door
def test_lin_may_use_her_own_page(lin, door):
    assert ask(lin.client, lin.launch, door).status_code in {200, 204, 303}


@every_door
def test_ada_may_look_and_nothing_is_recorded(ada, door):
    assert ask(ada.client, ada.launch, door).status_code in {200, 204, 303}
    assert rows() == 0


@every_door
def test_max_may_not_use_lins_page(people, lin, door):
    max_ = sit(people.max, people.max_link)

    response = ask(max_.client, lin.launch, door)

    assert response.status_code == 401
    assert "Lin" not in text_of(response)
    assert rows() == 0


@every_door
def test_maxs_proof_does_not_open_lins_page(people, lin, door):
    max_ = sit(people.max, people.max_link)
    max_.client.cookies[cookie_name(lin.launch.pk)] = max_.sealed

    response = ask(max_.client, lin.launch, door)

    assert response.status_code == 401
    assert "Lin" not in text_of(response)
    assert rows() == 0


@every_door
def test_sue_from_the_staff_site_may_not_use_lins_page(people, lin, door):
    client = Client()
    client.force_login(people.sue, backend="django.contrib.auth.backends.ModelBackend")

    assert ask(client, lin.launch, door).status_code == 401
    assert rows() == 0


@every_door
def test_nobody_may_use_a_page_without_a_proof(lin, door):
    response = ask(Client(), lin.launch, door)

    assert response.status_code == 401
    assert "Lin" not in text_of(response)
    assert rows() == 0


@every_door
def test_an_ended_session_is_over(lin, door):
    Launch.objects.update(ended_at=timezone.now())

    assert ask(lin.client, lin.launch, door).status_code == 401
    assert rows() == 0


@every_door
def test_an_expired_session_is_over(lin, door):
    Launch.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert ask(lin.client, lin.launch, door).status_code == 401
    assert rows() == 0


@every_door
def test_the_bearer_token_opens_the_page_without_cookies(lin, door):
    client = Client(headers={"Authorization": f"Bearer {lin.sealed}"}, enforce_csrf_checks=True)

    assert ask(client, lin.launch, door).status_code in {200, 204, 303}


@every_door
def test_answers_of_the_page_are_never_cached(lin, door):
    assert "no-store" in ask(lin.client, lin.launch, door).headers["Cache-Control"]


@pytest.mark.parametrize("door", WRITES)
def test_what_writes_is_never_a_link(lin, door):
    assert lin.get(door).status_code == 405
    assert rows() == 0


def test_two_courses_in_one_browser_keep_apart(people, placement, lin):
    other = sit(people.lin, people.max_link, client=lin.client)

    lin.answer("peter")

    assert other.get().status_code == 404  # no Byte stands behind the other link
    assert Attempt.objects.get().placement == placement
