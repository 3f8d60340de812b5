"""One request at a time in each web process, as long as none takes long.

The threads of a process share one interpreter. Two requests that run beside each other hand it over again and again,
wait for each other's rows and answer both later than one after the other would (docs/operations.md has the figures).
But a process with one thread only would stand still whenever an LMS takes its time or a report is sent. So whoever has
waited for `PATIENCE` goes beside: what takes long is not waited for, and nobody can wait for ever.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

# Seconds. Those ahead rarely take as long together, and hardly anybody notices.
PATIENCE = 0.2


class Turns:
    """A WSGI application around another one. What is streamed is sent outside of its turn."""

    def __init__(self, application: Callable[..., Iterable[bytes]], patience: float = PATIENCE) -> None:
        self._application, self._patience = application, patience
        self._turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        has_turn = self._turn.acquire(timeout=self._patience)
        try:
            return self._application(environ, start_response)
        finally:
            if has_turn:
                self._turn.release()
