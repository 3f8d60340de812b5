"""One request at a time in each web process, as long as none takes long.

The threads of a process share one interpreter. Two requests that run beside each other hand it over again and again,
wait for each other's rows and answer both later than one after the other would (docs/operations.md has the figures).
But a process with one thread only would stand still whenever an LMS takes its time or a report is sent. So whoever has
waited for `PATIENCE` goes beside: what takes long is not waited for, and nobody can wait for ever.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# Seconds. Those ahead rarely take as long together, and hardly anybody notices.
PATIENCE = 0.2

_here = threading.local()


class Turns:
    """A WSGI application around another one. What is streamed is sent outside of its turn."""

    def __init__(self, application: Callable[..., Iterable[bytes]], patience: float = PATIENCE) -> None:
        self._application, self._patience = application, patience
        self._turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.take()
        try:
            return self._application(environ, start_response)
        finally:
            self.give_back()

    def take(self) -> None:
        """Returns when it is this thread's turn, or when that takes too long."""
        _here.turns = self if self._turn.acquire(timeout=self._patience) else None

    def give_back(self) -> None:
        if getattr(_here, "turns", None) is self:
            _here.turns = None
            self._turn.release()


@contextmanager
def aside() -> Iterator[None]:
    """Whoever waits for the disk lets the next request begin meanwhile. Does nothing for whoever has no turn."""
    turns: Turns | None = getattr(_here, "turns", None)
    if turns is None:
        yield
        return
    turns.give_back()
    try:
        yield
    finally:
        turns.take()
