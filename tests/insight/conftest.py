import pytest

from tests.cast import Cast, cast
from tests.insight.scenes import Scene, scene


@pytest.fixture
def people(db) -> Cast:
    return cast()


@pytest.fixture
def at(people) -> Scene:
    return scene(people)
