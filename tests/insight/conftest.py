"""What the tests of questions asked by staff share."""

import pytest

from tests.cast import Cast, cast


@pytest.fixture
def people(db) -> Cast:
    return cast()
