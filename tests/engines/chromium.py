"""Chromium by Playwright, behind the same few words as the other engines."""

import contextlib
import re
from typing import Any

from playwright.sync_api import Error, Frame, Page, Playwright

from tests.browser.chromium import chromium
from tests.engines.webdriver import FRAME, Engine, Gone


class Chromium(Engine):
    def __init__(self, playwright: Playwright, mode: str, lms_url: str) -> None:
        self._open = contextlib.ExitStack()
        self._context = self._open.enter_context(chromium(playwright, mode, lms_url, ignore_https_errors=True))
        self._page: Page = self._context.pages[0]
        major = re.findall(r"Chrome/(\d+)", self._page.evaluate("navigator.userAgent"))[0]
        self.version = f"Chromium {major}"

    def close(self) -> None:
        self._open.close()

    def open(self, url: str) -> None:
        self._page.goto(url)

    def see(self, expression: str, frame: str = FRAME) -> Any:
        try:
            return self._place(frame).evaluate(f"() => ({expression})")
        except Error as error:
            raise Gone(error.message) from error

    def press(self, selector: str, frame: str = FRAME) -> None:
        try:
            self._place(frame).click(selector, timeout=5000)
        except Error as error:
            raise Gone(error.message) from error

    def follow(self) -> bool:
        self._page.wait_for_timeout(1)  # lets Playwright hear of new windows
        if len(self._context.pages) > 1:
            self._page = self._context.pages[-1]
        return len(self._context.pages) > 1

    def turn_back(self) -> None:
        self._page = self._context.pages[0]

    def _place(self, frame: str) -> Page | Frame:
        if not frame:
            return self._page
        element = self._page.query_selector(frame)
        found = element and element.content_frame()
        if not found:
            raise Gone(frame)
        return found
