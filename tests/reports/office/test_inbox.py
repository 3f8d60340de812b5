"""The inbox over all courses: whose requests are shown, marking them, and no figures of small groups."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from itpm_byte.insight import inbox
from itpm_byte.learning.models import Feedback, SupportRequest, UnclearQuestion
from lti.models import InstitutionStaff, StaffAction
from tests.cast import cast
from tests.insight.scenes import scene
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db

INBOX = "/staff/inbox/"


@pytest.fixture
def at():
    return scene(cast("amber"))


def ask(at, message="Where is the next step?"):
    return SupportRequest.objects.create(
        placement=at.placement, learner=at.people.lin, message=message, created_at=timezone.now()
    )


def clerk(institution, *codenames):
    user = User.objects.create_user(f"clerk-{User.objects.count()}", is_staff=True)
    InstitutionStaff.objects.create(user=user, institution=institution)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_a_request_is_read_and_marked_and_that_is_written_down(at):
    one, sam = ask(at), clerk(at.people.institution, "view_supportrequest", "change_supportrequest")
    assert "1 is open." in text_of(sam.get(INBOX))
    assert "Where is the next step?" in text_of(sam.get(INBOX))
    answer = sam.post(f"{INBOX}{one.pk}/", {"status": "answered", "query": "status=open"})
    assert answer["Location"] == f"{INBOX}?status=open#request-{one.pk}"
    one.refresh_from_db()
    assert one.status == "answered"
    row = StaffAction.objects.get()
    assert (row.action, row.subject, row.after) == ("support.settled", at.people.lin, {"status": "answered"})
    assert "Where is the next step?" not in text_of(sam.get(f"{INBOX}?status=open"))


def test_others_read_and_mark_nothing(at):
    one, other = ask(at), cast("birch")
    rights = ("view_supportrequest", "change_supportrequest")
    foreign = clerk(other.institution, *rights)
    assert "Where is the next step?" not in text_of(foreign.get(INBOX))
    assert foreign.post(f"{INBOX}{one.pk}/", {"status": "answered"}).status_code == 404
    assert clerk(at.people.institution).get(INBOX).status_code == 403
    reader = clerk(at.people.institution, "view_supportrequest")
    assert "Mark as answered" not in text_of(reader.get(INBOX))
    assert reader.post(f"{INBOX}{one.pk}/", {"status": "answered"}).status_code == 403
    one.refresh_from_db()
    assert one.status == "open"


def test_filters_and_pages(at):
    for number in range(3):
        ask(at, f"Question {number}")
    first = inbox.page(at.people.sue, inbox.Wish(), limit=2)
    assert [one.message for one in first.requests] == ["Question 2", "Question 1"]
    rest = inbox.page(at.people.sue, inbox.Wish(), limit=2, after=first.next)
    assert ([one.message for one in rest.requests], rest.next) == (["Question 0"], None)
    for wish, number in (
        (inbox.Wish(text="question 1"), 1),
        (inbox.Wish(person="lin"), 3),
        (inbox.Wish(person="max"), 0),
        (inbox.Wish(status="answered"), 0),
        (inbox.Wish(institution=at.people.institution.pk), 3),
        (inbox.Wish(byte="another"), 0),
    ):
        assert len(inbox.page(at.people.sue, wish).requests) == number


def test_small_groups_show_their_number_only(at):
    question = at.placement.byte.questions.first()
    for number in range(5):
        learner, now = at.learner(f"L{number}"), timezone.now()
        if number == 4:
            (few,) = inbox.ratings(at.people.sue)
            assert (few.number, few.mean, few.shares, few.comments) == (4, None, None, 0)
            assert inbox.unclear(at.people.sue) == []
        times = {"created_at": now, "updated_at": now}
        Feedback.objects.create(
            placement=at.placement, learner=learner, byte=at.placement.byte, rating=1 + number % 2, comment="x", **times
        )
        UnclearQuestion.objects.create(placement=at.placement, learner=learner, question=question, **times)
    (enough,) = inbox.ratings(at.people.sue)
    assert (enough.number, enough.mean, enough.shares, enough.comments) == (5, 1.4, (3, 2, 0, 0, 0), 5)
    assert [one.number for one in inbox.unclear(at.people.sue)] == [5]


def test_the_number_of_queries_does_not_grow(at, django_assert_num_queries):
    sue = Client()
    sue.force_login(at.people.sue)
    for _ in range(3):
        ask(at)
        with django_assert_num_queries(9):
            sue.get(INBOX)
