"""What the learning room's tests share."""

import pytest

from tests.cast import Cast, cast


@pytest.fixture
def people(db) -> Cast:
    return cast()
