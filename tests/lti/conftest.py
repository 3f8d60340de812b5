"""Pretend LMSs for tests of what we send: started once, reset for each test."""

import pytest

from itpm_byte.sandbox.server import SandboxServer
from lti import http
from tests.lti.keyset import Keyset
from tests.lti.platform import Platform


@pytest.fixture(scope="session")
def keyset():
    served = Keyset()
    yield served
    served.close()


@pytest.fixture(scope="session")
def moodle_process(keyset):
    with SandboxServer(keyset.url, manner="moodle") as lms:
        yield lms
        http.session().close()


@pytest.fixture(scope="session")
def canvas_process(keyset):
    with SandboxServer(keyset.url, manner="canvas") as lms:
        yield lms
        http.session().close()


@pytest.fixture
def moodle(moodle_process, keyset, db):
    """A pretend Moodle on its first day, that knows our key."""
    keyset.install()
    moodle_process.reset(keyset.url)
    return moodle_process


@pytest.fixture
def canvas(canvas_process, keyset, db):
    """A pretend Canvas on its first day, that knows our key."""
    keyset.install()
    canvas_process.reset(keyset.url)
    return canvas_process


@pytest.fixture(scope="session")
def platform_server():
    served = Platform()
    yield served
    served.close()
    http.session().close()


@pytest.fixture
def platform(platform_server, db):
    """An LMS that signs what a test wants, on its first day; not registered yet."""
    platform_server.reset()
    return platform_server
