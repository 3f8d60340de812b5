"""Whether axe minds anything on a page. One whole look costs most of a second, so it is asked for what can differ."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Frame, Page

from tests.browser import walk

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# In another colour scheme only these can find something else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# `preload` would fetch each style sheet anew, for rules that are switched off. A frame is looked at by itself:
# what was not put into it can't look there.
OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "iframes": False}

ASK = """async (options) => (await axe.run(document, options)).violations
  .map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(" ")}`)"""


def minds(place: Page | Frame, *, colours_only: bool = False) -> list[str]:
    """Each rule that is broken, with the elements that break it."""
    if place.evaluate("typeof axe") == "undefined":
        place.evaluate(SCRIPT)
    found: list[str] = place.evaluate(ASK, {**OPTIONS, **(COLOURS if colours_only else {})})
    return found


def by_day_and_night(place: Page | Frame) -> list[str]:
    """What axe minds in both colour schemes, on the screen as it is."""
    page = place.page if isinstance(place, Frame) else place
    page.emulate_media(color_scheme="light")
    found = minds(place)
    page.emulate_media(color_scheme="dark")
    return found + [f"by night: {minded}" for minded in minds(place, colours_only=True)]


def wrong(page: Page, *, narrow: int = 360) -> list[str]:
    """On a phone by night and on a desktop by day: what axe minds, and by how much the page is too wide."""
    found = []
    for width, scheme in ((narrow, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width}: {minded}" for minded in minds(page)]
        if too_wide := walk.overflow(page):
            found.append(f"{width}: {too_wide} pixels too wide")
    return found
