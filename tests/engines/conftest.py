"""The tool behind https, as in earnest, and an LMS on another site that knows who sits there without a cookie."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.browser.proxy import CookieEater, https_front
from tests.live import LiveTool, running_tool

collect_ignore = [] if os.environ.get("ENGINES") == "all" else ["test_byte.py"]


@dataclass
class Course:
    lms: SandboxServer
    front: CookieEater
    tool: LiveTool

    @property
    def activity(self) -> str:
        return f"{self.lms.url}/courses/careers/activities/29/"


@pytest.fixture(scope="package")
def running_course() -> Iterator[Course]:
    with TemporaryDirectory(prefix="itpm-https-") as folder, https_front(Path(folder)) as front:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.browser.gate_settings", "BEHIND_PROXY": "true"}
        with running_tool(PUBLIC_URL=front.url, **settings) as tool, SandboxServer(front.url) as lms:
            front.target_port = tool.port
            tool.connect(lms)
            yield Course(lms, front, tool)


@pytest.fixture
def course(running_course: Course) -> Course:
    """Lin sits in front of an LMS as on its first day."""
    running_course.lms.reset()
    running_course.lms.sit("lin")
    running_course.front.exchanges.clear()
    return running_course
