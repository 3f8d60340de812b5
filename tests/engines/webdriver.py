"""What a test does in a browser of any make, by W3C WebDriver's commands; how those travel differs per engine."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

FRAME = "#contentframe"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # as W3C names it


class Gone(Exception):
    """The frame, window or element is not there (any more): pages come and go while a launch is on its way."""


class Engine(ABC):
    """One browser with a fresh profile. `frame` is a CSS selector in the top page, "" for that page itself."""

    version: str
    first: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def run(self, command: str, **carries: Any) -> Any:
        """One command and what it carries. Raises Gone where the browser says "no such …" or "stale …"."""

    def open(self, url: str) -> None:
        self.run("Navigate", url=url)
        self.first = self.run("GetWindowHandle")

    def see(self, expression: str, frame: str = FRAME) -> Any:
        """The value of a JavaScript expression. Raises Gone."""
        self._enter(frame)
        return self.run("ExecuteScript", script=f"return ({expression})", args=[])

    def press(self, selector: str, frame: str = FRAME) -> None:
        """A real click, which may open a window. Raises Gone."""
        self._enter(frame)
        self.run("ElementClick", id=self._find(selector))

    def follow(self) -> bool:
        """Turn to the window that opened, if it is there yet; its page is the top page then."""
        new = [handle for handle in self.run("GetWindowHandles") if handle != self.first]
        if new:
            self.run("SwitchToWindow", handle=new[-1])
        return bool(new)

    def turn_back(self) -> None:
        """Turn to the first window again."""
        self.run("SwitchToWindow", handle=self.first)

    def _enter(self, frame: str) -> None:
        self.run("SwitchToFrame", id=None)
        if frame:
            self.run("SwitchToFrame", id={ELEMENT: self._find(frame)})

    def _find(self, selector: str) -> str:
        found = self.run("FindElement", using="css selector", value=selector)
        return str(found[ELEMENT])
