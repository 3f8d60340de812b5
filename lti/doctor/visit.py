"""One visit of the connection doctor: what it knows from the start, what it learns on the way, and how it asks."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from lti import http, scopes
from lti.models import Context, Deployment, Launch, LineItem, Registration, ResourceLink
from lti.paging import header

type Verdict = Literal["ok", "look", "broken", "skipped"]

# Seconds for one answer, and for the whole visit.
PATIENCE = 6.0
LONGEST = 45.0
MAX_BYTES = 1024 * 1024
# Redirects aren't followed: who sends us elsewhere could send our tokens there.
MOVED = range(300, 400)


@dataclass(frozen=True)
class Finding:
    """What one check found. `cause` is a key of causes.CAUSES; facts fill its words: numbers, texts, times."""

    check: str
    verdict: Verdict
    cause: str = "fine"
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"check": self.check, "verdict": self.verdict, "cause": self.cause, "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Finding":
        return cls(told["check"], told["verdict"], told["cause"], told["facts"])


class NoAnswer(Exception):
    """The LMS gave none. `cause` is what kept it: tls, name, address, silence, late; `why` the client's own word."""

    def __init__(self, cause: str, why: str = "") -> None:
        super().__init__(cause)
        self.cause, self.why = cause, why

    def as_finding(self, check: str, verdict: Verdict, facts: Mapping[str, Any], *, about: str = "") -> Finding:
        """With the cause named after what was asked for: the check, if `about` says nothing else."""
        if self.cause == "late":
            return Finding(check, "skipped", "late")
        return Finding(check, verdict, f"{about or check}_{self.cause}", {**facts, "why": self.why})


@dataclass
class Visit:
    """`link`: where a launch came from last, and with it the newest knowledge of scopes and addresses."""

    registration: Registration
    now: datetime
    deployment: Deployment | None = None
    link: ResourceLink | None = None
    line_item: LineItem | None = None
    context: Context | None = None
    # Their clocks against ours, in seconds; more is ahead.
    skews: list[float] = field(default_factory=list)
    # Access tokens by scope, for this visit alone.
    tokens: dict[str, str] = field(default_factory=dict)
    _silent: dict[str, NoAnswer] = field(default_factory=dict)
    _begun: float = field(default_factory=time.monotonic)

    @classmethod
    def at(cls, registration: Registration, *, now: datetime) -> "Visit":
        """Reads what the last launch of this registration told."""
        relations = ("deployment", "resource_link__line_item", "resource_link__context", "membership__context")
        launches = Launch.objects.filter(deployment__registration=registration, resource_link__isnull=False)
        last = launches.select_related(*relations).order_by("-created_at").first()
        if last is not None:
            link = last.resource_link
        else:
            # Launches are forgotten after a while; links stay.
            known = ResourceLink.objects.filter(deployment__registration=registration)
            link = known.select_related("deployment", "line_item", "context").order_by("-pk").first()
        if link is None:
            first = registration.deployments.order_by("pk").first()
            return cls(registration, now, first or Deployment(registration=registration))
        deployment = link.deployment
        deployment.registration = registration
        return cls(registration, now, deployment, link, getattr(link, "line_item", None), link.context)

    @property
    def offered(self) -> list[str]:
        """Scopes that the LMS offers at the last link; all that we know of when nobody has launched yet."""
        if self.link is None:
            return [scopes.SCORE, scopes.RESULT_READ, scopes.LINEITEM, scopes.LINEITEM_READ, scopes.ROSTER_READ]
        has_roster = self.context is not None and bool(self.context.memberships_url)
        return [*self.link.ags_scopes, *([scopes.ROSTER_READ] if has_roster else [])]

    @property
    def signed_urls(self) -> list[str]:
        """Addresses that the LMS's signed launches named: their hosts may get a token."""
        told = [self.link.lineitems_url if self.link else "", (self.line_item and self.line_item.url) or ""]
        return [url for url in (*told, self.context.memberships_url if self.context else "") if url]

    @property
    def skew(self) -> float | None:
        """The least of what was seen: answers from caches look older than they are. None: no answer told the time."""
        return min(self.skews, key=abs, default=None)

    def moment(self) -> datetime:
        """Our time now, on the visit's own clock."""
        return self.now + timedelta(seconds=time.monotonic() - self._begun)

    def ask(self, method: str, url: str, *, tells_time: bool = True, **how: Any) -> http.Answer:
        """One request with short patience. Raises NoAnswer; a host that didn't answer isn't asked again.

        `tells_time`: is its clock the one that signs what we check?
        """
        host = urlsplit(url).netloc
        self.check_time(host)
        try:
            answer = http.request(method, url, max_bytes=MAX_BYTES, patience=PATIENCE, **how)
        except http.Unreachable as problem:
            raise self.silence(host, problem) from None
        if tells_time:
            self.hear(answer)
        return answer

    def check_time(self, host: str) -> None:
        """Raises NoAnswer when the visit has lasted long enough, or this host is known to be silent."""
        if host in self._silent:
            raise self._silent[host]
        if time.monotonic() - self._begun > LONGEST:
            raise NoAnswer("late")

    def silence(self, host: str, problem: http.Unreachable) -> NoAnswer:
        said = str(problem)
        causes = {
            "SSLError": "tls",
            "name not found": "name",
            "address refused": "address",
            "host not allowed": "address",
        }
        no_answer = NoAnswer(causes.get(said, "silence"), said)
        if no_answer.cause != "address":
            self._silent[host] = no_answer
        return no_answer

    def hear(self, answer: http.Answer) -> None:
        """What time is it there? Caches say how old their answer is."""
        try:
            told = parsedate_to_datetime(header(answer.headers, "Date"))
            age = int(header(answer.headers, "Age") or 0)
        except (TypeError, ValueError, OverflowError):
            return
        there = (told if told.tzinfo else told.replace(tzinfo=UTC)) + timedelta(seconds=age)
        # HTTP tells whole seconds: on average it is half a second later.
        self.skews.append((there - self.moment()).total_seconds() + 0.5)
