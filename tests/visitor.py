"""A person whose browser has no JavaScript: pages, links and forms over real HTTP, cookies kept by host."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar


class LoopbackCookies(RequestsCookieJar):
    """Like a browser on loopback: Secure cookies travel over plain http there, too."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


def session() -> requests.Session:
    made = requests.Session()
    made.cookies = LoopbackCookies()
    return made


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)  # values of radio buttons and check boxes


@dataclass
class Page:
    url: str
    status: int
    html: str
    text: str
    forms: list[Form]
    links: dict[str, str]  # text of a link -> its address
    frames: list[str]

    def form(self, ending: str) -> Form:
        """The form whose action ends so."""
        found = [form for form in self.forms if form.action.partition("?")[0].endswith(ending)]
        assert len(found) >= 1, f"No form to {ending} on {self.url}: {[form.action for form in self.forms]}"
        return found[0]


class _Reader(HTMLParser):
    """Collects what a person can do on a page; script-only parts don't count, noscript parts do."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.frames: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._link: tuple[str, list[str]] | None = None
        self._area: str | None = None
        self._list: str | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "template"}:
            self._silent += 1
        elif tag == "form":
            action = urldefrag(urljoin(self.url, attributes.get("action", ""))).url
            self._form = Form(action, attributes.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in attributes:
            self._link = (urljoin(self.url, attributes["href"]), [])
        elif tag == "iframe" and attributes.get("src"):
            self.frames.append(urljoin(self.url, attributes["src"]))
        elif self._form:
            self._control(tag, attributes)

    def _control(self, tag: str, attributes: dict[str, str]) -> None:
        assert self._form
        name = attributes.get("name", "")
        if tag == "option" and self._list:
            # A browser sends the first one unless another is marked.
            if "selected" in attributes or not self._form.fields.get(self._list):
                self._form.fields[self._list] = [attributes.get("value", "")]
            return
        if not name or "disabled" in attributes:
            return
        if tag == "select":
            self._list = name
        elif tag == "textarea":
            self._area = name
            self._form.fields.setdefault(name, [""])
        elif tag == "input":
            if attributes.get("type") in {"radio", "checkbox"}:
                self._form.options.setdefault(name, []).append(attributes.get("value", "on"))
                if "checked" in attributes:
                    self._form.fields.setdefault(name, []).append(attributes.get("value", "on"))
            elif attributes.get("type") != "submit":
                self._form.fields.setdefault(name, []).append(attributes.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "template"}:
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._list = None
        elif tag == "a" and self._link:
            self.links[" ".join("".join(self._link[1]).split())] = self._link[0]
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._area and self._form:
            self._form.fields[self._area][-1] += data
        self.words.append(data)
        if self._link:
            self._link[1].append(data)


class Visitor:
    """One browser. Redirects are followed as browsers follow them (303 and 302 become GET)."""

    def __init__(self) -> None:
        self.session = session()

    def open(self, url: str) -> Page:
        return self.read(self.session.get(url, timeout=30))

    def submit(self, form: Form, **values: str | list[str]) -> Page:
        """Send a form; `values` are what the person chose or typed, the rest goes as it stands in the page."""
        fields: dict[str, list[str]] = {**form.fields}
        for name, value in values.items():
            fields[name] = [value] if isinstance(value, str) else value
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(form.action))
        if form.method == "post":
            return self.read(self.session.post(form.action, data=fields, headers={"Origin": origin}, timeout=30))
        return self.read(self.session.get(form.action, params=fields, timeout=30))

    def read(self, answer: requests.Response) -> Page:
        reader = _Reader(answer.url)
        reader.feed(answer.text)
        text = " ".join("".join(reader.words).split())
        return Page(answer.url, answer.status_code, answer.text, text, reader.forms, reader.links, reader.frames)
