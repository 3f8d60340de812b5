"""Our public keys on a little web server of their own, for pretend LMSs that want to check what we signed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lti import secrets
from lti.models import ToolKey
from tests.lti.course import NOW


class Keyset:
    """One key pair for the whole test run: making one costs more than most tests."""

    def __init__(self) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
        self.jwk: dict[str, Any] = {**public, "kid": "test", "alg": "RS256", "use": "sig"}
        # Encrypted once, too: what is encrypted anew is another key to the code that keeps keys it has read.
        self.encrypted = secrets.encrypt(self.pem)
        self.published = [self.jwk]
        keyset = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"keys": keyset.published}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def install(self) -> ToolKey:
        """The key pair as a row of this test's database; what is published is only this one again."""
        self.published = [self.jwk]
        key, _ = ToolKey.objects.get_or_create(
            kid="test",
            defaults={
                "private_key_encrypted": self.encrypted,
                "public_jwk": self.jwk,
                "activates_at": NOW.replace(year=2020),
            },
        )
        return key
