"""A browser on its way from the pretend LMS into the tool: Django's test client, without scripts."""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.http import HttpResponseBase
from django.test import Client

from itpm_byte.sandbox.server import SandboxServer, first_form
from lti.models import Deployment, Institution, Registration

OWN = "http://127.0.0.1:8000"


def connect(lms: SandboxServer, **fields: Any) -> Registration:
    """Register the pretend LMS with the tool, as an administrator does."""
    institution, _ = Institution.objects.get_or_create(name="School", slug="school")
    registration = Registration.objects.create(
        institution=institution,
        name="Sandbox",
        issuer=lms.issuer,
        client_id=lms.client_id,
        auth_login_url=lms.auth_url,
        auth_token_url=lms.token_url,
        jwks_url=lms.jwks_url,
        **fields,
    )
    Deployment.objects.create(registration=registration, institution=institution, deployment_id=lms.deployment_id)
    lms.connect_tool(OWN)
    return registration


@dataclass
class Arrival:
    """What the LMS's last form would post to the tool."""

    client: Client
    fields: dict[str, str]

    def post(self, **changes: str) -> HttpResponseBase:
        return self.client.post("/lti/launch/", self.fields | changes, headers={"Origin": "http://localhost"})


class Browser:
    """One browser in one LMS. `keeps_cookies=False` forgets ours after every answer, as strict ones do in a frame."""

    def __init__(self, lms: SandboxServer, *, keeps_cookies: bool = True) -> None:
        self.lms = lms
        self.client = Client(enforce_csrf_checks=True)
        self.lms_session = requests.Session()
        self.keeps_cookies = keeps_cookies
        self.secret = ""
        self.state = ""

    def log_in(self, person: str, link: str = "careers") -> HttpResponseBase:
        """Up to the tool's answer to the login."""
        self.lms.enter(self.lms_session, person)
        answer = self.client.post("/lti/login/", self.lms.login_form(person, link))
        self._forget()
        return answer

    def arrive(self, person: str, link: str = "careers", **claims: Any) -> Arrival:
        """Through login and LMS; the launch is not posted yet."""
        answer = self.log_in(person, link)
        auth_url = answer.headers.get("Location") or attribute(answer, "auth-url")
        self.secret = "" if "Location" in answer.headers else attribute(answer, "secret")
        query = parse_qs(urlsplit(auth_url).query)
        self.state = query["state"][0]
        if claims:
            self.lms.call("bend", hint=query["lti_message_hint"][0], claims=claims, header={}, key="current")
        page = self.lms_session.get(auth_url, timeout=20)
        return Arrival(self.client, first_form(self.lms_session, page).fields)

    def launch(self, person: str, link: str = "careers", **claims: Any) -> HttpResponseBase:
        answer = self.arrive(person, link, **claims).post()
        self._forget()
        return answer

    def confirm(self, page: HttpResponseBase, **changes: Any) -> HttpResponseBase:
        """What the script of the confirm page sends."""
        sent = {"ticket": attribute(page, "ticket"), "secret": self.secret, "tokens": []} | changes
        answer = self.client.post(
            "/lti/confirm/", sent, content_type="application/json", headers={"Origin": "http://testserver"}
        )
        self._forget()
        return answer

    def _forget(self) -> None:
        if not self.keeps_cookies:
            self.client.cookies.clear()


def attribute(page: HttpResponseBase, name: str) -> str:
    """A data attribute of the page's body."""
    text = page.content.decode()  # type: ignore[attr-defined]
    found = re.search(rf'data-{name}="([^"]*)"', text)
    assert found, f"No data-{name} in {text}"
    return html.unescape(found[1])
