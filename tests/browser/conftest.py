"""Browsers as people have them, and a watch on each."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from itpm_byte.sandbox.server import SandboxServer
from tests.browser.chromium import ONE_PROCESS, CookieMode, chromium, window
from tests.browser.watch import Watch
from tests.machine import find_browser

OpenBrowser = Callable[..., BrowserContext]
Start = Callable[..., Browser]

expect.set_options(timeout=40_000)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """For this folder only: while it runs, this thread has an event loop, and Django refuses its database there."""
    os.environ.setdefault("CHROMIUM", find_browser())
    with sync_playwright() as started:
        yield started


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="package")
def started(playwright: Playwright) -> Iterator[Start]:
    """started("refused", lms_url): a Chromium that runs until the last test here has ended; starting one costs as much
    as a whole walk. `in_one_process=False` is as people have it: a frame of another site in a process of its own."""
    running: dict[tuple[CookieMode, str, bool], Browser] = {}
    with contextlib.ExitStack() as stack:

        def start(mode: CookieMode, lms_url: str, *, in_one_process: bool = True) -> Browser:
            # Only where cookies are refused the LMS's address is a part of the settings.
            key = (mode, lms_url if mode == "refused" else "", in_one_process)
            if key not in running:
                switches = ONE_PROCESS if in_one_process else ()
                browser = stack.enter_context(chromium(playwright, mode, lms_url, switches=switches)).browser
                assert browser
                running[key] = browser
            return running[key]

        yield start


@pytest.fixture
def browser(started: Start, lms: SandboxServer, watch: Watch) -> Iterator[OpenBrowser]:
    """browser(mode="third-party-blocked", width=1280, ...): a memory of its own, watched, closed after the test."""
    with contextlib.ExitStack() as stack:

        def open_browser(mode: CookieMode = "third-party-blocked", **options: Any) -> BrowserContext:
            # In a private window Chromium blocks third-party cookies whatever is installed.
            assert mode != "as-installed", "Use chromium() for that."
            context = stack.enter_context(window(started(mode, lms.url), **options))
            watch.on(context)
            return context

        yield open_browser
