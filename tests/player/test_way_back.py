"""The way back to the course, and the LMS that frames the page (OTH-01, CK-27)."""

import pytest

from tests.player.seats import BACK, flat, sit


def page(people, target):
    return flat(sit(people.lin, people.link, document_target=target).get())


@pytest.mark.parametrize(("target", "is_shown"), [("window", True), ("frame", True), ("", True), ("iframe", False)])
def test_where_no_course_page_is_around_us_a_link_leads_back(people, placement, target, is_shown):
    """Moodle replaces the whole window on phones ("frame"): there is no other way back."""
    assert (f'<a href="{BACK}" target="_top">Back to the course</a>' in page(people, target)) == is_shown


@pytest.mark.parametrize(("target", "is_framed"), [("iframe", True), ("", True), ("window", False), ("frame", False)])
def test_in_a_frame_the_page_knows_by_origin_whom_it_may_tell_its_height(people, placement, target, is_framed):
    said = '<lti-frame data-origin="https://lms.example"></lti-frame>'
    assert (said in page(people, target)) == is_framed


def test_the_address_is_the_tokens_and_is_kept_nowhere(people, placement):
    """Moodle's holds a session key."""
    from lti.models import Launch

    seat = sit(people.lin, people.link, document_target="window")
    seat.get()
    stored = " ".join(str(value) for value in Launch.objects.filter(pk=seat.launch.pk).values()[0].values())
    assert BACK not in stored
