"""Lines of learners that look alike are rendered once; what is a person's own is put in, escaped, each time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from itpm_byte.insight import roster
from itpm_byte.reports.room import lines

AT = datetime(2026, 3, 4, 15, 30, 12, tzinfo=UTC)


@pytest.fixture
def lin(room):
    (only,) = roster.read(roster.learners(room.at.placement), room.at.placement)
    return only


def test_what_people_call_themselves_is_text_in_their_own_line_only(lin):
    sly = lin._replace(name='<b>"Sly"</b>', email="sly&co@school.example", groups=("<i>", "Blue"))
    first, second = (str(lines.of_learners([one], base="/l/x/")) for one in (sly, lin))
    assert "<bdi>&lt;b&gt;&quot;Sly&quot;&lt;/b&gt;</bdi>" in first
    assert "sly&amp;co@school.example" in first
    assert "&lt;i&gt;, Blue" in first
    assert "Sly" not in second
    assert "<bdi>Lin</bdi>" in second


def test_a_line_shows_what_holds_for_this_learner_and_not_what_held_for_the_one_before(lin):
    scored = lin._replace(per_cent=66.5, has_passed=True, last_activity_at=AT, attempts=3)
    told = [str(lines.of_learners([one], base="")) for one in (scored, lin, scored._replace(has_passed=False))]
    assert ["67 %" in line for line in told] == [True, False, True]
    assert ["passed" in line for line in told] == [True, False, False]
    assert ["below the pass mark" in line for line in told] == [False, False, True]
    assert ['datetime="2026-03-04T15:30:12+00:00">March 4, 2026, 3:30 p.m. UTC<' in line for line in told] == [
        *(True, False, True)
    ]


def test_a_moment_is_told_in_the_language_of_the_page(lin):
    other_zone = lin._replace(last_activity_at=AT.astimezone(datetime.now().astimezone().tzinfo) + timedelta(minutes=1))
    with translation.override("fr"):
        assert "4 mars 2026 15:31 UTC" in str(lines.of_learners([other_zone], base=""))
    with translation.override("en"):
        assert "March 4, 2026, 3:31 p.m. UTC" in str(lines.of_learners([other_zone], base=""))
