"""Lin's course with the shipped Byte behind its link."""

import pytest
from django.utils import timezone

from itpm_byte.learning import placements
from itpm_byte.learning.models import Placement
from tests.cast import Cast, cast
from tests.player.seats import Seat, published, sit


@pytest.fixture
def people(db) -> Cast:
    return cast()


@pytest.fixture
def placement(people: Cast) -> Placement:
    published()
    return placements.for_link(people.link, byte_slug="it-project-manager", language="en", now=timezone.now())


@pytest.fixture
def lin(people: Cast, placement: Placement) -> Seat:
    return sit(people.lin, people.link)


@pytest.fixture
def ada(people: Cast, placement: Placement) -> Seat:
    return sit(people.ada, people.link)
