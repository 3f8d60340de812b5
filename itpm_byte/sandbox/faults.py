"""Misbehaviour on request: what an LMS does on a bad day, one endpoint at a time."""

import threading
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

# URL names that can be asked to fail. "services" stands for all that take a bearer token, "everything" for all.
SERVICES = ("lineitems", "lineitem", "scores", "results", "roster", "groups", "group-sets", "notice-handlers")
ENDPOINTS = (
    *("token", *SERVICES, "jwks", "auth", "openid-configuration", "registrations"),
    *("services", "everything"),
)

KINDS = {
    "status": "Answer with an HTTP status (503 if none is said)",
    "too-many": "429 Too Many Requests, with Retry-After",
    "rate-limit": "Canvas' 403 “Rate Limit Exceeded”",
    "hang": "Say nothing for a while, then close the connection",
    "hang-after": "Do what was asked, then say nothing for a while and close",
    "reset": "Close the connection at once, nothing done",
    "reset-after": "Do what was asked, then close the connection without an answer",
    "html": "404 with an HTML page, as Moodle's token endpoint does when it cannot read the tool's keys",
    "garbage": "200 with something that is not JSON",
    "empty": "200 with an empty JSON object (for keys: no keys)",
}
SILENT = ("hang", "hang-after", "reset", "reset-after")
AFTER = ("hang-after", "reset-after")  # the work is done all the same


@dataclass
class Fault:
    endpoint: str
    kind: str
    times: int | None = None  # None: until cleared
    status: int = 503
    retry_after: str | None = None  # seconds or an HTTP date, sent as it is
    seconds: float = 30  # how long a hang lasts

    def covers(self, endpoint: str) -> bool:
        return self.endpoint in {endpoint, "everything"} or (self.endpoint == "services" and endpoint in SERVICES)


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)
    held: int = 0  # how many requests hang at the moment
    released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **fields: Any) -> Fault:
        """Raises ValueError, in words, for an unknown endpoint or kind."""
        fault = Fault(**fields)
        if fault.endpoint not in ENDPOINTS:
            raise ValueError(f"Unknown endpoint '{fault.endpoint}'. One of: {', '.join(ENDPOINTS)}.")
        if fault.kind not in KINDS:
            raise ValueError(f"Unknown kind '{fault.kind}'. One of: {', '.join(KINDS)}.")
        with self._lock:
            self.planned.append(fault)
        return fault

    def take(self, endpoint: str) -> Fault | None:
        """The first fault planned for this endpoint, counted down."""
        with self._lock:
            fault = next((planned for planned in self.planned if planned.covers(endpoint)), None)
            if fault and fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
            return fault

    def clear(self) -> None:
        """Back to good health; whoever hangs is let go."""
        with self._lock:
            self.planned.clear()
            self.released.set()
            self.released = threading.Event()

    def hold(self, seconds: float) -> None:
        """Come back after so long, or when the faults are cleared."""
        with self._lock:
            self.held += 1
            released = self.released
        released.wait(seconds)
        with self._lock:
            self.held -= 1

    def as_list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self.planned]


def hold(fault: Fault, faults: Faults, request: HttpRequest) -> None:
    """Silence and hanging up, for the kinds that do so."""
    if fault.kind in {"hang", "hang-after"}:
        faults.hold(fault.seconds)
    if fault.kind in SILENT:
        request.META["sandbox.hang_up"]()


def faulty_answer(fault: Fault) -> HttpResponse:
    """What is said instead of the right answer (by the silent kinds: nothing that anybody would receive)."""
    if fault.kind == "html":
        return HttpResponse("<!DOCTYPE html><title>Error</title><p>Exception - TypeError</p>", status=404)
    if fault.kind == "garbage":
        return HttpResponse("<<< this is not JSON >>>", content_type="application/json")
    if fault.kind == "empty":
        return JsonResponse({})
    return _refusal(fault)


def _refusal(fault: Fault) -> HttpResponse:
    if fault.kind == "rate-limit":
        response = HttpResponse("403 Forbidden (Rate Limit Exceeded)\n", status=403, content_type="text/plain")
        response.headers["X-Rate-Limit-Remaining"] = "0.0"
        response.headers["X-Request-Cost"] = "1.0"
        return response
    status = 429 if fault.kind == "too-many" else fault.status
    response = HttpResponse("The pretend LMS was asked to fail.\n", status=status, content_type="text/plain")
    retry_after = fault.retry_after or ("1" if fault.kind == "too-many" else None)
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response
