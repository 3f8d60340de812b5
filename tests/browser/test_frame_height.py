"""The frame grows with the page where the LMS takes heights (CK-27): asked first, to and from one origin only."""

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import window
from tests.browser.conftest import Start
from tests.checks.words import ROOT

pytestmark = pytest.mark.browser

# The LMS's page: it writes down what it hears, and answers as the test says.
COURSE = """<!doctype html><title>Course</title><body><iframe id="tool" src="{tool}"></iframe><script>
window.heard = [];
addEventListener("message", ({{ source, origin, data }}) => {{
  heard.push({{ subject: data.subject, height: data.height, origin }});
  if (data.subject !== "lti.capabilities" || "{says}" === "nothing") return;
  const listed = [{{ subject: "{says}" }}];
  source.postMessage({{ subject: "lti.capabilities.response", message_id: data.message_id,
    supported_messages: listed }}, origin);
}});
</script></body>"""
# Our page, without the rest of it.
TOOL = """<!doctype html><title>Tool</title><body style="margin:0"><lti-frame data-origin="{lms}"></lti-frame>
<main style="height:1200px">page</main><script type="module" src="/lti/frame.js"></script></body>"""


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, directory=str(ROOT / "lti" / "static"), **options)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page = {"/course": COURSE, "/tool": TOOL}.get(parts.path)
        if page is None:
            return super().do_GET()
        body = page.format(**said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def course(started: Start, port: int):
    """course(says="lti.frameResize", lms=...): the course page of an LMS that says that it can do this."""
    with window(started("third-party-blocked", "http://localhost", in_one_process=False)) as context:

        def open_course(says: str = "lti.frameResize", lms: str = f"http://localhost:{port}") -> Page:
            page = context.new_page()
            tool = quote(f"http://127.0.0.1:{port}/tool?lms={quote(lms)}", safe="")
            page.goto(f"http://localhost:{port}/course?says={says}&tool={tool}")
            return page

        yield open_course


def heights(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "heard.filter(({ subject }) => subject === 'lti.frameResize').map((m) => m.height)"
    )
    return found


def settle(page: Page) -> None:
    """What the page would say now it has said: messages that were on their way have come, and two frames were drawn."""
    for frame in page.frames:
        frame.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_an_lms_that_takes_heights_is_told_them_also_when_the_page_becomes_shorter(course, port):
    page = course()
    page.wait_for_function("heard.some(({ height }) => height === 1200)")

    tool = next(frame for frame in page.frames if "/tool" in frame.url)
    for height in (2000, 700):
        tool.evaluate(f"document.querySelector('main').style.height = '{height}px'")
        page.wait_for_function(f"heard.some(({{ height }}) => height === {height})")

    assert heights(page) == [1200, 2000, 700]
    assert {message["origin"] for message in page.evaluate("heard")} == {f"http://127.0.0.1:{port}"}


@pytest.mark.parametrize("says", ["nothing", "lti.put_data"])
def test_an_lms_that_does_not_say_so_is_told_no_height(course, says):
    page = course(says=says)
    page.wait_for_function("heard.length === 1")
    settle(page)
    assert [message["subject"] for message in page.evaluate("heard")] == ["lti.capabilities"]


def test_a_page_of_another_origin_hears_nothing(course):
    """Whoever frames us must be the LMS that the signed launch named."""
    page = course(lms="https://school.example")
    settle(page)
    assert page.evaluate("heard") == []
