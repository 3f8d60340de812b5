"""Ada in front of the picker: what she sees and sends, and what the LMS gets of it."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.http import HttpResponse
from django.utils import timezone

from lti import keys
from tests.lti.platform import LEFT_OUT, LTI, MEMBERSHIP, Platform, Visit
from tests.player.seats import text_of

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
INSTRUCTOR = [MEMBERSHIP + "Instructor"]


class Teacher:
    """One browser of one person at one LMS. `sub` and `roles` make somebody else of Ada."""

    def __init__(self, platform: Platform, *, sub: str = "ada", roles: Any = None) -> None:
        self.platform = platform
        self.roles = INSTRUCTOR if roles is None else roles
        self.visit = Visit(platform)
        self.client = self.visit.client
        self.sub = sub
        self.base = ""

    def select(self, *, claims: dict[str, Any] | None = None, **settings: Any) -> HttpResponse:
        """Press "Select content" in the LMS: the answer to the launch. LEFT_OUT takes a setting or a claim out."""
        wish = {
            "deep_link_return_url": f"{self.platform.url}/return?course=2&sesskey=k3y",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            **settings,
        }
        wish = {name: value for name, value in wish.items() if value is not LEFT_OUT}
        told = {
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "resource_link": LEFT_OUT,
            DL + "deep_linking_settings": wish,
            **(claims or {}),
        }
        return self.launch(**told)

    def launch(self, **changes: Any) -> HttpResponse:
        self.visit.log_in()
        answer = self.visit.arrive(**{"sub": self.sub, "name": "Ada", LTI + "roles": self.roles, **changes})
        if answer.status_code == 303:
            self.base = "/".join(answer["Location"].split("/")[:3]) + "/"
        return answer

    def get(self, path: str = "pick/", **query: Any) -> HttpResponse:
        return self.client.get(self.base + path, query)

    def post(self, path: str, **fields: Any) -> HttpResponse:
        """With the CSRF token that a page of this session gave."""
        shown = (
            self.client.get(self.base + "settings/") if path == "settings/" else self.client.get(self.base + "pick/")
        )
        if shown.status_code == 303:
            shown = self.client.get(shown["Location"])
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.content.decode())
        sent = {"csrfmiddlewaretoken": token[1] if token else "", **fields}
        return self.client.post(self.base + path, sent, headers={"Origin": "http://testserver"})

    def add(self, *slugs: str, **fields: Any) -> HttpResponse:
        """Fill in the details as they stand and add the Bytes to the course."""
        slugs = slugs or ("it-project-manager",)
        told: dict[str, Any] = {"byte": list(slugs), "points": "10", "grade_on": "quiz", "which_counts": "best"}
        told |= {"reveal": "after_answer"}
        for slug in slugs:
            told |= {f"{slug}-title": f"Title of {slug}", f"{slug}-language": "en"}
        return self.post("pick/details/", **{**told, **fields})

    def sent(self) -> "Sent":
        return Sent(self.get("pick/sent/"))

    def items(self) -> list[dict[str, Any]]:
        """What the LMS gets."""
        found: list[dict[str, Any]] = self.sent().body[DL + "content_items"]
        return found


class Sent(HTMLParser):
    """The page that carries the answer, and the answer."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer
        self.actions: list[str] = []
        self.jwt = ""
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(said["action"])
        if said.get("name") == "JWT":
            self.jwt = said["value"]

    @property
    def body(self) -> dict[str, Any]:
        (key,) = keys.published(now=timezone.now())["keys"]
        told: dict[str, Any] = jwt.decode(self.jwt, jwt.PyJWK(key), algorithms=["RS256"], options={"verify_aud": False})
        return told


def policy(answer: HttpResponse, name: str) -> list[str]:
    """The sources of one directive of the page's security policy."""
    directives = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return next(sources for directive, *sources in directives if directive == name)


def path_of(answer: HttpResponse) -> str:
    """Where a redirect leads, without the launch."""
    return urlsplit(answer["Location"]).path.split("/", 3)[3]


def fields_of(answer: HttpResponse) -> dict[str, str]:
    """The values of the inputs of a page, by name."""
    found = re.findall(r"<input[^>]*>", answer.content.decode())
    pairs = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found]
    return {name[1]: unescape(value[1]) if value else "" for name, value in pairs if name}


__all__ = ["DL", "INSTRUCTOR", "Sent", "Teacher", "fields_of", "path_of", "policy", "text_of"]
