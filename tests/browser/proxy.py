"""Loopback proxies in front of the tool that keep every answer for a look inside.

One takes all cookies away: Chromium cannot be told to keep its storage and refuse partitioned cookies, as WebKit does.
One speaks https, with a certificate of its own making: WebKit keeps no Secure cookie without.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

NOT_PASSED_ON = {"connection", "accept-encoding", "keep-alive"}
NOT_PASSED_BACK = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"}


@dataclass
class Exchange:
    method: str
    path: str
    authorization: str
    status: int
    body: bytes


@dataclass
class CookieEater:
    """`target_port` may be set after the start: the tool must know this address before it starts."""

    port: int
    target_port: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    scheme: str = "http"
    eaten: frozenset[str] = frozenset({"cookie", "set-cookie"})

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def tokens(self) -> set[str]:
        """The bearer tokens that were sent through here."""
        return {exchange.authorization.removeprefix("Bearer ") for exchange in list(self.exchanges)} - {""}

    def bodies(self) -> list[str]:
        return [exchange.body.decode(errors="replace") for exchange in list(self.exchanges)]


@contextmanager
def cookie_eater() -> Iterator[CookieEater]:
    with _serving(CookieEater(free_port())) as eater:
        yield eater


@contextmanager
def https_front(folder: Path) -> Iterator[CookieEater]:
    """Everything passes. The tool behind must trust it: BEHIND_PROXY=true."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(folder))
    with _serving(CookieEater(free_port(), scheme="https", eaten=frozenset()), context) as front:
        yield front


@contextmanager
def _serving(eater: CookieEater, tls: ssl.SSLContext | None = None) -> Iterator[CookieEater]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pass_on(self, eater)

        do_POST = do_GET

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = Listener(("127.0.0.1", eater.port), Handler)
    server.tls = tls
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield eater
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, Any]:
        plain, address = super().get_request()
        if self.tls is None:
            return plain, address
        # The handshake comes with the first reading, in the connection's own thread: nobody waits for it here.
        return self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_arguments: Any) -> None:
        """A browser that closes, or that does not like our certificate at first, is no news."""


def own_certificate(folder: Path) -> Path:
    """A file with a fresh key and a certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def pass_on(handler: BaseHTTPRequestHandler, eater: CookieEater) -> None:
    sent = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    held_back = NOT_PASSED_ON | eater.eaten
    headers = {name: value for name, value in handler.headers.items() if name.lower() not in held_back}
    headers["X-Forwarded-Proto"] = eater.scheme
    upstream = http.client.HTTPConnection("127.0.0.1", eater.target_port, timeout=20)
    try:
        upstream.request(handler.command, handler.path, body=sent or None, headers=headers)
        answer = upstream.getresponse()
        body = answer.read()
    finally:
        upstream.close()
    authorization = handler.headers.get("Authorization", "")
    eater.exchanges.append(Exchange(handler.command, handler.path, authorization, answer.status, body))
    handler.send_response_only(answer.status)
    for name, value in answer.getheaders():
        if name.lower() not in NOT_PASSED_BACK | eater.eaten:
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
