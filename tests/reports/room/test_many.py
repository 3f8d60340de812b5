"""The same for many by a pasted list: who may, who is meant, once for all of them, and twice the same is once."""

import pytest
from django.utils import timezone

from itpm_byte.learning import placements
from itpm_byte.learning.models import Arrangement, StandingAccommodation
from lti.models import Role, StaffAction
from tests.cast import cast, someone
from tests.player.seats import flat, published, sit, text_of


@pytest.fixture
def people(db):
    people = cast()
    published()
    placements.for_link(people.link, byte_slug="it-project-manager", language="en", now=timezone.now())
    return people


@pytest.fixture
def ada(people):
    return sit(people.ada, people.link)


def post(reader, deed, **fields):
    return reader.post("room/arrange/", {"deed": deed, **fields})


def test_who_is_meant_is_shown_before_anything_happens(people, ada):
    kai, one, two = someone(people, "Kai"), someone(people, "Noor"), someone(people, "Olu")
    two.name = "Noor"
    two.save()
    page = post(ada, "attempts", people="Lin\nKai\nNoor\nAda\nZoe")
    words = text_of(page)
    for told in (
        *("Found: 2 of 5 in your list", "Noor may be several people", "Ada is in the course, but not as a learner"),
        "Zoe not found in this course",
    ):
        assert told in words
    ticked = [f'name="learner" value="{who.pk}" checked' in flat(page) for who in (people.lin, kai, one, two)]
    assert (ticked, StaffAction.objects.count()) == ([True, True, False, False], 0)


def test_it_is_done_for_all_who_are_ticked_and_twice_the_same_is_once(people, ada):
    kai = someone(people, "Kai")
    fields = {"confirmed": "1", "learner": [people.lin.pk, kai.pk], "extra": 2, "reason": "Strike"}
    answers = [post(ada, "attempts", **fields)["Location"].partition("?")[2] for _ in range(2)]
    assert answers == ["of=2&changed=2", "of=2&changed=0"]
    assert set(Arrangement.objects.values_list("learner", "extra_attempts")) == {(people.lin.pk, 2), (kai.pk, 2)}
    assert list(StaffAction.objects.values_list("reason", flat=True)) == ["Strike"] * 2
    assert "Learners: 2; changed: 0." in text_of(ada.get("room/arrange/?of=2&changed=0"))


@pytest.mark.parametrize(
    ("deed", "fields", "kept"),
    [
        ("dates", {"due_at": "2099-01-04T08:00"}, lambda: Arrangement.objects.filter(due_at__isnull=False)),
        ("exempt", {}, lambda: Arrangement.objects.filter(is_exempt=True)),
        ("standing", {"extra_attempts": 1, "extra_days": 0}, lambda: StandingAccommodation.objects.all()),
    ],
)
def test_each_kind_is_done(people, ada, deed, fields, kept):
    response = post(ada, deed, confirmed="1", learner=[people.lin.pk], **fields)
    assert (response.status_code, kept().count()) == (303, 1)


def test_what_is_not_right_comes_back_with_the_people_and_nothing_is_done(people, ada):
    page = post(ada, "attempts", confirmed="1", learner=[people.lin.pk], extra=1000)
    assert (page.status_code, Arrangement.objects.count()) == (422, 0)
    assert f'value="{people.lin.pk}" checked' in flat(page)


@pytest.mark.parametrize(
    ("deed", "fields", "words"),
    [
        ("explode", {"people": "Lin"}, "Choose what to arrange."),
        ("attempts", {"people": " \n;"}, "Paste names"),
        ("attempts", {"people": "x\n" * 501}, "too long"),
        ("attempts", {"confirmed": "1", "extra": 1}, "Tick at least one"),
    ],
)
def test_an_empty_or_endless_list_is_told_so(people, ada, deed, fields, words):
    page = post(ada, deed, **fields)
    assert page.status_code == 422
    assert words in text_of(page)


def test_only_the_courses_teachers_and_only_for_its_learners(people, ada):
    tom = sit(someone(people, "Tom", Role.TEACHING_ASSISTANT), people.link)
    lin = sit(people.lin, people.link)
    for reader in (tom, lin):
        assert post(reader, "attempts", confirmed="1", learner=[people.lin.pk], extra=1).status_code == 403
        assert reader.get("room/arrange/").status_code == 403
    other = cast("other")
    for stranger in (people.max, other.lin, people.ada):
        assert post(ada, "attempts", confirmed="1", learner=[stranger.pk], extra=1).status_code == 422
    assert Arrangement.objects.count() == 0
