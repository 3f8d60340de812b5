"""At each of six LMSs: whose grade stands in the gradebook (AGS-31, AGS-40), and what the doctor says of health."""

from decimal import Decimal

import pytest
from django.utils import timezone

from itpm_byte.sandbox.server import SandboxServer
from lti import http, products
from lti.grades import column_delivery, columns, scores
from lti.models import Registration
from tests.lti.clinic import arrive, findings
from tests.lti.course import Course, course_at
from tests.lti.grades.test_delivery import deliver

pytestmark = pytest.mark.django_db

MANNERS = ("moodle", "canvas", "blackboard", "d2l", "sakai", "openedx")


@pytest.fixture(scope="module")
def process(keyset):
    with SandboxServer(keyset.url) as lms:
        yield lms
        http.session().close()


@pytest.fixture(params=MANNERS)
def lms(process, request, keyset, db):
    keyset.install()
    process.play(request.param)
    process.connect_tool(jwks_url=keyset.url)
    return process


def course_of(lms) -> Course:
    course = course_at(lms)
    Registration.objects.update(product=lms.product, audience=lms.audience, signing_algorithms=[lms.algorithm])
    course.registration.refresh_from_db()
    return course


def test_the_sandboxs_names_of_lms_products_are_known(lms):
    assert products.family(lms.product) in products.NAMES


def test_ags_31_our_own_grade_is_known_as_ours_and_replaced(lms):
    course = course_of(lms)
    for given in ("3.3333", "0", "8"):
        score = deliver(course.queue(given, now=timezone.now()))
        assert (score.state, score.last_error) == ("sent", "")

    grade = lms.store.grade("lin", "careers")
    assert grade["score"] == pytest.approx(8)
    assert len(lms.journal.entries("scores")) == 3


def test_ags_31_a_teachers_grade_stays_until_somebody_says_otherwise(lms):
    course = course_of(lms)
    deliver(course.queue("3", now=timezone.now()))
    lms.store.change_grade("lin", "careers", overridden=9)
    score = deliver(course.queue("8", now=timezone.now()))
    assert (score.state, score.observed) == ("changed", Decimal(9))
    assert len(lms.journal.entries("scores")) == 1

    scores.resend(score, now=timezone.now(), overwrites=True)
    assert deliver(score).state == "sent"
    assert len(lms.journal.entries("scores")) == 2


def test_ags_13_no_column_is_ever_deleted_also_not_one_that_we_made(lms):
    """What stands in a column belongs to the course; some LMSs delete the whole activity with it."""
    deleted_by_the_teacher = lms.store.line_item("careers")["id"]
    lms.store.change_line_item("careers", is_deleted=True)
    lms.store.change_link("careers", line_item_claim="absent")
    course = course_of(lms)
    deliver(course.queue("3", now=timezone.now()))
    columns.change(resource_link=course.link, now=timezone.now(), label="Renamed")
    column_delivery.tell(course.line_item.pk, now=timezone.now())
    deliver(scores.clear(resource_link=course.link, user=course.lin, score_maximum=Decimal(10), now=timezone.now()))
    course.link.delete()

    assert {entry["method"] for entry in lms.journal.entries()} <= {"GET", "POST", "PUT"}
    gone = [item["id"] for item in lms.store.all()["line_items"].values() if item["is_deleted"]]
    assert gone == [deleted_by_the_teacher]


def test_the_doctor_finds_a_healthy_connection_healthy(lms, settings, keyset):
    settings.PUBLIC_URL = keyset.url
    course = course_of(lms)
    arrive(course)
    found = findings(course.registration)

    assert {name: each.cause for name, each in found.items() if each.verdict == "broken"} == {}
    assert {name: each.cause for name, each in found.items() if each.verdict == "look"} == {}
