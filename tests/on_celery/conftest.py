"""The same service with its tasks on Celery and a real Redis: the journeys' fixtures, on that engine."""

from collections.abc import Iterator

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool, running_tool
from tests.machine import private_redis


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    with private_redis() as redis:
        yield redis.url


@pytest.fixture(scope="session")
def running(broker: str) -> Iterator[tuple[LiveTool, SandboxServer]]:
    with (
        running_tool(TASKS="celery", CELERY_BROKER_URL=broker, SWEEP_SECONDS="1", LTI_LEASE_SECONDS="4") as tool,
        SandboxServer(tool.url) as lms,
    ):
        tool.connect(lms)
        tool.start_worker()
        yield tool, lms
