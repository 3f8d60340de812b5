"""The least a tool can be: a login that redirects, a key set, and a client for the LMS's services."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from itpm_byte.sandbox.manners import ALL_SCOPES
from itpm_byte.sandbox.server import SandboxServer
from itpm_byte.sandbox.service import SCORE_TYPE
from itpm_byte.sandbox.tokens import ASSERTION_TYPE


class PretendTool:
    def __init__(self) -> None:
        self.kid = "tool-1"
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.keyset_status = 200
        self.keyset_fetches = 0
        self.answers_with_page = False
        self.lms: SandboxServer | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def keyset(self) -> dict[str, Any]:
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"keys": [{**jwk, "kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def change_key(self, kid: str) -> None:
        self.kid, self.private = kid, rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def auth_address(self, login: dict[str, str], **changes: str | None) -> str:
        """What a well-behaved tool asks after `login` (the fields the LMS began with)."""
        asked = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": f"{self.url}/lti/launch/",
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": "the state",
            "nonce": "the nonce",
        } | changes
        assert self.lms
        return f"{self.lms.auth_url}?{urlencode({name: value for name, value in asked.items() if value is not None})}"

    def assertion(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        assert self.lms
        now = int(time.time())
        claims = {
            "iss": self.lms.client_id,
            "sub": self.lms.client_id,
            "aud": self.lms.token_url,
            "iat": now - 5,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {name: value for name, value in ({"kid": self.kid} | (header or {})).items() if value is not None}
        return jwt.encode(claims, self.private, algorithm="RS256", headers=head)

    def ask_token(self, assertion: str | None = None, scopes: list[str] | None = None, **fields: str) -> Any:
        assert self.lms
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            "scope": " ".join(ALL_SCOPES if scopes is None else scopes),
        } | fields
        return requests.post(self.lms.token_url, data=form, timeout=20)

    def token(self, *scopes: str) -> str:
        answer = self.ask_token(scopes=list(scopes) or None)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def address(self, link: str, suffix: str = "") -> str:
        """The line item's address as a launch of the link says it, `suffix` put before the query."""
        assert self.lms
        claims = self.lms.claims("lin", link, nonce="n")
        url = urlsplit(claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["lineitem"])
        return url._replace(path=url.path + suffix).geturl()

    def send_score(self, link: str = "careers", *, headers: dict[str, str] | None = None, **changes: Any) -> Any:
        """A score of 1 of 1 for Lin, now, FullyGraded. A change to None leaves the field out."""
        assert self.lms
        body = {
            "userId": self.lms.store.person("lin")["id"],
            "scoreGiven": 1,
            "scoreMaximum": 1,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-23T10:00:00.000Z",
            "comment": "Well done",
        } | changes
        body = {name: value for name, value in body.items() if value is not None}
        sent = {"Content-Type": SCORE_TYPE} | (headers or {})
        return self.request("POST", self.address(link, "/scores"), data=json.dumps(body), headers=sent)

    def request(self, method: str, url: str, *, token: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token()}"} | more.pop("headers", {})
        return requests.request(method, url, headers=headers, timeout=20, **more)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/jwks.json":
                    tool.keyset_fetches += 1
                    self._answer(tool.keyset_status, json.dumps(tool.keyset()), "application/json")
                else:
                    self._login(urlsplit(self.path).query)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path == "/lti/login/":
                    self._login(body)
                else:
                    self._answer(200, json.dumps(parse_qs(body)), "application/json")

            def _login(self, query: str) -> None:
                address = tool.auth_address({name: values[0] for name, values in parse_qs(query).items()})
                if tool.answers_with_page:
                    page = f'<a id="continue" href="{address.replace("&", "&amp;")}">Go on</a>'
                    self._answer(200, page, "text/html")
                else:
                    self._answer(302, "", "text/html", Location=address)

            def _answer(self, status: int, body: str, media: str, **headers: str) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": media, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
