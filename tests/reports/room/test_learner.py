"""The page of one learner: who may look, who may decide, what each deed does, and what it costs."""

from decimal import Decimal

import pytest
from django.utils import timezone

from itpm_byte.learning import placements, support, unclear
from itpm_byte.learning.feedback import give
from itpm_byte.learning.models import Arrangement, Attempt, Progress, StandingAccommodation
from lti.models import Role, Score, StaffAction
from tests.cast import cast, someone
from tests.learning.casting import statements
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


@pytest.fixture
def lin(people):
    return sit(people.lin, people.link)


@pytest.fixture
def tom(people):
    """Assists in the course."""
    return sit(someone(people, "Tom", Role.TEACHING_ASSISTANT), people.link)


def page_of(reader, learner, query=""):
    return reader.get(f"room/learners/{learner.pk}/{query}")


def arrange(reader, learner, deed, **fields):
    return reader.post(f"room/learners/{learner.pk}/arrange/", {"deed": deed, **fields})


def done(response, learner, said="done"):
    assert (response.status_code, response["Location"].partition("/room/")[2]) == (
        303,
        f"learners/{learner.pk}/?said={said}",
    )


# --- looking


def test_every_attempt_and_answer_is_there_in_order_with_what_was_said(people, lin, ada):
    placement, now = placements.find(people.link), timezone.now()
    lin.answer("peter")
    lin.answer("samantha", attempt=2)
    give(placement, people.lin, placement.byte, rating=2, comment="Too <b>short</b>", now=now)
    unclear.tell(placement, people.lin, placement.byte, question_key="quiz", reason="What is best?", now=now)
    support.ask(placement, people.lin, message="Help me", now=now)

    response = page_of(ada, people.lin)

    words = text_of(response)
    for told in (
        *("Lin", "completed", "1 of 1", "Attempt 1 · 0 of 1", "Attempt 2 · 1 of 1 this one counts", "Peter chosen"),
        *("Samantha right", "Rated version 1: 2 of 5", "What is best?", "Asked for help (open)", "Help me"),
    ):
        assert told in words
    assert words.index("Attempt 1 ·") < words.index("Attempt 2 ·")
    assert "Too &lt;b&gt;short&lt;/b&gt;" in response.content.decode()


def test_somebody_who_never_came_has_a_page_that_says_so(people, ada):
    words = text_of(page_of(ada, people.lin))
    assert "Nothing counts yet." in words
    assert "Nothing was answered here yet." in words
    assert "Reset an attempt" not in words


def test_a_learner_who_rates_is_told_who_reads_it(lin):
    assert "Your teachers see your answer, with your name." in text_of(lin.get())


@pytest.mark.parametrize("count", [1, 30])
def test_it_costs_the_same_however_many_attempts_there_are(people, lin, ada, count):
    for number in range(1, count + 1):
        lin.answer("peter", attempt=number)
    page_of(ada, people.lin)
    with statements() as sent:
        page_of(ada, people.lin)
    assert len(sent) == 18


def test_assistants_look_and_decide_nothing(people, lin, tom):
    """OTH-03."""
    lin.answer("peter")
    page = page_of(tom, people.lin)
    assert "Attempt 1 · 0 of 1" in text_of(page)
    assert "/arrange/" not in flat(page)
    assert arrange(tom, people.lin, "attempts", extra=1).status_code == 403
    assert tom.post(f"room/learners/{people.lin.pk}/resend/").status_code == 403
    assert (Arrangement.objects.count(), StaffAction.objects.count()) == (0, 0)


def test_learners_and_people_of_elsewhere_see_nothing(people, lin):
    other = cast("other")
    kai, max_ = sit(someone(people, "Kai"), people.link), sit(people.max, people.max_link)
    placements.for_link(other.link, byte_slug="it-project-manager", language="en", now=timezone.now())
    stranger = sit(other.ada, other.link)
    for reader, status in ((lin, 403), (kai, 403), (max_, 403), (stranger, 404)):
        for response in (page_of(reader, people.lin), arrange(reader, people.lin, "attempts", extra=1)):
            assert response.status_code == status
            assert "Careers" not in text_of(response)
    assert Arrangement.objects.count() == 0


def test_who_does_not_learn_here_has_no_page(people, ada):
    for nobody in (people.max, people.ada):
        assert page_of(ada, nobody).status_code == 404
        assert arrange(ada, nobody, "attempts", extra=1).status_code == 404


# --- deciding


def test_more_attempts_are_given_and_stand_in_the_form_and_in_the_history(people, ada, lin):
    done(arrange(ada, people.lin, "attempts", extra=2, reason="Was ill"), people.lin)
    done(arrange(ada, people.lin, "attempts", extra=2), people.lin, "same")
    page = page_of(ada, people.lin, "?said=done")
    words = text_of(page)
    for told in ("Done.", "Ada", "Gave more attempts", "more attempts: 0 → 2", "Was ill"):
        assert told in words
    assert 'name="extra" value="2"' in flat(page)
    assert Arrangement.objects.get().extra_attempts == 2


def test_own_dates_are_set_and_come_back_with_words_when_they_exclude_each_other(people, ada):
    fields = {"opens_at": "2027-01-05T08:00", "closes_at": "2027-01-04T08:00"}
    page = arrange(ada, people.lin, "dates", **fields)
    assert page.status_code == 422
    assert "could never answer in time" in text_of(page)
    assert 'value="2027-01-05T08:00"' in flat(page)
    assert Arrangement.objects.count() == 0
    done(arrange(ada, people.lin, "dates", opens_at="2027-01-04T08:00"), people.lin)
    assert Arrangement.objects.get().opens_at.isoformat() == "2027-01-04T08:00:00+00:00"


def test_an_own_grade_needs_its_reason_and_is_withdrawn(people, ada):
    page = arrange(ada, people.lin, "override", points="0.5")
    assert (page.status_code, Arrangement.objects.count()) == (422, 0)
    assert "This field is required." in text_of(page)
    assert arrange(ada, people.lin, "override", points="7", reason="Oral").status_code == 422
    done(arrange(ada, people.lin, "override", points="0.5", reason="Oral"), people.lin)
    assert "0.5 of 1, set by a teacher" in text_of(page_of(ada, people.lin))
    assert Score.objects.get().score_given == Decimal("0.5")
    done(arrange(ada, people.lin, "withdraw"), people.lin)
    assert Score.objects.get().score_given is None


def test_an_attempt_is_reset_only_after_saying_that_one_is_sure(people, ada, lin):
    lin.answer("samantha")
    assert arrange(ada, people.lin, "reset", number=1).status_code == 422
    assert arrange(ada, people.lin, "reset", number=2, is_sure="on").status_code == 422
    assert Attempt.objects.get().voided_at is None
    done(arrange(ada, people.lin, "reset", number=1, is_sure="on"), people.lin)
    assert "reset: does not count" in text_of(page_of(ada, people.lin))
    assert Progress.objects.get().counted_points is None
    assert "Reset by your teacher" in text_of(lin.get())


def test_who_is_excused_reads_so_and_is_included_again(people, ada, lin):
    done(arrange(ada, people.lin, "exempt"), people.lin)
    assert "you need not do it" in text_of(lin.get())
    words = text_of(page_of(ada, people.lin))
    assert "Excused: nothing counts." in words
    assert "Set this grade" not in words
    done(arrange(ada, people.lin, "include"), people.lin)
    assert "you need not do it" not in text_of(lin.get())


def test_a_standing_accommodation_is_set_and_withdrawn(people, ada):
    done(arrange(ada, people.lin, "standing", extra_attempts=1, extra_days=7), people.lin)
    assert StandingAccommodation.objects.values_list("context", "extra_days").get() == (people.context.pk, 7)
    done(arrange(ada, people.lin, "standing", extra_attempts=0, extra_days=0), people.lin)
    assert StandingAccommodation.objects.count() == 0


def test_a_learner_reads_what_was_arranged(people, ada, lin):
    placements.change_settings(placements.find(people.link), attempts_allowed=1, now=timezone.now())
    arrange(ada, people.lin, "attempts", extra=2)
    arrange(ada, people.lin, "dates", due_at="2099-01-04T08:00")
    words = text_of(lin.get())
    assert "You have 3 of 3 attempts left. Your teacher gave you 2 more attempts." in words
    assert "Your teacher gave you dates of your own." in words
    arrange(ada, people.lin, "override", points="1", reason="Oral")
    assert "Your teacher set this grade: 1 of 1." in text_of(lin.get())


def test_a_grade_is_sent_again_also_over_the_gradebooks(people, ada, lin):
    lin.answer("samantha")
    Score.objects.update(state="changed", observed=Decimal("0.5"), sent_at=timezone.now())
    assert "Send ours over the gradebook's grade" in text_of(page_of(ada, people.lin)).replace("’", "'")
    response = ada.post(f"room/learners/{people.lin.pk}/resend/", {"over": "1"})
    done(response, people.lin, "resent")
    assert Score.objects.values_list("state", "overwrites").get() == ("due", True)
    assert StaffAction.objects.get().action == "grade.sent_over"


def test_a_deed_of_no_known_name_does_nothing(people, ada):
    assert arrange(ada, people.lin, "explode").status_code == 404
    assert ada.get(f"room/learners/{people.lin.pk}/arrange/").status_code == 405
