"""`python -m itpm_byte.sandbox`: serves the pretend LMS on this machine until it is interrupted."""

import argparse
import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer

from itpm_byte.sandbox.lms import Lms, addresses_of
from itpm_byte.sandbox.manners import MANNERS
from itpm_byte.sandbox.wsgi import make_application

LINGER_OFF = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # struct linger: on, 0 seconds: closing resets the connection


class Handler(WSGIRequestHandler):
    # Headers and body go out as two pieces: without this the second waits 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "sandbox.hang_up": self._hang_up}

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            connection = cast(socket.socket, self.connection)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_OFF)
            connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: tests read the journal, people look at the page."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    if options.describe:
        url = f"http://localhost:{options.port}"
        told = [{"title": manner.title, **addresses_of(manner, url)} for manner in MANNERS.values()]
        print(json.dumps(told))
        return
    # Typing this command says that a sandbox is wanted; production is refused all the same.
    os.environ.setdefault("ITPM_SANDBOX", "1")
    try:
        server = Server(("127.0.0.1", options.port), Handler)
    except OSError:
        sys.exit(f"Port {options.port} is taken by another program. Say another one with --port.")
    lms = Lms(
        f"http://localhost:{server.server_port}",
        options.tool_url,
        manner=options.manner,
        client_id=options.client_id,
        state_file=options.state,
    )
    try:
        server.set_app(make_application(lms))
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))
    _announce(lms, for_a_program=options.for_tests)
    if options.for_tests or options.leashed:
        threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.05)


def _announce(lms: Lms, *, for_a_program: bool) -> None:
    if not for_a_program:
        print(f"The sandbox LMS ({lms.manner.name} manners) is at {lms.url}", flush=True)
        return
    said = lms.addresses | {"url": lms.url, "control_token": lms.control_token}
    print(json.dumps(said), flush=True)


def _leave_with_the_parent() -> None:
    """Whoever started us holds our standard input; when it closes, however that came, we are not needed any more."""
    sys.stdin.read()
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m itpm_byte.sandbox", description="A pretend LMS to try ITPM Byte.")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one (default: 8001)")
    parser.add_argument("--tool-url", default="http://127.0.0.1:8000", help="where ITPM Byte is: scheme://host[:port]")
    parser.add_argument("--client-id", default="", help="the client id that this LMS gives to the tool")
    parser.add_argument("--manner", choices=sorted(MANNERS), default="moodle", help="which LMS to play")
    parser.add_argument("--describe", action="store_true", help="print what to register for each LMS it plays; JSON")
    parser.add_argument("--state", type=Path, help="a JSON file to keep people and grades in")
    parser.add_argument("--leashed", action="store_true", help="leave when standard input closes")
    parser.add_argument("--for-tests", action="store_true", help="print one line of JSON; leave when stdin closes")
    return parser


if __name__ == "__main__":
    main()
