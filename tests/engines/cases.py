"""Which browser, set how, in front of an LMS with or without storage, is expected to take which way in."""

from dataclasses import dataclass

from tests.browser.chromium import CookieMode
from tests.engines.chromium import Chromium
from tests.engines.firefox import Firefox
from tests.engines.webdriver import Engine
from tests.engines.webkit import WebKit

BEHAVIOR = "network.cookie.cookieBehavior"
FIREFOX = {
    "as installed": {},
    "strict protection": {"browser.contentblocking.category": "strict"},
    "third-party cookies allowed": {BEHAVIOR: 0},
    "third-party cookies blocked": {BEHAVIOR: 1},
    "all cookies refused": {BEHAVIOR: 2},
}
CHROMIUM: dict[str, CookieMode] = {
    "as installed": "as-installed",
    "third-party cookies blocked": "third-party-blocked",
    "all cookies refused": "refused",
}
WEBKIT = {
    "third-party cookies allowed": ["--cookies-policy=always"],
    "as installed": ["--cookies-policy=no-third-party"],
    "tracking prevention": ["--enable-itp=true"],
    "all cookies refused": ["--cookies-policy=never"],
}


@dataclass(frozen=True)
class Way:
    """What carried the secret from login to launch, what carries the session, where it is shown."""

    proof: str
    session: str
    place: str = "frame"


COOKIE = Way("cookie", "cookie")
OWN = Way("own storage", "token")
LMS = Way("LMS's storage", "token")
WINDOW = Way("cookie", "cookie", "new window")
MEMORY = Way("page in the course", "token", "new window")


@dataclass(frozen=True)
class Case:
    """`storage` is where the LMS answers: nowhere, in its page (which it says at login), or in a frame (if asked)."""

    engine: str
    mode: str
    storage: str
    expected: Way

    def __str__(self) -> str:
        return f"{self.engine}, {self.mode}, {self.storage or 'no storage'}"


def _both(engine: str, mode: str, without: Way, beside: Way) -> list[Case]:
    """At an LMS that remembers nothing for the tool, and at one whose course page does."""
    return [Case(engine, mode, "", without), Case(engine, mode, "_parent", beside)]


CASES = [
    *_both("Chromium", "as installed", COOKIE, COOKIE),
    *_both("Chromium", "third-party cookies blocked", COOKIE, COOKIE),
    *_both("Chromium", "all cookies refused", MEMORY, LMS),
    Case("Chromium", "all cookies refused", "post_message_forwarding", LMS),
    *_both("Firefox", "as installed", COOKIE, COOKIE),
    *_both("Firefox", "strict protection", COOKIE, COOKIE),
    *_both("Firefox", "third-party cookies allowed", COOKIE, COOKIE),
    *_both("Firefox", "third-party cookies blocked", WINDOW, LMS),
    Case("Firefox", "third-party cookies blocked", "post_message_forwarding", LMS),
    *_both("Firefox", "all cookies refused", MEMORY, LMS),
    *_both("WebKit", "third-party cookies allowed", COOKIE, COOKIE),
    *_both("WebKit", "as installed", OWN, OWN),
    *_both("WebKit", "tracking prevention", OWN, OWN),
    *_both("WebKit", "all cookies refused", OWN, OWN),
]
# What each engine does differently from the others, for every day; `make engines` runs them all.
SHORT = [
    Case("Chromium", "all cookies refused", "post_message_forwarding", LMS),
    Case("Firefox", "as installed", "", COOKIE),
    Case("Firefox", "third-party cookies blocked", "_parent", LMS),
    Case("WebKit", "as installed", "", OWN),
]
# Where two learners sit side by side: each way that carries a session in a frame.
SIDE_BY_SIDE = [
    Case("Chromium", "as installed", "", COOKIE),
    Case("Chromium", "all cookies refused", "_parent", LMS),
    Case("Firefox", "third-party cookies blocked", "post_message_forwarding", LMS),
    Case("WebKit", "as installed", "", OWN),
]
# Whom an LMS that remembers badly can hurt.
FORGETFUL = [
    Case("Chromium", "all cookies refused", "_parent", LMS),
    Case("Chromium", "all cookies refused", "post_message_forwarding", LMS),
    Case("Firefox", "third-party cookies blocked", "_parent", LMS),
]


def engine(case: Case, lms_url: str) -> Engine:
    if case.engine == "Chromium":
        return Chromium(CHROMIUM[case.mode], lms_url)
    if case.engine == "Firefox":
        return Firefox(FIREFOX[case.mode])
    return WebKit(WEBKIT[case.mode])
