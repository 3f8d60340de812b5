"""Which Byte stands behind a link, and when it moves to a newer version."""

import pytest
from django.core.exceptions import ValidationError

from itpm_byte.learning import placements
from itpm_byte.learning.errors import ByteUnknown
from itpm_byte.learning.models import Placement, Progress
from lti import scopes
from lti.grades import columns
from lti.models import LineItem, Score
from tests.learning.casting import DAY, NOW, Ask, answer, byte, placement, statements


def link_to(link, slug="it-project-manager", language="en"):
    return placements.for_link(link, byte_slug=slug, language=language, now=NOW)


def test_the_first_launch_makes_a_placement_with_sensible_defaults(people):
    made = byte()
    at = link_to(people.link)
    assert (at.byte, at.resource_link, at.follows_current) == (made, people.link, True)
    assert (at.attempts_allowed, at.which_counts, at.grade_on) == (None, "best", "quiz")
    assert (at.opens_at, at.due_at, at.closes_at) == (None, None, None)


def test_later_launches_find_it_in_one_query_without_the_document(people):
    byte()
    at = link_to(people.link)
    with statements() as sent:
        again = link_to(people.link)
        assert (again.pk, again.byte.title, again.resource_link) == (at.pk, "IT Project Manager", people.link)
    assert len(sent) == 1
    assert '"document"' not in sent[0]


def test_each_link_has_a_placement_of_its_own(people):
    byte()
    assert link_to(people.link) != link_to(people.max_link)


def test_a_byte_that_nobody_loaded_is_unknown(people):
    with pytest.raises(ByteUnknown):
        link_to(people.link, slug="gardener")
    assert Placement.objects.count() == 0


def test_a_byte_that_will_be_published_later_is_unknown_yet(people):
    byte(published_at=NOW + DAY)
    with pytest.raises(ByteUnknown):
        link_to(people.link)


def test_the_nearest_language_is_taken(people):
    english, french = byte(), byte(language="fr")
    assert link_to(people.link, language="fr-CA").byte == french
    assert link_to(people.max_link, language="de").byte == english


def test_a_placement_keeps_its_byte_whatever_later_launches_ask_for(people):
    made = byte()
    byte(slug="gardener")
    link_to(people.link)
    assert link_to(people.link, slug="gardener", language="fr").byte == made


def test_a_new_version_is_taken_lazily(people):
    at = placement(people.link)
    with statements() as sent:
        assert placements.refresh_version(at, now=NOW) is False
    assert sent == []
    newer = byte({"fit": Ask(right="peter")}, version=2)
    at = link_to(people.link)
    assert placements.refresh_version(at, now=NOW) is True
    assert (at.byte, Placement.objects.get().byte) == (newer, newer)


def test_a_placement_that_does_not_follow_stays(people):
    at = placement(people.link, follows_current=False)
    old = at.byte
    byte(version=2)
    at = link_to(people.link)
    assert placements.refresh_version(at, now=NOW) is False
    assert Placement.objects.get().byte == old


def test_a_withdrawn_byte_and_one_of_the_future_are_not_taken(people):
    old = placement(people.link).byte
    newer = byte(version=2, published_at=NOW + DAY)
    at = link_to(people.link)
    assert placements.refresh_version(at, now=NOW) is False
    type(newer).objects.update(is_current=False)
    assert placements.refresh_version(at, now=NOW + DAY) is False
    assert (at.byte, Placement.objects.get().byte) == (old, old)


def test_other_languages_and_other_bytes_are_not_taken(people):
    at = placement(people.link)
    old = at.byte
    byte(version=2, language="fr")
    byte(version=2, slug="gardener")
    type(old).objects.filter(pk=old.pk).update(is_current=False)
    at = link_to(people.link)
    assert placements.refresh_version(at, now=NOW) is False


def test_settings_are_changed_together_or_not_at_all(people):
    at = placement(people.link)
    placements.change_settings(at, now=NOW, attempts_allowed=2, reveal="never", opens_at=NOW, closes_at=NOW + DAY)
    stored = Placement.objects.get()
    assert (stored.attempts_allowed, stored.reveal, stored.opens_at, stored.closes_at) == (2, "never", NOW, NOW + DAY)
    with pytest.raises(ValidationError):
        placements.change_settings(at, now=NOW, attempts_allowed=3, closes_at=NOW)
    assert Placement.objects.get().attempts_allowed == 2


def test_only_what_changes_the_grade_is_counted_anew(people):
    at = placement(people.link)
    answer(at, people.lin, "samantha")
    answer(at, people.lin, "peter", attempt=2)
    with statements() as sent:
        placements.change_settings(at, now=NOW, reveal="never")
    assert [statement for statement in sent if "learning_progress" in statement] == []
    placements.change_settings(at, now=NOW, which_counts="last")
    assert (Progress.objects.get().counted_points, Score.objects.get().score_given) == (0, 0)


def test_dates_that_change_are_told_to_the_lms_and_only_those(people):
    """AGS-12; the LMS's own dates are the teacher's, too: what we leave as it is is not told."""
    people.link.ags_scopes = [scopes.SCORE, scopes.LINEITEM]
    people.link.save()
    at = placement(people.link)
    placements.change_settings(at, now=NOW, attempts_allowed=2, due_at=None)
    assert LineItem.objects.get(resource_link=people.link).tell_at is None

    placements.change_settings(at, now=NOW, due_at=NOW + DAY)
    column = LineItem.objects.get(resource_link=people.link)
    assert (column.tell_at, column.wishes) == (NOW, {"endDateTime": columns.moment(NOW + DAY)})

    placements.change_settings(at, now=NOW, due_at=None)
    assert LineItem.objects.get(resource_link=people.link).wishes == {"endDateTime": None}

    LineItem.objects.update(tell_at=None)
    placements.change_settings(at, now=NOW, due_at=NOW + DAY, is_lms_told=False)
    assert LineItem.objects.get(resource_link=people.link).tell_at is None


@pytest.mark.parametrize("name", ["byte", "resource_link", "uuid", "nothing"])
def test_what_is_no_setting_is_not_changed(people, name):
    with pytest.raises(TypeError):
        placements.change_settings(placement(people.link), now=NOW, **{name: 1})


def test_every_field_is_a_setting_or_known_not_to_be_one():
    fields = {field.name for field in Placement._meta.concrete_fields}
    assert fields - placements.SETTINGS == {
        "id", "uuid", "resource_link", "byte", "created_at", "updated_at", "copied_from", "copy_state"
    }  # fmt: skip
