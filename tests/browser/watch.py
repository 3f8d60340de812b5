"""Notes what a browser complains about and where it asks, so that a walk can end with "nothing was wrong"."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

# Chromium tells a page's own console about a violated policy, but not always; the page's event is always there.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
  console.error(`Policy violated: ${violatedDirective} ${blockedURI} ${sourceFile}`));
"""


@dataclass
class Watch:
    """`problems`: console errors and warnings, violated policies, failed requests, bad answers."""

    problems: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of problems that a walk brings about on purpose."""

    @property
    def origins(self) -> set[str]:
        parts = [urlsplit(url) for url in self.urls]
        return {f"{part.scheme}://{part.netloc}" for part in parts if part.scheme in {"http", "https", "ws", "wss"}}

    @property
    def unexpected(self) -> list[str]:
        return [problem for problem in self.problems if not any(part in problem for part in self.expected)]

    def on(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", lambda request: self.urls.append(request.url))
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Said of a message that was rightly dropped, and only where both windows live in one process, as in walks.
        is_dropped = "does not match the recipient window's origin" in message.text
        if message.type in {"error", "warning"} and not is_dropped:
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        # A page that goes on to the next one gives up what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"answer {response.status}: {response.request.method} {response.url}")
