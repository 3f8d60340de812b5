"""What an LMS asked for when a teacher chooses, and the one answer to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lti import deep_linking_requests
from lti.claims import DEEP_LINK, Claims
from lti.deep_linking import Item, MultipleNotAccepted
from lti.deep_linking_requests import NothingAsked, Wish
from lti.errors import LaunchRefused
from lti.models import DeepLinkingRequest, Launch, Role
from tests.cast import Cast, cast

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTINGS = {
    "deep_link_return_url": "https://lms.example/return?sesskey=k3y",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "window", "iframe"],
    "data": "to the letter",
}
CLAIMS = Claims(DEEP_LINK, "1", "sub-ada", "", deep_linking=SETTINGS)
ITEM = Item(url="https://byte.example/lti/launch/", title="A Byte")


@pytest.fixture
def people(db, keyset) -> Cast:
    keyset.install()
    return cast()


@pytest.fixture
def launch(people):
    return Launch.objects.create(
        deployment=people.deployment,
        user=people.ada,
        membership=people.ada.memberships.get(),
        message_type=DEEP_LINK,
        role=Role.INSTRUCTOR,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=8),
    )


def wish(**settings):
    return Wish({**SETTINGS, **settings})


def test_what_was_asked_is_there_to_the_letter_until_the_launch_is_forgotten(launch):
    """DL-01, DL-04, DL-12."""
    deep_linking_requests.keep(launch, CLAIMS)

    found = deep_linking_requests.asked(launch)

    assert (found.wish.settings, found.answer) == (SETTINGS, None)
    launch.delete()
    assert not DeepLinkingRequest.objects.exists()


def test_what_was_asked_is_sealed_in_the_database(launch):
    row = deep_linking_requests.keep(launch, CLAIMS)

    assert "sesskey" not in row.settings_encrypted
    assert row.return_origin == "https://lms.example"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/return",
        "https://lms.example.evil.example/return",
        "https://evil-lms.example/return",
        "https://lms.example@evil.example/return",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_the_lmss_is_refused(launch, url):
    """DL-19, SEC-08."""
    with pytest.raises(LaunchRefused) as refused:
        deep_linking_requests.keep(launch, replace(CLAIMS, deep_linking={**SETTINGS, "deep_link_return_url": url}))
    assert refused.value.reason == "deep_link_return"
    assert "sesskey" not in refused.value.detail


@pytest.mark.parametrize(
    ("url", "claims"),
    [
        ("https://school.lms.example/return", {}),
        ("https://LMS.example:8443/return", {}),
        ("https://school.vendor.example/return", {"return_url": "https://school.vendor.example/courses/1"}),
    ],
)
def test_a_host_below_the_lms_and_the_host_of_the_signed_return_url_are_the_lmss(launch, url, claims):
    """CORE-04: hosted Canvas and Blackboard share an issuer."""
    asked = replace(CLAIMS, deep_linking={**SETTINGS, "deep_link_return_url": url}, **claims)
    assert deep_linking_requests.keep(launch, asked).launch == launch


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.INSTRUCTOR, Role.ADMINISTRATOR, Role.CONTENT_DEVELOPER}))
def test_only_who_teaches_or_designs_may_choose(launch, role):
    """DL-02, OTH-03."""
    launch.membership.role = role
    with pytest.raises(LaunchRefused) as refused:
        deep_linking_requests.keep(launch, CLAIMS)
    assert (refused.value.reason, refused.value.status) == ("not_an_author", 403)


def test_without_a_course_the_role_of_the_launch_counts(launch):
    launch.membership = None
    launch.save()
    assert deep_linking_requests.keep(launch, CLAIMS).launch == launch


@pytest.mark.parametrize(
    ("settings", "several", "grades"),
    [
        ({}, False, True),
        ({"accept_multiple": True, "accept_lineitem": True}, True, True),
        ({"accept_multiple": "true", "accept_lineitem": "false"}, True, False),
        ({"accept_multiple": "false", "accept_lineitem": "true"}, False, True),
        ({"accept_multiple": None, "accept_lineitem": None}, False, True),
        ({"accept_multiple": 1, "accept_lineitem": False}, False, False),
    ],
)
def test_silence_means_one_item_and_a_column(settings, several, grades):
    """DL-01, DL-03: booleans may be words."""
    assert (wish(**settings).takes_several, wish(**settings).takes_grades) == (several, grades)


@pytest.mark.parametrize(
    ("types", "takes"),
    [(["ltiResourceLink"], True), (["link", "ltiResourceLink"], True), (["link", "file", "html"], False), ([], False)],
)
def test_only_a_place_for_activities_takes_one(types, takes):
    """DL-03."""
    assert wish(accept_types=types).takes_activities == takes


def test_of_the_targets_those_count_that_we_can_name():
    assert wish().targets == ("iframe", "window")
    assert wish(accept_presentation_document_targets=["embed", 7]).targets == ()


def test_the_answer_is_given_once_and_then_repeated(launch):
    """DL-04, SEC-13: what comes second is not even asked for."""
    deep_linking_requests.keep(launch, CLAIMS)
    asked = []

    def choose():
        asked.append(1)
        return [ITEM]

    first = deep_linking_requests.answer(launch, choose, now=NOW)
    second = deep_linking_requests.answer(launch, choose, now=NOW + timedelta(minutes=1))

    assert (first, len(asked)) == (second, 1)
    assert deep_linking_requests.asked(launch).answer == first
    assert [first.is_expired(NOW + timedelta(minutes=minutes)) for minutes in (0, 4, 5)] == [False, False, True]


def test_a_choice_that_fails_leaves_the_question_open(launch):
    deep_linking_requests.keep(launch, CLAIMS)

    with pytest.raises(MultipleNotAccepted):
        deep_linking_requests.answer(launch, lambda: [ITEM, ITEM], now=NOW)

    assert deep_linking_requests.asked(launch).answer is None


def test_nobody_answers_what_was_not_asked(launch):
    with pytest.raises(NothingAsked):
        deep_linking_requests.answer(launch, list, now=NOW)
    with pytest.raises(NothingAsked):
        deep_linking_requests.asked(launch)
    with pytest.raises(LaunchRefused):
        deep_linking_requests.keep(launch, replace(CLAIMS, deep_linking=None))
