"""Reading pages as a browser without scripts does: their first form, and where a login page sends us on."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

PATIENCE = 20  # seconds for one answer; a test machine may be busy


@dataclass
class Form:
    """A form as a page offers it: where it goes, and what it carries."""

    session: requests.Session
    url: str
    fields: dict[str, str]

    def post(self, *, allow_redirects: bool = True, **changes: str | None) -> requests.Response:
        """Sends it, as the browser would. `changes` alters fields; None leaves one out."""
        fields = {name: value for name, value in (self.fields | changes).items() if value is not None}
        return self.session.post(self.url, data=fields, allow_redirects=allow_redirects, timeout=PATIENCE)


def auth_address(answer: requests.Response) -> str:
    """Where the tool sends the browser: a redirect, or a page with the address in data-auth-url or a#continue."""
    if answer.is_redirect:
        return urljoin(answer.url, answer.headers["Location"])
    found = _PageReader(answer.text).auth_url
    if not found:
        raise AssertionError(f"The tool's login answered {answer.status_code} without an address to go on to.")
    return urljoin(answer.url, found)


def first_form(session: requests.Session, page: requests.Response) -> Form:
    """The first form of an HTML page."""
    reader = _PageReader(page.text)
    if reader.action is None:
        raise AssertionError(f"{page.url} answered {page.status_code} with no form in it.")
    return Form(session, urljoin(page.url, reader.action), reader.fields)


class _PageReader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.auth_url, self.action = "", None
        self.fields: dict[str, str] = {}
        self._in_first_form = False
        self.feed(page)

    action: str | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "data-auth-url" in said:
            self.auth_url = said["data-auth-url"]
        elif tag == "a" and said.get("id") == "continue" and not self.auth_url:
            self.auth_url = said.get("href", "")
        if tag == "form" and self.action is None:
            self.action, self._in_first_form = said.get("action", ""), True
        if tag == "input" and self._in_first_form and "name" in said:
            self.fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_first_form = False
