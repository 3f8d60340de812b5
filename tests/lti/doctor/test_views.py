"""The doctor's page: who may ask, what it shows while a worker looks and afterwards."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lti import tasks
from lti.doctor import visits as doctor_visits
from lti.models import Examination, InstitutionStaff, Registration
from tests.cast import cast
from tests.lti.clinic import connect
from tests.lti.course import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return cast()


@pytest.fixture
def sue(people):
    client = Client()
    client.force_login(people.sue)
    return client


def address(registration: Registration) -> str:
    return f"/staff/lms/{registration.uuid}/doctor/"


def page(client: Client, registration: Registration) -> str:
    answer = client.get(address(registration))
    assert answer.status_code == 200
    return answer.content.decode()


def test_sue_asks_for_a_visit_and_is_led_back_to_the_page(sue, people):
    answer = sue.post(address(people.registration))
    examination = Examination.objects.get()

    assert (answer.status_code, answer["Location"]) == (302, address(people.registration))
    assert (examination.registration, examination.findings, examination.began_at) == (people.registration, [], None)
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[examination.pk]]


def test_looking_at_the_page_asks_nobody_anything(sue, people):
    text = page(sue, people.registration)

    assert "Look now" in text
    assert Examination.objects.count() + DBTaskResult.objects.count() == 0


def test_while_a_visit_is_under_way_no_second_one_begins(sue, people):
    sue.post(address(people.registration))
    sue.post(address(people.registration))

    assert DBTaskResult.objects.count() == 1


def test_a_visit_whose_worker_died_may_be_asked_for_again(sue, people):
    sue.post(address(people.registration))
    Examination.objects.update(asked_at=timezone.now() - doctor_visits.LONGEST)

    assert "come to an end" in page(sue, people.registration)
    sue.post(address(people.registration))
    assert DBTaskResult.objects.count() == 2


def test_the_page_says_when_no_worker_has_come_yet_and_offers_a_look_without_scripts(sue, people):
    sue.post(address(people.registration))
    text = page(sue, people.registration)

    assert "waits for a worker" in text
    assert "See how far it is" in text
    assert "Report to send" not in text


def test_findings_appear_one_by_one(sue, people):
    finding = {"check": "state", "verdict": "ok", "cause": "switched_on", "facts": {}}
    now = timezone.now()
    Examination.objects.create(registration=people.registration, asked_at=now, began_at=now, findings=[finding])
    text = page(sue, people.registration)

    assert "It is looking" in text
    assert "Launches are accepted" in text


def test_a_worker_makes_the_visit_and_the_page_shows_the_report(sue, moodle, settings, keyset):
    """OTH-16."""
    settings.PUBLIC_URL = keyset.url
    course = connect(moodle)
    moodle.store.change_line_item("careers", is_deleted=True)
    examination, _ = doctor_visits.ask_for(course.registration, now=timezone.now())

    assert tasks.examine.func(examination.pk) == "broken"
    text = page(sue, course.registration)
    assert "Something is broken." in text
    assert "the activity, or its grade, was deleted there" in text
    assert "[broken] The grade column of the last activity" in text
    assert text.count('class="doctor-row is-broken"') == 1
    assert re.findall(r'<a href="#(.+?)">(.+?)</a>: broken', text) == [
        ("point-11", "The grade column of the last activity")
    ]


def test_a_visit_is_made_once_although_two_workers_were_rung_for(people):
    examination, _ = doctor_visits.ask_for(people.registration, now=timezone.now())
    assert doctor_visits.make(examination.pk, now=timezone.now()) == "broken"

    assert doctor_visits.make(examination.pk, now=timezone.now()) == "nothing to do"


def test_a_new_visit_begins_without_the_findings_of_the_last_one(people):
    now = timezone.now()
    last, _ = doctor_visits.ask_for(people.registration, now=now - timedelta(minutes=5))
    doctor_visits.make(last.pk, now=now)
    newer, is_new = doctor_visits.ask_for(people.registration, now=now)

    assert (newer.pk, is_new, newer.findings, newer.finished_at) == (last.pk, True, [], None)


def test_strangers_are_asked_to_log_in_and_nothing_is_done(people):
    for answer in (Client().get(address(people.registration)), Client().post(address(people.registration))):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/staff/login/")
    assert Examination.objects.count() == 0


def test_staff_without_the_right_to_look_at_connections_are_refused(people):
    colleague = User.objects.create_user("colleague", is_staff=True)
    client = Client()
    client.force_login(colleague)
    assert client.get(address(people.registration)).status_code == 403
    assert client.post(address(people.registration)).status_code == 403

    colleague.user_permissions.add(Permission.objects.get(codename="view_registration"))
    assert client.get(address(people.registration)).status_code == 404
    InstitutionStaff.objects.create(user=colleague, institution=people.institution)
    assert client.get(address(people.registration)).status_code == 200


def test_a_visit_is_asked_for_with_a_token_against_forgery(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.sue)

    assert client.post(address(people.registration)).status_code == 403
    assert Examination.objects.count() == 0


def test_a_registration_that_does_not_exist_is_not_found(sue):
    assert sue.post("/staff/lms/7d1c0c4e-0000-4000-8000-000000000000/doctor/").status_code == 404


def test_each_registration_shows_its_own_visit(sue, people):
    other = make_course().registration
    sue.post(address(people.registration))

    assert "Look now" in page(sue, other)


def test_the_page_is_linked_from_the_administration(sue, people):
    text = sue.get(f"/admin/lti/registration/{people.registration.pk}/change/").content.decode()

    assert f'href="{address(people.registration)}"' in text


def test_a_finding_that_only_another_version_knows_breaks_no_page(sue, people):
    finding = {"check": "moon", "verdict": "broken", "cause": "moon_in_the_way", "facts": {}}
    now = timezone.now()
    Examination.objects.create(
        registration=people.registration, asked_at=now, began_at=now, finished_at=now, findings=[finding]
    )

    assert "Another version of this service found this." in page(sue, people.registration)


def test_what_an_lms_could_have_named_is_shown_as_text(sue, people):
    facts = {"host": "<script>alert(1)</script>", "status": 404}
    finding = {"check": "their_keys", "verdict": "broken", "cause": "their_keys_status", "facts": facts}
    now = timezone.now()
    Examination.objects.create(
        registration=people.registration, asked_at=now, began_at=now, finished_at=now, findings=[finding]
    )
    text = page(sue, people.registration)

    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)") == 2
