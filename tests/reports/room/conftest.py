"""Ada's course with the shipped Byte, and who sits where."""

from dataclasses import dataclass

import pytest

from lti.models import Role
from tests.cast import Cast, cast, someone
from tests.insight.scenes import Scene, scene
from tests.player.seats import Seat, sit


@dataclass(frozen=True)
class Room:
    at: Scene
    people: Cast
    ada: Seat
    tom: Seat  # assists
    lin: Seat


@pytest.fixture
def room(db) -> Room:
    people = cast()
    at = scene(people)
    tom = someone(people, "Tom", Role.TEACHING_ASSISTANT)
    return Room(at, people, sit(people.ada, people.link), sit(tom, people.link), sit(people.lin, people.link))
