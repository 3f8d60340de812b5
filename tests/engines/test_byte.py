"""The Byte itself in each engine, from the launch to the grade. Part of `make engines` only (see conftest)."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.browser.proxy import https_front
from tests.engines.cases import SIDE_BY_SIDE, Case, engine
from tests.engines.conftest import Course
from tests.engines.test_engines import CAN_BE_USED, reload, until_seen
from tests.engines.webdriver import FRAME, Engine
from tests.live import running_tool, wait_for

pytestmark = pytest.mark.engines

RESULT = "document.querySelector('[id^=result-]')?.innerText"
QUESTION = ".question.panel"
SAMANTHA, CHECK = f"{QUESTION} label[for=quiz-samantha]", f"{QUESTION} button[type=submit]"


@pytest.fixture(scope="module")
def byte_course() -> Iterator[Course]:
    with (
        TemporaryDirectory(prefix="itpm-https-") as folder,
        https_front(Path(folder)) as front,
        running_tool(PUBLIC_URL=front.url, BEHIND_PROXY="true") as tool,
        SandboxServer(front.url) as lms,
    ):
        front.target_port = tool.port
        tool.connect(lms)
        tool.start_worker()
        yield Course(lms, front, tool)


@pytest.mark.parametrize("case", SIDE_BY_SIDE, ids=str)
def test_the_byte_is_answered_kept_over_a_reload_and_graded(case: Case, byte_course: Course):
    lms = byte_course.lms
    lms.reset()
    lms.connect_tool(jwks_url=f"{byte_course.tool.url}/.well-known/jwks.json")  # the LMS trusts no such certificate
    byte_course.tool.forget()
    lms.sit("lin")
    lms.remember(target=case.storage)
    with engine(case, lms.url) as browser:
        browser.open(byte_course.activity)
        until_seen(browser, f"document.querySelector('{CHECK}')?.checkVisibility() && {CAN_BE_USED}")
        press(browser, SAMANTHA)
        press(browser, CHECK)
        assert until_seen(browser, RESULT).startswith("That’s right")
        reload(browser, FRAME)
        assert until_seen(browser, RESULT).startswith("That’s right")

    graded = wait_for(lambda: lms.store.grade("lin", "careers"), "the grade")
    assert graded["score"] == 10


def press(browser: Engine, selector: str) -> None:
    """Not every driver scrolls the page around the frame."""
    browser.see(f"document.querySelector('{selector}').scrollIntoView({{block: 'center'}})")
    browser.press(selector)
