"""A real Chromium as people have it, with the cookie settings that matter inside an LMS's frame."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Playwright

CookieMode = Literal["as-installed", "third-party-blocked", "refused"]

# The address bar's popups are pages that nobody sees here; each window loads them, for more than a second.
NO_POPUPS = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"

# Playwright's own switches turn off the storage partitioning that people have, so only these are given.
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--password-store=basic", "--hide-scrollbars", "--remote-debugging-pipe", "--enable-automation",
    NO_POPUPS,
]  # fmt: skip

# A frame of another site in a process of its own is another target to Playwright, and on a busy machine it may lose
# sight of one while it changes processes. Which process draws a frame has nothing to do with what it may keep.
ONE_PROCESS = ["--disable-site-isolation-trials"]


def preferences(mode: CookieMode, lms_url: str) -> dict[str, Any]:
    """Chromium's profile settings: none, third-party cookies blocked, or every site but the LMS refused."""
    if mode == "as-installed":
        return {}
    if mode == "third-party-blocked":
        return {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    allowed = {f"{lms_url},*": {"setting": 1}}
    return {
        "profile": {
            "cookie_controls_mode": 1,
            "default_content_setting_values": {"cookies": 2},
            "content_settings": {"exceptions": {"cookies": allowed}},
        }
    }


# Whoever looks at a page should not see a colour on its way to another one.
STILL: dict[str, Any] = {"reduced_motion": "reduce"}


@contextlib.contextmanager
def chromium(
    playwright: Playwright,
    mode: CookieMode,
    lms_url: str,
    *,
    width: int = 1280,
    height: int = 1000,
    switches: Sequence[str] = (),
    **options: Any,
) -> Iterator[BrowserContext]:
    """A fresh profile; `options` go to Playwright (color_scheme, java_script_enabled, reduced_motion ...)."""
    with tempfile.TemporaryDirectory(prefix="itpm-chromium-") as profile:
        (Path(profile) / "Default").mkdir()
        (Path(profile) / "Default" / "Preferences").write_text(json.dumps(preferences(mode, lms_url)))
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=os.environ["CHROMIUM"],
            ignore_default_args=True,
            args=[*SWITCHES, *switches, f"--user-data-dir={profile}", "about:blank"],
            viewport={"width": width, "height": height},
            **{**STILL, **options},
        )
        context.set_default_timeout(40_000)
        try:
            yield context
        finally:
            context.close()


@contextlib.contextmanager
def window(browser: Browser, *, width: int = 1280, height: int = 1000, **options: Any) -> Iterator[BrowserContext]:
    """A fresh memory within a running Chromium, under the cookie settings of its profile. Starting one takes longer."""
    context = browser.new_context(viewport={"width": width, "height": height}, **{**STILL, **options})
    context.set_default_timeout(40_000)
    try:
        yield context
    finally:
        context.close()
