"""A loopback proxy in front of the tool that takes all cookies away, and keeps every answer for a look inside.

Chromium cannot be told to keep its storage and refuse partitioned cookies, as WebKit does; behind this it is so.
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.machine import free_port

NOT_PASSED_ON = {"cookie", "connection", "accept-encoding", "keep-alive"}
NOT_PASSED_BACK = {"set-cookie", "connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"}


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

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bodies(self) -> list[str]:
        return [exchange.body.decode(errors="replace") for exchange in list(self.exchanges)]


@contextmanager
def cookie_eater() -> Iterator[CookieEater]:
    eater = CookieEater(free_port())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pass_on(self, eater)

        do_POST = do_GET

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", eater.port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield eater
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pass_on(handler: BaseHTTPRequestHandler, eater: CookieEater) -> None:
    sent = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    headers = {name: value for name, value in handler.headers.items() if name.lower() not in NOT_PASSED_ON}
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
        if name.lower() not in NOT_PASSED_BACK:
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
