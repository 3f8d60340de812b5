"""What a person does in the LMS and in the Byte, by what is to be seen there."""

import re
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from itpm_byte.sandbox.server import SandboxServer

LIN, KAI, ADA = "Lin Tran", "Kai Jensen", "Ada Okafor"
RIGHT, WRONG = "Samantha", "Peter"
CAREERS, OFFICE = "/courses/careers/", "/courses/office/"
FRAMED, ALONE, IN_OFFICE = CAREERS + "activities/29/", CAREERS + "activities/30/", OFFICE + "activities/31/"

Place = Page | FrameLocator


def enter(page: Page, lms: SandboxServer, name: str) -> None:
    """Log in to the LMS as this person; the browser gets its cookie, but draws none of the pages on the way."""
    entrance = page.request.get(lms.url).text()
    card = next(card for card in entrance.split('name="person" ') if f"<bdi>{name}</bdi>" in card)
    values = re.compile('value="(.*?)"')
    token = values.search(entrance.partition('name="csrfmiddlewaretoken"')[2])
    person = values.search(card)
    assert token
    assert person
    fields = {"person": person[1], "csrfmiddlewaretoken": token[1]}
    answer = page.request.post(f"{lms.url}/enter/", form=fields).text()
    assert f'<bdi class="who">{name}</bdi>' in answer, answer


def enter_by_its_page(page: Page, lms: SandboxServer, name: str) -> None:
    """The same as people do it: by the button with the name."""
    page.goto(lms.url)
    page.get_by_role("button", name=name).click()
    expect(page.locator(".me")).to_contain_text(name)


def open_in_frame(page: Page, lms: SandboxServer, path: str = FRAMED) -> FrameLocator:
    """Open the activity inside its course page; the Byte is there when this returns."""
    page.goto(urljoin(lms.url, path))
    byte = page.frame_locator("#contentframe")
    expect(byte.get_by_role("heading", level=1, name="IT Project Manager")).to_be_visible()
    return byte


def open_alone(page: Page, lms: SandboxServer, path: str = ALONE) -> Page:
    """Open the activity in the whole window, as the LMS's link to a new window does."""
    page.goto(urljoin(lms.url, path + "launch/"))
    expect(page.get_by_role("heading", level=1, name="IT Project Manager")).to_be_visible()
    return page


def new_page(context: BrowserContext) -> Page:
    """The tab that the browser opened with, then further ones."""
    blank = [page for page in context.pages if page.url == "about:blank"]
    return blank[0] if blank else context.new_page()


def keep_reading_secret(page: Page) -> None:
    """From now on reports of parts read end here, so that only what the walk itself does meets the service."""
    page.route(re.compile(r"/l/[^/]+/seen/$"), lambda report: report.fulfill(status=204))


def question(byte: Place) -> Locator:
    return byte.locator(".question.panel")


def card(byte: Place, name: str) -> Locator:
    """The radio button under a candidate's card."""
    return question(byte).get_by_role("radio", name=name)


def choose(byte: Place, name: str) -> None:
    """Click on the card's words, as a mouse or a finger does: the whole card is the button."""
    # After "Try again" the cards of the last attempt stand there for a moment: they are no buttons.
    expect(card(byte, name)).to_be_attached()
    question(byte).locator(".option:has(input)", has_text=name).click()
    expect(card(byte, name)).to_be_checked()


def check_button(byte: Place) -> Locator:
    return byte.get_by_role("button", name="Check my answer")


def answer(byte: Place, name: str) -> None:
    choose(byte, name)
    check_button(byte).click()
    expect(result(byte)).to_be_focused()


def result(byte: Place) -> Locator:
    return byte.locator("[id^=result-]")


def grade(byte: Place) -> Locator:
    return byte.locator("#grade")


def rate(byte: Place, label: str, comment: str = "") -> None:
    byte.get_by_role("radio", name=label, exact=True).check()
    if comment:
        byte.locator("#comment").fill(comment)
    byte.get_by_role("button", name=re.compile("(Send|Change) my answer")).click()
    expect(byte.locator("#rating .notice.is-good")).to_be_focused()


def make_receipt(byte: Place, *, name: bool) -> str:
    """From the Byte to a receipt that names the learner or not; its address. The Byte is left."""
    byte.get_by_role("link", name="Your receipt").click()
    byte.get_by_role("checkbox", name="Show my name").set_checked(name)
    byte.get_by_role("button", name="Make my receipt").click()
    return byte.locator("#address").inner_text()


def mark(page: Page, cell: str) -> Locator:
    """The mark in one cell of the LMS's gradebook."""
    return page.locator(f"#grade-{cell} [data-part=mark]")


def parts_read(byte: Place) -> int:
    found = re.match(r"(\d+) of", byte.locator(".meter-words").inner_text())
    assert found
    return int(found[1])


def overflow(place: Any) -> int:
    """CSS pixels by which the page is wider than its window; `place` is a Page or a Frame."""
    return int(place.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
