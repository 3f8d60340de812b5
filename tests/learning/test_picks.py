"""What teachers choose in the LMS's picker, and what a link makes of it."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from itpm_byte.content.models import Byte
from itpm_byte.learning import picks, placements
from itpm_byte.learning.errors import ByteUnknown
from itpm_byte.learning.models import Pick, Placement
from itpm_byte.learning.picks import SETTINGS, Draft
from lti.claims import DEEP_LINK
from lti.models import Launch, LineItem
from tests.cast import cast
from tests.learning.casting import DAY, NOW, byte

EVERYTHING = {
    "attempts_allowed": 2,
    "which_counts": "last",
    "grade_on": "both",
    "reveal": "never",
    "opens_at": NOW,
    "pass_mark": 75,
    "due_at": NOW + DAY,
    "closes_at": NOW + 2 * DAY,
}


@pytest.fixture
def launch(people):
    return Launch.objects.create(
        deployment=people.deployment,
        user=people.ada,
        message_type=DEEP_LINK,
        role="instructor",
        created_at=NOW,
        expires_at=NOW + DAY,
    )


def kept(launch, **fields):
    told = {"title": "Who runs it?", "score_maximum": Decimal("7.5"), **fields}
    told.setdefault("byte", Byte.objects.first() or byte())
    (item,) = picks.keep(launch, [Draft(**told)], now=NOW)
    return Pick.objects.order_by("pk").last(), item


def test_a_pick_is_stored_and_named_in_the_item(launch, people):
    """DL-16, SEC-13."""
    pick, item = kept(launch)

    assert (pick.deployment, pick.made_by, pick.byte_slug) == (people.deployment, people.ada, "it-project-manager")
    assert (item.custom["pick"], item.custom["byte"]) == (str(pick.uuid), "it-project-manager")
    assert (item.resource_id, item.tag, item.score_maximum) == (str(pick.uuid), "grade", Decimal("7.5"))


def test_the_lms_is_asked_for_dates_and_origins(launch):
    """DL-17, OTH-07: at each launch."""
    _pick, item = kept(launch)

    assert item.custom["submit_until"] == "$ResourceLink.submission.endDateTime"
    assert item.custom["context_history"] == "$Context.id.history"


def test_all_settings_come_back_as_they_were(launch):
    pick, _item = kept(launch, settings=EVERYTHING)

    assert picks.settings_of(Pick.objects.get(pk=pick.pk)) == EVERYTHING
    assert set(SETTINGS) == set(EVERYTHING)


def test_what_was_not_said_has_the_defaults(launch, people):
    pick, item = kept(launch, settings={"attempts_allowed": None})

    at = placements.of_pick(people.link, pick, now=NOW)

    assert (at.attempts_allowed, at.which_counts, at.grade_on) == (None, "best", "quiz")
    assert (item.available_from, item.available_until, item.submission_until) == (None, None, None)


def test_a_link_takes_its_byte_and_settings_from_the_pick(launch, people):
    byte(language="en")
    pick, _item = kept(launch, byte=byte(language="fr"), settings=EVERYTHING)

    at = placements.of_pick(people.link, pick, now=NOW)

    saved = Placement.objects.get(pk=at.pk)
    assert {name: getattr(saved, name) for name in SETTINGS} == EVERYTHING
    assert (saved.byte.slug, saved.byte.language) == ("it-project-manager", "fr")


def test_a_link_takes_the_version_of_its_first_launch(launch, people):
    """DL-18: months may lie between."""
    pick, _item = kept(launch)
    newer = byte(version=2)

    assert placements.of_pick(people.link, pick, now=NOW + 90 * DAY).byte == newer


def test_a_byte_that_was_taken_back_meanwhile_is_unknown(launch, people):
    pick, _item = kept(launch)
    pick.byte_slug = "taken-back"

    with pytest.raises(ByteUnknown):
        placements.of_pick(people.link, pick, now=NOW)


def test_a_column_that_has_a_name_keeps_it(launch, people):
    """AGS-15: the LMS's own."""
    LineItem.objects.filter(resource_link=people.link).update(resource_id="theirs", label="Theirs")
    pick, _item = kept(launch)

    placements.of_pick(people.link, pick, now=NOW)

    assert LineItem.objects.values_list("resource_id", "label").get(resource_link=people.link) == ("theirs", "Theirs")


def test_a_link_finds_picks_of_its_own_tenant_only(launch, people):
    """SEC-04, SEC-05."""
    pick, _item = kept(launch)
    other = cast("other")

    assert picks.of_link(people.max_link, str(pick.uuid)) == pick
    assert picks.of_link(other.link, str(pick.uuid)) is None
    assert picks.of_link(people.link, str(uuid.uuid4())) is None
    assert picks.of_link(people.link, "no id") is None


def test_a_pick_outlives_the_teacher_and_the_launch(launch, people):
    pick, _item = kept(launch)
    launch.delete()
    people.ada.memberships.all().delete()
    people.ada.delete()

    assert Pick.objects.get().made_by is None
    assert picks.of_link(people.link, str(pick.uuid)) == pick


def test_the_item_tells_the_lms_the_dates(launch):
    """DL-14, DL-17."""
    _pick, item = kept(launch, settings=EVERYTHING)

    assert (item.available_from, item.available_until) == (NOW, NOW + 2 * DAY)
    assert item.submission_until == NOW + timedelta(days=1)


def test_dates_that_were_changed_in_the_lms_are_taken(launch, people):
    """DL-17."""
    pick, _item = kept(launch, settings=EVERYTHING)
    at = placements.of_pick(people.link, pick, now=NOW)
    told = {"submit_until": (NOW + timedelta(hours=30)).isoformat(), "available_from": NOW.isoformat()}

    assert placements.follow_lms(people.link, pick, told, now=NOW)

    at.refresh_from_db()
    assert (at.opens_at, at.due_at, at.closes_at) == (NOW, NOW + timedelta(hours=30), NOW + 2 * DAY)
    assert not placements.follow_lms(people.link, pick, told, now=NOW)


def test_a_date_that_the_lms_still_tells_as_it_was_picked_leaves_what_was_set_here(launch, people):
    pick, _item = kept(launch, settings=EVERYTHING)
    at = placements.of_pick(people.link, pick, now=NOW)
    placements.change_settings(at, now=NOW, due_at=None)

    assert not placements.follow_lms(people.link, pick, {"submit_until": (NOW + DAY).isoformat()}, now=NOW)
    assert Placement.objects.get(pk=at.pk).due_at is None


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"submit_until": ""},
        {"submit_until": "$ResourceLink.submission.endDateTime"},
        {"submit_until": "2026-12-01T09:00:00"},
        {"submit_until": "2026-13-41T09:00:00Z"},
        {"submit_until": "tomorrow"},
        {"available_until": (NOW - DAY).isoformat()},
    ],
)
def test_dates_that_make_no_sense_change_nothing(launch, people, told):
    """CORE-30: nor does one that closes before it opens."""
    pick, _item = kept(launch, settings=EVERYTHING)
    at = placements.of_pick(people.link, pick, now=NOW)

    assert not placements.follow_lms(people.link, pick, told, now=NOW)
    saved = Placement.objects.get(pk=at.pk)
    assert {name: getattr(saved, name) for name in SETTINGS} == EVERYTHING
