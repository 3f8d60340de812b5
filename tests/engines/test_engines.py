"""The ways in, in three real browser engines, in the frame of another site (T3, CK-01 to CK-22).

`make engines` runs every case and writes what it saw into docs/browsers.md; otherwise a few are run.
"""

import json
import os
from collections.abc import Iterator

import pytest

from tests.browser.proxy import Exchange
from tests.engines import table
from tests.engines.cases import CASES, FORGETFUL, SHORT, SIDE_BY_SIDE, Case, Way, engine
from tests.engines.conftest import Course
from tests.engines.webdriver import FRAME, Engine, Gone
from tests.live import wait_for

pytestmark = pytest.mark.engines

IS_FULL = os.environ.get("ENGINES") == "all"
LIN, KAI = "Lin Tran", "Kai Jensen"
CLOSED = "This session was closed"
ANOTHER_WINDOW = "Open the activity in a new window"
TITLE = """[...document.querySelectorAll("h1")].filter((title) => title.checkVisibility())
           .map((title) => title.textContent).filter((text) => text !== "Opening the activity")[0]"""
CAN_BE_USED = "!document.body.inert"
# How an LMS may remember, and what the person sees.
MOODS = {
    "reserved": LIN,
    "twice": LIN,
    "silent": ANOTHER_WINDOW,
    "late": ANOTHER_WINDOW,
    "wrong-value": ANOTHER_WINDOW,
    "wrong-key": ANOTHER_WINDOW,
    "wrong-id": ANOTHER_WINDOW,
    "wrong-frame": ANOTHER_WINDOW,
    "wrong-origin": ANOTHER_WINDOW,
    "points-elsewhere": ANOTHER_WINDOW,
    "swapped": "Please open the activity again",
}

# Asks a frame, and lets answers of all kinds arrive, each as the browser would hand it to the page.
ANSWERS = """(async () => {
  const { ask } = await import("/static/lti/messages.js");
  const windows = [1, 2].map(() => document.body.appendChild(document.createElement("iframe")).contentWindow);
  const right = { subject: "lti.get_data.response", key: "lti_a", value: "secret" };
  const forged = { data: { value: "forged" } };
  const stranger = { ...forged, origin: "https://evil.example" };
  const kinds = {
    "right": [{}],
    "right after a stranger's": [stranger, {}],
    "forged after the right one": [{}, forged],
    "from another origin": [stranger],
    "from a page without one": [{ origin: "null" }],
    "from another window": [{ source: windows[1] }],
    "from no window": [{ source: null }],
    "to another message": [{ data: { message_id: "1" } }],
    "about another key": [{ data: { key: "lti_b" } }],
    "to another question": [{ data: { subject: "lti.put_data.response" } }],
    "no object": [{ data: "secret" }],
    "nothing": [{ data: null }],
    "an error": [{ data: { error: { code: "storage_exhaustion", message: "full" } } }],
    "the question itself": [{ data: { subject: "lti.get_data" } }],
  };
  const asked = Object.entries(kinds).map(async ([kind, answers]) => {
    const said = new Promise((resolve) => {
      const listen = ({ data }) => {
        if (data.kind === kind) resolve(data);
      };
      windows[0].addEventListener("message", listen);
    });
    const answered = ask(windows[0], location.origin, { subject: "lti.get_data", key: "lti_a", kind });
    const { message_id } = await said;
    for (const { data = {}, ...from } of answers) {
      const sent = data && typeof data === "object" ? { ...right, message_id, ...data } : data;
      const event = { source: windows[0], origin: location.origin, ...from, data: sent };
      dispatchEvent(new MessageEvent("message", event));
    }
    return [kind, (await answered)?.value ?? null];
  });
  return Object.fromEntries(await Promise.all(asked));
})()"""


@pytest.fixture(scope="module")
def seen() -> Iterator[dict[Case, tuple[Way, str]]]:
    """What each case was seen to do, in which version; all of them together are the table."""
    found: dict[Case, tuple[Way, str]] = {}
    yield found
    if found.keys() == set(CASES):
        table.write({case: way for case, (way, _) in found.items()}, {version for _, version in found.values()})


@pytest.mark.parametrize("case", CASES if IS_FULL else SHORT, ids=str)
def test_every_browser_finds_its_way_in_and_a_reload_keeps_the_session(
    case: Case, course: Course, seen: dict[Case, tuple[Way, str]]
):
    """The LMS's storage, third in the chain (CK-03), under the login's own name (CK-15).

    Named at login (CK-10) or when asked (CK-11), put and get (CK-12, CK-13), proven (CK-16).
    """
    course.lms.remember(target=case.storage, is_declared=case.storage == "_parent")
    with engine(case, course.lms.url) as browser:
        browser.open(course.activity)
        title, place = until_seen(browser, TITLE), FRAME
        if title == ANOTHER_WINDOW:
            browser.press("#open-window")
            wait_for(browser.follow, "the new window")
            place = ""
            title = until_seen(browser, TITLE, place)
        assert title == LIN
        reload(browser, place)
        assert until_seen(browser, TITLE, place) == LIN
        browser.turn_back()
        asked = browser.see("document.body.dataset.asked", "") or ""
        exchanges = course.front.exchanges
        seen[case] = way_of(exchanges, asked=asked, is_framed=place == FRAME), browser.version

    assert seen[case][0] == case.expected
    assert [each.path for each in exchanges for token in tokens(exchanges) if token in each.path] == []


@pytest.mark.parametrize("case", SIDE_BY_SIDE if IS_FULL else SIDE_BY_SIDE[-1:], ids=str)
def test_two_frames_with_two_learners_never_mix(case: Case, course: Course):
    course.lms.remember(target=case.storage)
    beside = "Object.assign(document.createElement('iframe'), {id: 'other', src: location.pathname + 'launch/'})"
    with engine(case, course.lms.url) as browser:
        browser.open(course.activity)
        assert until_seen(browser, TITLE) == LIN
        course.lms.sit("kai")
        browser.see(f"document.body.append({beside})", "")
        assert until_seen(browser, TITLE, "#other") == KAI

        until_seen(browser, CAN_BE_USED)
        browser.press("#second")  # another person launched in this browser: Lin's session is over (CK-23)
        assert until_seen(browser, "document.querySelector('dialog[open] h1')?.textContent") == CLOSED
        assert browser.see("document.querySelector('#who').textContent") == LIN
        reload(browser, FRAME)
        assert until_seen(browser, TITLE) == "Please open the activity from your course"
        reload(browser, "#other")
        assert until_seen(browser, TITLE, "#other") == KAI


@pytest.mark.parametrize("mood", MOODS if IS_FULL else ["swapped"])
@pytest.mark.parametrize("case", FORGETFUL if IS_FULL else FORGETFUL[:1], ids=str)
def test_what_an_lms_remembers_wrongly_opens_nothing(case: Case, mood: str, course: Course):
    """Late, doubled, forged or foreign: CK-14; another login's secret: CK-16; a name that is no frame's: CK-18."""
    course.lms.remember(target=case.storage, mood=mood)
    with engine(case, course.lms.url) as browser:
        browser.open(course.activity)

        assert until_seen(browser, TITLE) == MOODS[mood]
        assert "lti.capabilities" in browser.see("document.body.dataset.asked", "")


def test_only_a_page_of_the_authorization_addresss_origin_hears_more_than_what_can_you_do_ck_17(course: Course):
    course.lms.remember(target="_parent")
    registered = "from lti.models import Registration; Registration.objects.update(auth_login_url={!r})"
    course.tool.python(registered.format(course.lms.auth_url.replace("localhost", "127.0.0.1")))
    try:
        with engine(SHORT[0], course.lms.url) as browser:
            browser.open(course.activity)

            assert until_seen(browser, TITLE) == ANOTHER_WINDOW
            assert browser.see("document.body.dataset.asked", "") == "lti.capabilities"
    finally:
        course.tool.python(registered.format(course.lms.auth_url))


def test_in_a_window_that_the_lms_opened_the_page_that_opened_it_is_asked_ck_10(course: Course):
    course.lms.remember(target="_parent")
    with engine(SHORT[0], course.lms.url) as browser:
        browser.open(course.activity.replace("/29/", "/30/"))
        browser.press("main a.button", "")
        wait_for(browser.follow, "the new window")
        assert until_seen(browser, TITLE, "") == LIN
        reload(browser, "")
        assert until_seen(browser, TITLE, "") == LIN


def test_only_the_window_and_the_origin_that_were_asked_may_answer_once_about_what_was_asked_ck_14(course: Course):
    with engine(SHORT[0], course.lms.url) as browser:
        browser.open(f"{course.front.url}/l/01234567-89ab-cdef-0123-456789abcdef/")

        assert browser.see(ANSWERS, "") == {
            "right": "secret", "right after a stranger's": "secret", "forged after the right one": "secret",
            "from another origin": None, "from a page without one": None, "from another window": None,
            "from no window": None, "to another message": None, "about another key": None, "to another question": None,
            "no object": None, "nothing": None, "an error": None, "the question itself": None,
        }  # fmt: skip


def test_the_table_in_the_docs_says_what_is_expected():
    assert table.written() == table.rows({case: case.expected for case in CASES})


def until_seen(browser: Engine, expression: str, frame: str = FRAME) -> str:
    """The expression's value as soon as there is one: pages come and go on the way."""

    def look() -> str:
        try:
            return browser.see(expression, frame) or ""
        except Gone:
            return ""

    return str(wait_for(look, expression))


def reload(browser: Engine, frame: str) -> None:
    browser.see("document.documentElement.dataset.seen = 'once'", frame)
    browser.see("setTimeout(() => location.reload())", frame)
    until_seen(browser, "document.documentElement.dataset.seen ? '' : 'gone'", frame)


def way_of(exchanges: list[Exchange], *, asked: str, is_framed: bool) -> Way:
    """What carried secret and session, by what the tool was asked and what the LMS's page was asked."""
    if not any(each.path == "/lti/confirm/" and each.status == 200 for each in exchanges):
        proof = "cookie"
    elif not is_framed:
        proof = "page in the course"
    else:
        proof = "LMS's storage" if "lti.get_data" in asked else "own storage"
    has_token = any(each.authorization and each.status == 200 for each in exchanges)
    return Way(proof, "token" if has_token else "cookie", "frame" if is_framed else "new window")


def tokens(exchanges: list[Exchange]) -> set[str]:
    confirmed = [each for each in exchanges if each.path == "/lti/confirm/" and each.status == 200]
    return {json.loads(each.body)["token"] for each in confirmed}
