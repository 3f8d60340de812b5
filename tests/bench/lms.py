"""A pretend LMS that costs next to nothing: tokens, scores and a key set, answered after a delay. A process of its own.

`python -m tests.bench.lms PORT DELAY_MS LIMIT`: LIMIT scores at a time, more are answered 429, as LMSs with a rate
limit do. What it saw is read at /told: a JSON object.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.checks.words import ROOT
from tests.ports import free_port

LONGEST_HEAD = 64 * 1024


class Seen:
    def __init__(self, delay: float, limit: int) -> None:
        self.delay, self.limit = delay, limit
        self.tokens = self.refused = self.at_once = self.most_at_once = 0
        self.times: list[float] = []
        self.grades: dict[str, float] = {}
        self.out_of_order = 0
        self.newest: dict[str, str] = {}

    def told(self) -> dict[str, Any]:
        return {
            "scores": len(self.times), "learners": len(self.grades), "tokens": self.tokens, "refused": self.refused,
            "most_at_once": self.most_at_once, "out_of_order": self.out_of_order, "sum": sum(self.grades.values()),
            "first": min(self.times, default=0.0), "last": max(self.times, default=0.0),
        }  # fmt: skip

    async def score(self, body: bytes) -> int:
        if self.at_once >= self.limit:
            self.refused += 1
            return 429
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        said = json.loads(body)
        learner = said["userId"]
        self.out_of_order += self.newest.get(learner, "") >= said["timestamp"]
        self.newest[learner] = said["timestamp"]
        self.grades[learner] = said["scoreGiven"]
        self.times.append(time.time())
        return 200


async def answer(seen: Seen, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    if path.startswith("/scores") or "/scores" in path:
        return await seen.score(body), b"{}"
    if path.startswith("/token"):
        seen.tokens += 1
        scope = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
        said = {"access_token": "t" * 40, "token_type": "Bearer", "expires_in": 3600, "scope": scope}
        return 200, json.dumps(said).encode()
    return 200, json.dumps(seen.told()).encode()


async def serve(port: int, seen: Seen) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, path, _ = head.split(" ", 2)
                lines = (line.partition(":") for line in head.lower().split("\r\n"))
                size = next((int(value) for name, _, value in lines if name == "content-length"), 0)
                status, said = await answer(seen, method, path, await reader.readexactly(size))
                told = (
                    f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
                )
                writer.write(told.encode() + said)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, limit=LONGEST_HEAD, backlog=1024)
    async with server:
        await server.serve_forever()


class PretendLms:
    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def told(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.issuer}/told", timeout=10) as answered:
            said: dict[str, Any] = json.load(answered)
            return said


@contextlib.contextmanager
def pretend_lms(*, delay_ms: int, limit: int = 10_000) -> Iterator[PretendLms]:
    port = free_port()
    told = [str(port), str(delay_ms), str(limit)]
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.lms", *told], cwd=ROOT)
    try:
        lms = PretendLms(port)
        for _ in range(100):
            with contextlib.suppress(OSError):
                lms.told()
                break
            time.sleep(0.1)
        yield lms
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Seen(int(sys.argv[2]) / 1000, int(sys.argv[3]))))
