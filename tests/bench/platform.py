"""The LMS's side of the benchmarks: a key set over HTTP and signed launches, outside the server's CPU time."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
CLIENT_ID = "bench-client"


class Platform:
    """Serves its key set at {issuer}/jwks while open. `services`: where tokens and grades go, if elsewhere."""

    def __init__(self, services: str = "") -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        self.jwk = {**public, "kid": "bench", "alg": "RS256", "use": "sig"}
        keyset = json.dumps({"keys": [self.jwk]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(keyset)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://localhost:{self.server.server_port}"
        self.services = services or self.issuer

    def __enter__(self) -> "Platform":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pem_pair(self) -> tuple[str, str]:
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return private.decode(), public.decode()

    def token(self, *, nonce: str, target: str, sub: str) -> str:
        """A student's launch as Moodle sends it, without services."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": sub, "nonce": nonce, "iat": now, "exp": now + 300,
            "name": f"Learner {sub}", "given_name": "Learner", "family_name": sub, "email": f"{sub}@example.org",
            f"{CLAIM}version": "1.3.0", f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}deployment_id": "1",
            f"{CLAIM}target_link_uri": target,
            f"{CLAIM}roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            f"{CLAIM}context": {"id": "2", "label": "CAREERS1", "title": "Careers 101", "type": ["CourseSection"]},
            f"{CLAIM}resource_link": {"id": "26", "title": "IT Project Manager"},
            f"{CLAIM}custom": {"byte": "it-project-manager"},
            f"{CLAIM}launch_presentation": {"locale": "en", "document_target": "iframe"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitem": f"{self.services}/lineitems/29/lineitem?type_id=9",
            },
        }  # fmt: skip
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "bench"})
