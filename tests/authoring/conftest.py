"""A teacher on the way from the LMS's own picker into ours: signed launches, Django's test client."""

import pytest

from tests.authoring.teacher import Teacher
from tests.cast import Cast, cast
from tests.lti.conftest import keyset, platform, platform_server

__all__ = ["keyset", "platform", "platform_server"]


@pytest.fixture
def people(db) -> Cast:
    return cast()


@pytest.fixture
def registration(platform, keyset):
    keyset.install()
    return platform.register()


@pytest.fixture
def ada(platform, registration) -> Teacher:
    """Ada teaches the course."""
    return Teacher(platform)
