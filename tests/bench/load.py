"""A class begins: many launches as fast as they come, then everybody submits. `python -m tests.bench.load [sqlite]`.

On PostgreSQL, or on SQLite if said; the floor, the plain tool and ITPM Byte in one run, the latter under three web
servers. LEARNERS= says how many (2,000). Time for signing tokens is the LMS's and not in the figures.
"""

import html
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import parse_qs, urlsplit

from tests.bench import databases, figures, walks
from tests.bench.client import Ask, Said, ask_all
from tests.bench.platform import Platform
from tests.bench.server import Server, memory_of, running
from tests.bench.tools import byte_environment, floor_environment, plain_environment
from tests.ports import free_port

LEARNERS = int(os.environ.get("LEARNERS", "2000"))
AT_ONCE, WARM_UP = 50, 100
SERVERS = ("granian", "gunicorn gthread", "gunicorn sync")
BYTE = "itpm_byte.wsgi:application"


@dataclass
class Measured:
    per_second: float
    cpu_ms: float
    database_ms: float
    p50: float
    p95: float
    p99: float

    def told(self) -> str:
        return (
            f"{self.per_second:6.0f}/s   p50 {self.p50:5.0f} ms, p95 {self.p95:5.0f} ms, p99 {self.p99:5.0f} ms   "
            f"CPU {self.cpu_ms:5.2f} ms, PostgreSQL {self.database_ms:5.2f} ms"
        )


def main() -> None:
    kind = "sqlite" if "sqlite" in sys.argv[1:] else "postgres"
    print(f"{figures.where()}; {kind}, {LEARNERS} learners, {AT_ONCE} at once, 2 server processes", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cluster = stack.enter_context(databases.cluster(kind, Path(folder)))
        lms = stack.enter_context(Platform())
        environment = floor_environment(cluster.url_of("floor"), lms)
        with running("tests.bench.floor:application", environment, workers=2) as server:
            floor = Class(server, lms, cluster).launch_floor()
            _tell("floor, launch", floor, server)
        plain, tuned = (_measure_plain(lms, cluster, is_tuned=is_tuned) for is_tuned in (False, True))
        for name in SERVERS:
            launch = _measure_byte(name, lms, cluster, kind)
            print(
                f"{'':22} {launch.per_second / plain.per_second:.2f} times the plain tool's launches (goal 2.5), "
                f"{launch.per_second / tuned.per_second:.2f} times those of the tuned one, "
                f"{launch.cpu_ms / floor.cpu_ms:.2f} times the floor's cost (goal 4)",
                flush=True,
            )


def _measure_plain(lms: Platform, cluster: databases.Cluster, *, is_tuned: bool) -> Measured:
    name = "plain tool, tuned" if is_tuned else "plain tool"
    environment = plain_environment(cluster.url_of(name.replace(", ", "_")), lms, is_tuned=is_tuned)
    with running("tests.bench.plain:application", environment, workers=2) as server:
        plain = Class(server, lms, cluster).launch_plain()
        _tell(f"{name}, launch", plain, server)
    return plain


def _measure_byte(name: str, lms: Platform, cluster: databases.Cluster, kind: str) -> Measured:
    port = free_port()
    environment = byte_environment(cluster.url_of(f"byte_{name.replace(' ', '_')}"), lms, port)
    with running(BYTE, environment, port, kind=name, workers=2) as server:
        course = Class(server, lms, cluster)
        launch, pages = course.launch_byte()
        _tell(f"{name}, launch", launch, server)
        submit = course.submit_byte(pages)
        _tell(f"{name}, submit", submit, server)
        figures.keep(f"launch/{kind}/{name}", **vars(launch), pss_mb=memory_of(server.process.pid).pss)
        figures.keep(f"submit/{kind}/{name}", **vars(submit))
    return launch


def _tell(name: str, measured: Measured, server: Server) -> None:
    memory = memory_of(server.process.pid)
    print(f"{name:26} {measured.told()}   {memory.processes} processes, {memory.pss} MB", flush=True)


class Class:
    """Learners who all come to one server."""

    def __init__(self, server: Server, lms: Platform, cluster: databases.Cluster) -> None:
        self.server, self.lms, self.cluster = server, lms, cluster
        self.before = 0

    def launch_floor(self) -> Measured:
        def walk(subs: list[str]) -> Measured:
            tokens = [self.lms.token(nonce="n", target=self.server.url, sub=sub) for sub in subs]
            bare = [Ask("/bare/") for _ in subs]
            launches = [
                Ask("/launch/", {"id_token": token, "note": sub}) for token, sub in zip(tokens, subs, strict=True)
            ]
            return self._steps([bare, launches, bare])

        walk(_names("w", WARM_UP))
        return walk(_names("s", LEARNERS))

    def launch_plain(self) -> Measured:
        def walk(subs: list[str]) -> Measured:
            target = f"{self.server.url}/launch/"
            logins, one = self._step([Ask("/login/", walks.initiation(self.lms, target, sub)) for sub in subs])
            answers, two = self._step(self._launches("/launch/", target, subs, logins))
            _check(answers, 200)
            return _sum([logins, answers], [one, two])

        walk(_names("w", WARM_UP))
        return walk(_names("s", LEARNERS))

    def launch_byte(self) -> tuple[Measured, list[tuple[Said, Ask]]]:
        self.walk_byte(_names("w", WARM_UP))
        return self.walk_byte(_names("s", LEARNERS))

    def walk_byte(self, subs: list[str]) -> tuple[Measured, list[tuple[Said, Ask]]]:
        """Login, launch and page of each; what it cost, and the pages with what asked for them."""
        target = f"{self.server.url}/lti/launch/"
        logins, one = self._step([Ask("/lti/login/", walks.initiation(self.lms, target, sub)) for sub in subs])
        launches, two = self._step(self._launches("/lti/launch/", target, subs, logins))
        _check(launches, 303)
        jars = [{**before.cookies, **after.cookies} for before, after in zip(logins, launches, strict=True)]
        asks = [Ask(said.location.partition("#")[0], cookies=jar) for said, jar in zip(launches, jars, strict=True)]
        pages, three = self._step(asks)
        _check(pages, 200)
        return _sum([logins, launches, pages], [one, two, three]), list(zip(pages, asks, strict=True))

    def submit_byte(self, pages: list[tuple[Said, Ask]]) -> Measured:
        answers, spent = self._step([_form(page, ask, self.server.url) for page, ask in pages])
        _check(answers, 303)
        return _sum([answers], [spent])

    def _launches(self, path: str, target: str, subs: Sequence[str], logins: Sequence[Said]) -> list[Ask]:
        asks = []
        for sub, login in zip(subs, logins, strict=True):
            asked = parse_qs(urlsplit(login.location or walks.continue_address(login.body)).query)
            token = self.lms.token(nonce=asked["nonce"][0], target=target, sub=sub)
            asks.append(Ask(path, {"id_token": token, "state": asked["state"][0]}, login.cookies))
        return asks

    def _steps(self, steps: list[list[Ask]]) -> Measured:
        answered = [self._step(step) for step in steps]
        return _sum([said for said, _ in answered], [spent for _, spent in answered])

    def _step(self, asks: list[Ask]) -> tuple[list[Said], tuple[float, float, float]]:
        """The answers; seconds, the server's and the database's CPU seconds."""
        server, database = self.server.cpu_seconds(), self.cluster.cpu_seconds()
        answers, took = ask_all(self.server.url, asks, at_once=AT_ONCE)
        return answers, (took, self.server.cpu_seconds() - server, self.cluster.cpu_seconds() - database)


def _sum(steps: list[list[Said]], spent: list[tuple[float, float, float]]) -> Measured:
    took, cpu, database = (sum(column) for column in zip(*spent, strict=True))
    each = [sum(said.seconds for said in walk) * 1000 for walk in zip(*steps, strict=True)]
    cuts, count = quantiles(each, n=100), len(each)
    return Measured(count / took, cpu * 1000 / count, database * 1000 / count, cuts[49], cuts[94], cuts[98])


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def _form(page: Said, ask: Ask, url: str) -> Ask:
    form = re.search(r"<form[^>]*action=\"([^\"]*answer/[^\"]*)\".*?</form>", page.body, re.S)
    assert form, "The page has no answer form."
    name, value = walks.inputs(form[0], "radio")[0]
    fields = {**dict(walks.inputs(form[0], "hidden")), name: value}
    return Ask(html.unescape(form[1]), fields, {**ask.cookies, **page.cookies}, origin=url)


def _check(answers: list[Said], status: int) -> None:
    wrong = [said for said in answers if said.status != status]
    assert not wrong, f"{len(wrong)} of {len(answers)} answered not {status}: {wrong[0].status} {wrong[0].body[:400]}"


if __name__ == "__main__":
    main()
