"""Connections for the doctor: a healthy one, and servers that break one thing each."""

import datetime as dt
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from lti.doctor import examination as doctor
from lti.doctor.visit import Finding
from lti.models import Launch, Registration
from tests.lti.course import Course, course_at

type Answer = tuple[int, bytes]


def findings(registration: Registration, *, ahead: float = 0) -> dict[str, Finding]:
    """What the doctor finds, by check; `ahead`: how many seconds our clock goes ahead."""
    registration.refresh_from_db()
    now = timezone.now() + dt.timedelta(seconds=ahead)
    return {finding.check: finding for finding in doctor.examine(registration, now=now)}


def causes(registration: Registration, verdict: str = "broken", **more: Any) -> dict[str, str]:
    """Causes by check, of those findings alone that have this verdict."""
    found = findings(registration, **more)
    return {name: each.cause for name, each in found.items() if each.verdict == verdict}


def connect(lms: Any) -> Course:
    """A course at a pretend LMS from which Lin came just now."""
    course = course_at(lms)
    arrive(course)
    return course


def arrive(course: Course) -> None:
    now = timezone.now()
    Launch.objects.create(
        deployment=course.deployment,
        user=course.lin,
        membership=course.lin.memberships.get(),
        resource_link=course.link,
        message_type="LtiResourceLinkRequest",
        role="learner",
        created_at=now,
        expires_at=now + dt.timedelta(hours=8),
    )


@contextmanager
def serving(
    answer: Callable[[str, str], Answer], *, certificate: Path | None = None, shift: float = 0, date: str = ""
) -> Iterator[str]:
    """A server that answers (method, path); its clock is shifted, or tells `date`. With a certificate: https."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = answer(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=shift), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever refuses our certificate hangs up; that is what these tests are about."""


def own_certificate(folder: Path) -> Path:
    """One that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lms.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "own.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()
