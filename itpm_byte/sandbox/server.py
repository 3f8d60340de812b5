"""A pretend LMS for tests: starts the real one in its own process and lets a test look inside.

    with SandboxServer(live_server_url) as lms:
        browser = requests.Session()
        form = lms.launch(browser, "lin", "careers")
        page = form.post()

Imports nothing of Django, so that it works wherever a test runs.
"""

import json
import os
import signal
import subprocess  # nosec B404
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests

from itpm_byte.sandbox.forms import PATIENCE, Form, auth_address, first_form
from itpm_byte.sandbox.inside import Faults, Journal, StoreView

HOME = Path(__file__).resolve().parent.parent.parent
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
SHORT_NAMES = {
    name: CLAIM + name
    for name in (
        "message_type",
        "version",
        "deployment_id",
        "target_link_uri",
        "roles",
        "context",
        "resource_link",
        "custom",
        "lis",
        "launch_presentation",
        "tool_platform",
        "role_scope_mentor",
        "ext",
        "for_user",
    )
} | {
    "endpoint": "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
    "namesroleservice": "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    "deep_linking_settings": "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
}


# Of those that do not post (CORE-01).
LOGIN_METHODS = {"blackboard": "GET", "openedx": "GET"}


class SandboxServer:
    """Context manager around `python -m itpm_byte.sandbox --for-tests`. All addresses are strings.

    `url` http://localhost:<port>; `tool_url` where the tool under test is (127.0.0.1, to be another site).
    """

    def __init__(
        self,
        tool_url: str = "http://127.0.0.1:8000",
        manner: str = "moodle",
        port: int = 0,
        *,
        client_id: str = "",
        state: Path | None = None,
    ) -> None:
        self.manner, self.port = manner, port
        self._arguments = ["--tool-url", tool_url, "--manner", manner, "--client-id", client_id]
        if state:
            self._arguments += ["--state", str(state)]
        self._process: subprocess.Popen[str] | None = None
        self._control = requests.Session()
        self._control.trust_env = False
        self.faults, self.journal, self.store = Faults(self.call), Journal(self.call), StoreView(self.call)

    # Life

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Starts the process; after `stop()` on the same port again, so that the tool finds it where it was."""
        command = [sys.executable, "-m", "itpm_byte.sandbox", "--for-tests", "--port", str(self.port)]
        inherited = {name: value for name, value in os.environ.items() if name != "ITPM_ENVIRONMENT"}
        environment = inherited | {"ITPM_SANDBOX": "1", "PYTHONPATH": str(HOME)}
        # Our own command, nothing from outside in it.
        self._process = subprocess.Popen(  # noqa: S603 # nosec B603
            [*command, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HOME,
            env=environment,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError("The sandbox LMS did not start; what it said is on standard error.")
        said: dict[str, Any] = json.loads(line)
        self.url = said["url"]
        self._learn(said)
        self.port = int(self.url.rpartition(":")[2])
        self._control.headers["X-Sandbox-Control"] = said["control_token"]
        return self

    def _learn(self, said: dict[str, Any]) -> None:
        self.issuer, self.client_id, self.deployment_id = said["issuer"], said["client_id"], said["deployment_id"]
        self.auth_url, self.token_url, self.jwks_url = said["auth_url"], said["token_url"], said["jwks_url"]
        self.audience, self.algorithm, self.product = said["audience"], said["algorithm"], said["product"]
        self.has_foreign_azp: bool = said["any_azp"]

    def play(self, manner: str, tool_url: str | None = None) -> None:
        """Another LMS from now on, on its first day, at the same address: moodle, canvas, blackboard, d2l, sakai, …"""
        self.manner = manner
        self._learn(self.call("play", manner=manner, **({"tool_url": tool_url} if tool_url else {})))

    def stop(self) -> None:
        """As if the LMS's machine went down: connections are refused until `start()`."""
        if self._process is None:
            return
        self._control.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """As if the LMS's machine stood still: connections are taken, nobody answers."""
        if self._process is None:
            raise RuntimeError("The sandbox LMS does not run.")
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    # Control

    def call(self, name: str, **body: Any) -> Any:
        """One control call. Raises ValueError with the sandbox's words when it cannot be done."""
        # A connection of its own for each call: one kept open may be dead after a pause, and then the call fails.
        answer = self._control.post(
            f"{self.url}/control/{name}", json=body, timeout=PATIENCE, headers={"Connection": "close"}
        )
        # The server closes its end a moment later; without this the next call may still find the connection open.
        self._control.close()
        said = answer.json() if answer.headers["Content-Type"].startswith("application/json") else {}
        if answer.status_code != 200:
            raise ValueError(said.get("problem") or f"control/{name} answered {answer.status_code}")
        return said["answer"]

    def reset(self, tool_url: str | None = None) -> None:
        """The first day again: cast, courses, no grades, no faults, empty journal, true clock."""
        self.call("reset", **({"tool_url": tool_url} if tool_url else {}))

    def connect_tool(self, tool_url: str | None = None, **registration: Any) -> None:
        """Another tool address, or single fields of store.Registration (login_url=…, redirect_uris=[…], scopes=[…])."""
        self.call("connect", **({"tool_url": tool_url} if tool_url else {}), **registration)

    def remember(self, **changes: Any) -> dict[str, Any]:
        """Platform storage: target="_parent" or a frame's name or "", mood=…, is_declared=… (see storage.py)."""
        kept: dict[str, Any] = self.call("storage", **changes)
        return kept

    def sit(self, person: str) -> None:
        """In browsers that keep no cookie even of the LMS this person counts as logged in; "" ends it."""
        self.call("sit", person=person)

    def rotate_keys(self, *, overlaps: bool = False) -> None:
        """`overlaps`: the old key stays published beside the new one."""
        self.call("rotate-keys", overlaps=overlaps)

    def forget_tokens(self) -> None:
        """Every access token given out is refused with 401 from now on."""
        self.call("forget-tokens")

    def shift_clock(self, seconds: float) -> None:
        self.call("clock", seconds=seconds)

    # Tokens

    def claims(self, user: str, link: str, *, nonce: str, **changes: Any) -> dict[str, Any]:
        """All claims of a launch. Changes go by claim name or its short form (roles=[…], sub=…); None takes one out."""
        found: dict[str, Any] = self.call("claims", person=user, link=link, nonce=nonce, changes=full_names(changes))
        return found

    def sign(self, claims: Any, *, header: Mapping[str, Any] | None = None, key: str = "current") -> str:
        """Any JSON value as a signed token. `key`: current, retired, stranger, public-hmac, none (see keys.sign)."""
        return str(self.call("sign", claims=claims, header=dict(header or {}), key=key))

    def id_token(
        self,
        user: str,
        link: str,
        *,
        nonce: str,
        header: Mapping[str, Any] | None = None,
        key: str = "current",
        **changes: Any,
    ) -> str:
        """A launch token without the walk through the browser."""
        return self.sign(self.claims(user, link, nonce=nonce, **changes), header=header, key=key)

    # The browser's way

    def login_form(self, user: str, link: str) -> dict[str, str]:
        """The fields that a launch begins with (iss, login_hint, …), fresh: their message hint works once."""
        fields: dict[str, str] = self.call("begin", person=user, link=link)
        return fields

    def enter(self, session: requests.Session, user: str) -> None:
        """Logs the browser in to the LMS, as its entrance page does."""
        page = session.get(self.url, timeout=PATIENCE)
        form = first_form(session, page)
        form.fields["person"] = user
        form.url = f"{self.url}/enter/"
        form.post().raise_for_status()

    def begin(
        self,
        session: requests.Session,
        user: str,
        link: str,
        *,
        method: str = "",
        is_selecting: bool = False,
        **login: str | None,
    ) -> requests.Response:
        """Logs in, opens the link, carries the login form to the tool: the tool's answer, redirect not followed.

        `login` changes fields of the login form; None leaves one out. `method` is the LMS's own if none is said.
        """
        method = method or LOGIN_METHODS.get(self.manner, "POST")
        self.enter(session, user)
        begun = self.call("begin-selection", person=user, course=link) if is_selecting else self.login_form(user, link)
        fields = {name: value for name, value in (begun | login).items() if value is not None}
        url = self.store.registration["login_url"]
        carried: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
        return session.request(method, url, **carried, allow_redirects=False, timeout=PATIENCE)

    def launch(
        self,
        session: requests.Session,
        user: str,
        link: str,
        *,
        method: str = "",
        header: Mapping[str, Any] | None = None,
        key: str = "current",
        login: Mapping[str, str | None] | None = None,
        is_selecting: bool = False,
        **claim_changes: Any,
    ) -> Form:
        """The whole way to the tool's launch address: the form with id_token and state, not posted yet."""
        answer = self.begin(session, user, link, method=method, is_selecting=is_selecting, **(login or {}))
        auth_url = auth_address(answer)
        if claim_changes or header or key != "current":
            hint = parse_qs(urlsplit(auth_url).query)["lti_message_hint"][0]
            self.call("bend", hint=hint, claims=full_names(claim_changes), header=dict(header or {}), key=key)
        page = session.get(auth_url, timeout=PATIENCE)
        if page.status_code != 200:
            raise RefusedByLms(page.status_code, page.text)
        return first_form(session, page)

    def select(self, session: requests.Session, user: str, course: str, **claim_changes: Any) -> Form:
        """The same for "Select content" in a course: a deep linking request."""
        return self.launch(session, user, course, is_selecting=True, **claim_changes)


class RefusedByLms(Exception):
    """The LMS showed an error page instead of a launch."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__(f"{status}: {page}")
        self.status, self.page = status, page


def full_names(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {SHORT_NAMES.get(name, name): value for name, value in changes.items()}
