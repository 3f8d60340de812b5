"""A pretend tool, and the two pretend LMSs in their first state."""

from collections.abc import Iterator

import pytest
import requests

from itpm_byte.sandbox.server import SandboxServer
from tests.sandbox.pretend_tool import PretendTool


@pytest.fixture(scope="session")
def running_tool() -> Iterator[PretendTool]:
    tool = PretendTool()
    yield tool
    tool.stop()


@pytest.fixture(scope="session")
def running_moodle(running_tool: PretendTool) -> Iterator[SandboxServer]:
    with SandboxServer(running_tool.url) as lms:
        yield lms


@pytest.fixture(scope="session")
def running_canvas(running_tool: PretendTool) -> Iterator[SandboxServer]:
    with SandboxServer(running_tool.url, manner="canvas") as lms:
        yield lms


@pytest.fixture
def tool(running_tool: PretendTool) -> PretendTool:
    running_tool.keyset_status, running_tool.keyset_fetches, running_tool.answers_with_page = 200, 0, False
    return running_tool


@pytest.fixture
def moodle(running_moodle: SandboxServer, tool: PretendTool) -> SandboxServer:
    running_moodle.reset()
    tool.lms = running_moodle
    return running_moodle


@pytest.fixture
def canvas(running_canvas: SandboxServer, tool: PretendTool) -> SandboxServer:
    running_canvas.reset()
    tool.lms = running_canvas
    return running_canvas


@pytest.fixture(params=["moodle", "canvas"])
def lms(request: pytest.FixtureRequest) -> SandboxServer:
    server = request.getfixturevalue(request.param)
    assert isinstance(server, SandboxServer)
    return server


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session
