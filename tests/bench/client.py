"""Many browsers in few processes: HTTP/1.1 over kept connections, as little of it as the benchmarks need.

A client library costs more than the server that is measured. Steps of a walk are given for all browsers at once, so
that what the LMS does between them (signing) takes no time of the measurement.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

PROCESSES = 2


@dataclass
class Ask:
    """A form to post, or None to get. `cookies`: the browser's."""

    path: str
    form: Mapping[str, str] | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


@dataclass
class Said:
    status: int
    location: str
    cookies: dict[str, str]
    body: str
    seconds: float
    """From the first byte sent to the last one read."""


def ask_all(url: str, asks: Sequence[Ask], *, at_once: int) -> tuple[list[Said], float]:
    """All of them, `at_once` under way; the answers in order, and how many seconds all took."""
    shares = [list(asks[number::PROCESSES]) for number in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(time.sleep, [0.1] * PROCESSES))  # started before the time is taken
        began = time.perf_counter()
        parts = list(pool.map(_share, [url] * PROCESSES, shares, [at_once // PROCESSES] * PROCESSES))
        took = time.perf_counter() - began
    answers: list[Said] = [parts[0][0]] * len(asks)
    for number, part in enumerate(parts):
        answers[number::PROCESSES] = part
    return answers, took


def _share(url: str, asks: list[Ask], at_once: int) -> list[Said]:
    return asyncio.run(_walk(url, asks, at_once))


async def _walk(url: str, asks: list[Ask], at_once: int) -> list[Said]:
    said: list[Said | None] = [None] * len(asks)
    left = iter(enumerate(asks))

    async def lane() -> None:
        line = _Line(url)
        for number, ask in left:
            said[number] = await line.ask(ask)
        line.close()

    await asyncio.gather(*(lane() for _ in range(at_once)))
    return [answer for answer in said if answer is not None]


class _Line:
    """One connection, opened anew where the server closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, ask: Ask) -> Said:
        began = time.perf_counter()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        self.writer.write(self._request(ask))
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [line.partition(": ")[::2] for line in head[1:]]
        names = {name.lower(): value for name, value in headers}
        if "content-length" in names:
            body = await self.reader.readexactly(int(names["content-length"]))
        else:
            body = await self._chunks()
        if names.get("connection", "").lower() == "close":
            self.close()
        cookies = dict(value.partition(";")[0].split("=", 1) for name, value in headers if name.lower() == "set-cookie")
        took = time.perf_counter() - began
        return Said(int(head[0].split()[1]), names.get("location", ""), cookies, body.decode(), took)

    def _request(self, ask: Ask) -> bytes:
        lines = [f"Host: {self.host}:{self.port}", "Accept-Language: en", "Accept-Encoding: identity"]
        if ask.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in ask.cookies.items()))
        if ask.origin:
            lines.append(f"Origin: {ask.origin}")
        body = b""
        if ask.form is not None:
            body = urlencode(ask.form).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        method = "GET" if ask.form is None else "POST"
        return f"{method} {ask.path} HTTP/1.1\r\n{'\r\n'.join(lines)}\r\n\r\n".encode() + body

    async def _chunks(self) -> bytes:
        found = b""
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            found += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return found

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None
