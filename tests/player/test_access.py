"""Where a launch leads."""

from dataclasses import replace

import pytest
from django.utils import timezone

from itpm_byte.learning.models import Placement
from itpm_byte.player.access import open_launch
from lti.claims import Claims
from lti.errors import LaunchRefused
from lti.models import Role
from tests.cast import someone
from tests.player.seats import SECOND, published, sit

CLAIMS = Claims("LtiResourceLinkRequest", "1", "sub-lin", "https://tool.example/lti/launch/")


@pytest.fixture
def launch(people):
    return sit(people.lin, people.link).launch


def opened(launch, **custom):
    """As after `lti.launch.record`, whose SELECT knows the link's placement."""
    launch.of_product = Placement.objects.values_list("copy_state", flat=True).first()
    return open_launch(launch, replace(CLAIMS, custom=custom), now=timezone.now())


def test_a_course_that_names_no_byte_gets_the_only_one_there_is(launch):
    published()

    assert opened(launch) == f"/l/{launch.pk}/"
    assert Placement.objects.get().byte.slug == "it-project-manager"


def test_a_course_may_name_the_byte(launch):
    published(SECOND)

    opened(launch, byte="sticky-note-board")

    assert Placement.objects.get().byte.slug == "sticky-note-board"


def test_a_parameter_that_the_lms_left_unfilled_counts_as_none(launch):
    published()

    opened(launch, byte="$ResourceLink.byte")

    assert Placement.objects.get().byte.slug == "it-project-manager"


def test_a_second_launch_keeps_the_placement(launch):
    published(), published(SECOND)
    opened(launch, byte="it-project-manager")

    opened(launch, byte="sticky-note-board")

    assert Placement.objects.get().byte.slug == "it-project-manager"


def test_a_course_that_names_none_of_several_is_not_set_up_until_a_teacher_chooses(launch, people):
    published(), published(SECOND)
    teacher = sit(people.ada, people.link).launch

    assert opened(launch) == f"/l/{launch.pk}/"
    assert opened(teacher) == f"/l/{teacher.pk}/choose/"
    assert not Placement.objects.exists()


@pytest.mark.parametrize("role", ["instructor", "teaching_assistant", "content_developer", "administrator"])
def test_who_works_in_the_course_comes_to_the_overview(launch, people, role):
    published()
    staff = sit(someone(people, "Tom", Role(role)), people.link).launch

    assert opened(staff) == f"/l/{staff.pk}/room/"
    assert opened(staff) == f"/l/{staff.pk}/room/"
    assert opened(launch) == f"/l/{launch.pk}/"


def test_an_assistant_cannot_choose_a_byte_and_is_told_that_there_is_none(people):
    published(), published(SECOND)
    assistant = sit(someone(people, "Tom", Role.TEACHING_ASSISTANT), people.link).launch

    assert opened(assistant) == f"/l/{assistant.pk}/"


def test_a_known_link_costs_no_query_of_its_own(launch, django_assert_num_queries):
    published()
    opened(launch)
    launch.of_product = Placement.Copy.NONE

    with django_assert_num_queries(0):
        assert open_launch(launch, CLAIMS, now=timezone.now()) == f"/l/{launch.pk}/"


def test_an_unknown_byte_refuses_the_launch_with_words(launch):
    published()

    with pytest.raises(LaunchRefused) as refused:
        opened(launch, byte="no-such-byte")

    assert (refused.value.reason, refused.value.status) == ("not_available", 403)
    assert not Placement.objects.exists()


def test_a_message_without_a_link_is_refused(launch):
    launch.resource_link = None

    with pytest.raises(LaunchRefused) as refused:
        opened(launch)

    assert refused.value.reason == "message_type"
