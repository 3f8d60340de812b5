"""How connections fare, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lti import keys, vitals
from lti.models import Context, LineItem, PlatformUser, Registration, Score, ScoreSending, StaffAction, ToolKey
from tests.cast import cast
from tests.player.seats import sit, text_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def people():
    return cast("amber")


def score(people, state, **fields):
    person = PlatformUser.objects.create(registration=people.registration, sub=f"s{Score.objects.count()}")
    column = LineItem.objects.get(resource_link=people.link)
    plain = {"score_maximum": 1, "activity_progress": "Completed", "grading_progress": "FullyGraded", "timestamp": NOW}
    return Score.objects.create(line_item=column, user=person, state=state, **plain | fields)


def of(people):
    return vitals.of([people.registration], now=NOW)[people.registration.pk]


def test_a_connection_without_anything_says_so(people):
    found = of(people)
    assert (found.last_launch_at, found.last_sent_at, found.waiting, found.failures) == (None, None, 0, [])
    assert (found.roster_at, found.roster_failures, found.paused_until) == (None, [], None)


def test_launches_grades_and_lists_of_people_are_told(people):
    launch = sit(people.lin, people.link).launch
    sent = score(people, "sent", sent_at=NOW)
    ScoreSending.objects.create(score=sent, at=NOW - timedelta(hours=1), maximum=1, outcome="sent")
    ScoreSending.objects.create(score=sent, at=NOW, maximum=1, outcome="retry", code="unreachable")
    score(people, "due", timestamp=NOW - timedelta(hours=2))
    score(people, "due", last_error="unreachable")
    for _ in range(2):
        score(people, "failed", last_error="not_in_course")
    Context.objects.filter(pk=people.context.pk).update(roster_synced_at=NOW)
    found = of(people)
    assert found.last_launch_at == launch.created_at
    assert found.last_sent_at == NOW - timedelta(hours=1)
    assert (found.waiting, found.waiting_since) == (2, NOW - timedelta(hours=2))
    assert [(failure.number, bool(failure.advice)) for failure in found.failures] == [(2, True)]
    assert (found.failed, found.roster_at) == (2, NOW)


def test_a_pause_says_until_when_and_why(people):
    row = people.registration
    row.services_paused_until, row.services_error = NOW + timedelta(minutes=5), "unreachable"
    assert of(people).paused_until == NOW + timedelta(minutes=5)
    assert of(people).pause_advice


def test_the_number_of_queries_does_not_grow(people, django_assert_num_queries):
    cast("birch")
    cast("cedar")
    for number in (1, 3):
        rows = list(Registration.objects.all()[:number])
        with django_assert_num_queries(4):
            assert len(vitals.of(rows, now=NOW)) == number


def test_pages_show_how_it_fares(people):
    score(people, "failed", last_error="not_in_course")
    sue = Client()
    sue.force_login(people.sue)
    assert "no launch within a week · 1 grade could not be sent" in text_of(sue.get("/staff/lms/"))
    assert "How it fares" in text_of(sue.get(f"/staff/lms/{people.registration.uuid}/"))


def test_a_key_is_made_only_when_somebody_is_sure_and_it_is_written_down(people):
    keys.rotate(now=timezone.now() - timedelta(days=3))
    sue = Client()
    sue.force_login(people.sue)
    assert "signs since" in text_of(sue.get("/staff/lms/keys/"))
    assert sue.post("/staff/lms/keys/", {"sure": ""}).status_code == 400
    assert ToolKey.objects.count() == 1
    page = sue.post("/staff/lms/keys/", {"sure": "on"}, follow=True)
    assert ("signs from" in text_of(page), ToolKey.objects.count()) == (True, 2)
    assert StaffAction.objects.latest("pk").account == people.sue
    sue.post("/staff/lms/keys/", {"sure": "on", "leaked": "on"})
    assert keys.signing_key(now=timezone.now()) == ToolKey.objects.latest("pk")


def test_keys_are_for_operators(people):
    people.sue.is_superuser = False
    people.sue.save()
    clerk = Client()
    clerk.force_login(people.sue)
    assert clerk.get("/staff/lms/keys/").status_code == 403
