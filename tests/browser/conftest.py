"""Browsers as people have them, and a watch on each."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect, sync_playwright

from itpm_byte.sandbox.server import SandboxServer
from tests.browser.chromium import chromium
from tests.browser.watch import Watch
from tests.machine import find_browser

OpenBrowser = Callable[..., BrowserContext]

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


@pytest.fixture
def browser(playwright: Playwright, lms: SandboxServer, watch: Watch) -> Iterator[OpenBrowser]:
    """browser(mode="third-party-blocked", width=1280, ...): a fresh profile, watched, closed after the test."""
    with contextlib.ExitStack() as stack:

        def open_browser(mode: str = "third-party-blocked", **options: Any) -> BrowserContext:
            context = stack.enter_context(chromium(playwright, mode, lms.url, **options))
            watch.on(context)
            return context

        yield open_browser
