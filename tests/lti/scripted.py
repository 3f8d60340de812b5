"""An LMS that says just what a test tells it to: for answers that no well-built LMS gives."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Said:
    body: Any = None  # bytes, or anything that JSON can hold
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked], Said]
TOKEN = Said({"access_token": "t0k3n-of-the-lms", "token_type": "Bearer", "expires_in": 3600})


class ScriptedLms:
    """`script` answers everything; what was asked stands in `asked`."""

    def __init__(self, script: Script) -> None:
        self.asked: list[Asked] = []
        lms = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, dict(self.headers), body)
                lms.asked.append(asked)
                said = script(asked)
                sent = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                for name, value in {"Content-Length": str(len(sent)), **said.headers}.items():
                    # Header bytes as Moodle sends them: UTF-8.
                    self.send_header(name, value.encode().decode("latin-1"))
                self.end_headers()
                self.wfile.write(sent)

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                self._answer()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> "ScriptedLms":
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self, prefix: str = "/") -> list[str]:
        return [asked.path for asked in self.asked if asked.path.startswith(prefix)]


def with_token(script: Script) -> Script:
    """The script, behind a token service that works."""
    return lambda asked: TOKEN if asked.path == "/token" else script(asked)
