"""Chromium by its own driver. Playwright now and then loses a frame that changes from site to site and back."""

import json
import shutil
import tempfile
from pathlib import Path

from tests.browser.chromium import NO_POPUPS, CookieMode, preferences
from tests.engines.driver import DriverProgram
from tests.machine import find_chromium

SWITCHES = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", NO_POPUPS]


class Chromium(DriverProgram):
    def __init__(self, mode: CookieMode, lms_url: str) -> None:
        found = find_chromium()
        self._profile = Path(tempfile.mkdtemp(prefix="itpm-chromium-"))
        (self._profile / "Default").mkdir()
        (self._profile / "Default" / "Preferences").write_text(json.dumps(preferences(mode, lms_url)))
        options = {"binary": found.browser, "args": [*SWITCHES, f"--user-data-dir={self._profile}"]}
        super().__init__(found.driver, {"goog:chromeOptions": options})
        self.version = f"Chromium {self.version.partition('.')[0]}"

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._profile, ignore_errors=True)
