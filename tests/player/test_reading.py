"""How far the page was read, and going on from there."""

from itpm_byte.learning.models import Progress
from lti.models import Role
from tests.cast import someone
from tests.player.seats import flat, sit, text_of


def test_what_was_seen_is_kept_and_shown(lin):
    response = lin.post("seen/", {"section": ["opening", "contribute"]})

    assert response.status_code == 204
    assert Progress.objects.get().seen_sections == ["opening", "contribute"]
    page = lin.get().content.decode()
    assert page.count('class="is-seen"') == 2
    assert "2 of 11 parts read" in text_of(lin.get())


def test_sections_come_in_the_order_of_the_byte_and_unknown_ones_are_left_out(lin):
    lin.post("seen/", {"section": ["skills", "nothing", "day"]})
    lin.post("seen/", {"section": ["opening"]})

    assert Progress.objects.get().seen_sections == ["day", "skills", "opening"]


def test_the_page_offers_to_go_on_after_the_last_part_that_was_seen(lin):
    assert "Continue where you left off" not in text_of(lin.get())

    lin.post("seen/", {"section": ["opening", "day"]})

    assert '<a href="#skills">Continue where you left off: <bdi>What skills are important?</bdi></a>' in flat(lin.get())


def test_at_the_end_there_is_nothing_to_go_on_with(lin):
    lin.post("seen/", {"section": ["support"]})

    assert "Continue where you left off" not in text_of(lin.get())


def test_a_made_up_list_costs_nothing(lin):
    lin.post("seen/", {"section": [f"s{number}" for number in range(500)] + ["opening"]})

    assert not Progress.objects.exists()


def test_the_preview_leads_its_teacher_to_the_settings_and_nobody_else(lin, ada, people):
    """DL-20: a link in the LMS can't be picked anew, so its settings are changed here."""
    tom = sit(someone(people, "Tom", Role.TEACHING_ASSISTANT), people.link)

    link = '<a href="{}settings/">Settings</a>'
    assert [link.format(seat.url) in flat(seat.get()) for seat in (ada, lin, tom)] == [True, False, False]
    assert "Preview: nothing is recorded" in text_of(tom.get())
