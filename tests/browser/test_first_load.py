"""The first load on a slow phone: how many bytes arrive before the first window is complete, and that nothing jumps."""

import gzip
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import CDPSession, Page, expect

from itpm_byte.sandbox.server import SandboxServer
from tests.browser import walk
from tests.browser.conftest import OpenBrowser
from tests.live import LiveTool

pytestmark = pytest.mark.browser

BUDGET = 100_000
COUNT_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
  [value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80))])))
  .observe({ type: "layout-shift", buffered: true });
"""
# Pictures that are in the first window, at least in part, without scrolling.
IN_FIRST_WINDOW = """() => [...document.images].filter((image) => {
  const { top, bottom } = image.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}).map((image) => image.currentSrc || image.src)"""


class Traffic:
    """Bytes on the wire for each address, headers included, as the browser itself counts them."""

    def __init__(self, page: Page) -> None:
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        session: CDPSession = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", lambda event: self._received(event))
        session.on("Network.loadingFinished", lambda event: self._finished(event))

    def _received(self, event: dict) -> None:
        self.urls[event["requestId"]] = event["response"]["url"]

    def _finished(self, event: dict) -> None:
        url = self.urls.get(event["requestId"], "")
        self.sizes[url] = self.sizes.get(url, 0) + int(event["encodedDataLength"])


@pytest.mark.parametrize("screen", [(360, 780), (1280, 1000)], ids=["phone", "desktop"])
def test_the_first_window_takes_at_most_100_kilobytes_and_nothing_jumps_on_the_way_down(
    screen: tuple[int, int], browser: OpenBrowser, lms: SandboxServer, tool: LiveTool
):
    width, height = screen
    context = browser(width=width, height=height)
    context.add_init_script(COUNT_SHIFTS)
    page = walk.new_page(context)
    walk.enter_by_its_page(page, lms, walk.LIN)
    traffic = Traffic(page)
    page.goto(urljoin(lms.url, walk.ALONE + "launch/"), wait_until="load")
    expect(page.locator(".who")).to_be_visible()
    page.wait_for_load_state("load")

    pictures = set(page.evaluate("() => [...document.images].map((image) => image.src)"))
    seen_first = set(page.evaluate(IN_FIRST_WINDOW))
    needed = {
        url: size
        for url, size in traffic.sizes.items()
        if url.startswith(tool.url) and (url not in pictures or url in seen_first)
    }
    assert seen_first & needed.keys() == seen_first, "a picture of the first window has not arrived"
    compressed = {url: as_compressed(url, size) for url, size in needed.items()}
    assert sum(compressed.values()) <= BUDGET, sorted(compressed.items(), key=lambda item: -item[1])

    for part in page.locator("[data-part]").all():
        part.scroll_into_view_if_needed()
        for picture in part.locator("img").all():
            expect(picture).to_have_js_property("complete", True)
    # Less than that is a part of a pixel, as rounding makes it; 0.1 is what counts as good.
    assert [shift for shift in page.evaluate("window.shifts") if shift[0] > 0.0001] == []


def as_compressed(url: str, size: int) -> int:
    """In production static files are stored compressed; the development server sends them as they are."""
    if "/static/" not in url:
        return size
    body = requests.get(url, timeout=10).content
    return size - len(body) + min(len(body), len(gzip.compress(body)))
