"""One running service and one pretend LMS for a whole test process: two sites, real processes, real HTTP."""

from collections.abc import Iterator

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool, running_tool


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[LiveTool, SandboxServer]]:
    with running_tool() as tool, SandboxServer(tool.url) as lms:
        tool.connect(lms)
        tool.start_worker()
        yield tool, lms


@pytest.fixture
def tool(running: tuple[LiveTool, SandboxServer]) -> LiveTool:
    return running[0]


@pytest.fixture
def lms(running: tuple[LiveTool, SandboxServer]) -> Iterator[SandboxServer]:
    """The LMS as on its first day, and the tool with nobody's attempts."""
    tool, lms = running
    tool.rest()
    lms.reset()
    tool.forget()
    yield lms
    lms.faults.clear()
