"""Screenshots for the documentation: kept only when SCREENSHOTS names a folder (`make screenshots`)."""

import os
from pathlib import Path

from playwright.sync_api import Page


def keep(page: Page, name: str, is_wanted: bool = True) -> None:
    """What the window shows now, as <SCREENSHOTS>/<name>.png."""
    folder = os.environ.get("SCREENSHOTS")
    if folder and is_wanted:
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
