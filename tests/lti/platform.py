"""An LMS that a test holds in its hands: a real key set over HTTP, tokens signed as the test wants them."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.http import HttpResponseBase
from django.test import Client

from lti.models import Deployment, Institution, Registration

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
OWN = "http://127.0.0.1:8000"
TARGET = f"{OWN}/lti/launch/"


class SigningKey:
    """A real key pair of the LMS."""

    def __init__(self, kid: str, private: Any = None) -> None:
        self.kid = kid
        self.private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """Changes to None leave a field out."""
        is_rsa = isinstance(self.private, rsa.RSAPrivateKey)
        algorithm = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
        public = json.loads(algorithm.to_jwk(self.private.public_key()))
        public.pop("key_ops", None)
        told = {**public, "kid": self.kid, "alg": "RS256" if is_rsa else "ES256", "use": "sig", **changes}
        return {name: value for name, value in told.items() if value is not None}

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


# Making a key costs more than most tests do.
FIRST, SECOND = SigningKey("first"), SigningKey("second")
CURVE = SigningKey("curve", ec.generate_private_key(ec.SECP256R1()))


@dataclass
class KeyAnswer:
    """What the LMS's key set address says."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Platform:
    """Serves its key set while open. `asked` counts how often somebody wanted it."""

    def __init__(self) -> None:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.asked += 1
                platform.on_ask()
                answer = platform.answer
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.reset()

    def reset(self) -> None:
        self.asked = 0
        self.on_ask: Callable[[], None] = lambda: None
        self.key = FIRST
        self.publish(FIRST.jwk())

    def publish(self, *keys: dict[str, Any], **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = KeyAnswer(body=json.dumps({"keys": list(keys)}).encode(), headers=told)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def register(self, *, deployment_ids: tuple[str, ...] = ("1",), **fields: Any) -> Registration:
        institution, _ = Institution.objects.get_or_create(name="School", slug="school")
        registration = Registration.objects.create(
            **{
                "institution": institution,
                "name": "LMS",
                "issuer": self.url,
                "client_id": "client",
                "auth_login_url": f"{self.url}/auth",
                "auth_token_url": f"{self.url}/token",
                "jwks_url": f"{self.url}/jwks",
                **fields,
            }
        )
        for deployment_id in deployment_ids:
            Deployment.objects.create(registration=registration, institution=institution, deployment_id=deployment_id)
        return registration

    def claims(self, nonce: str, **changes: Any) -> dict[str, Any]:
        """A full launch by Lin, who learns. Short names are LTI's; a change to LEFT_OUT takes a claim out."""
        now = int(time.time())
        told: dict[str, Any] = {
            "iss": self.url,
            "aud": "client",
            "sub": "lin",
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "name": "Lin Tran",
            "given_name": "Lin",
            "family_name": "Tran",
            "email": "lin@school.example",
            "locale": "en",
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "deployment_id": "1",
            LTI + "target_link_uri": TARGET,
            LTI + "roles": [MEMBERSHIP + "Learner"],
            LTI + "context": {"id": "course", "title": "Careers 101", "label": "CAREERS1"},
            LTI + "resource_link": {"id": "link", "title": "IT Project Manager"},
            LTI + "custom": {"byte": "it-project-manager"},
            LTI + "launch_presentation": {"document_target": "iframe", "return_url": f"{self.url}/course?a=b"},
            AGS: {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitems": f"{self.url}/lineitems",
                "lineitem": f"{self.url}/lineitems/1?type_id=2",
            },
            NRPS: {"context_memberships_url": f"{self.url}/members", "service_versions": ["2.0"]},
        }
        told |= {(LTI + name if LTI + name in told else name): value for name, value in changes.items()}
        return {name: value for name, value in told.items() if value is not LEFT_OUT}

    def sign(self, content: Any, *, key: SigningKey | None = None, algorithm: str = "RS256", **header: Any) -> str:
        """Any JSON value as a token; `header` changes fields of the header, LEFT_OUT takes one out."""
        key = key or self.key
        fields = {"typ": "JWT", "alg": algorithm, "kid": key.kid, **header}
        told = {name: value for name, value in fields.items() if value is not LEFT_OUT}
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in (told, content))
        signature = jwt.algorithms.get_default_algorithms()[algorithm].sign(signed, key.private)
        return b".".join([signed, _base64url(signature)]).decode()


LEFT_OUT = object()


def by_hand(header: dict[str, Any], content: Any, *, secret: bytes = b"") -> str:
    """A token that no library would make: without signature, or by HMAC with any secret."""
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, content))
    signature = _base64url(hmac.new(secret, signed, hashlib.sha256).digest()) if secret else b""
    return b".".join([signed, signature]).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Visit:
    """One browser on its way from the LMS into the tool, in which cookies were seen to stay."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.client = Client(enforce_csrf_checks=True)
        self.client.cookies["__Host-lti_probe"] = "1"
        self.state = self.nonce = ""

    def log_in(self, *, method: str = "POST", path: str = "/lti/login/", **changes: Any) -> HttpResponseBase:
        """The tool's answer to a login initiation; a change to LEFT_OUT takes a parameter out."""
        sent = {
            "iss": self.platform.url,
            "login_hint": "hint 1",
            "target_link_uri": TARGET,
            "client_id": "client",
            "lti_message_hint": '{"cmid": 26}',
            **changes,
        }
        sent = {name: value for name, value in sent.items() if value is not LEFT_OUT}
        answer = self.client.post(path, sent) if method == "POST" else self.client.get(path, sent)
        if answer.status_code == 302:
            asked = self.asked(answer)
            self.state, self.nonce = asked["state"], asked["nonce"]
        return answer

    @staticmethod
    def asked(answer: HttpResponseBase) -> dict[str, str]:
        """The parameters of the authentication request."""
        return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}

    def post(self, **fields: Any) -> HttpResponseBase:
        return self.client.post("/lti/launch/", fields, headers={"Origin": self.platform.url})

    def arrive(self, **changes: Any) -> HttpResponseBase:
        """Post a launch for the newest login: the full one, with changes."""
        claims = self.platform.claims(**{"nonce": self.nonce, **changes})
        return self.post(id_token=self.platform.sign(claims), state=self.state)

    def launch(self, **changes: Any) -> HttpResponseBase:
        """The whole way."""
        self.log_in()
        return self.arrive(**changes)
