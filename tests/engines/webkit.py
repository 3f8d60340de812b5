"""WebKitGTK's MiniBrowser on a screen of its own (Xvfb), by WebKitWebDriver. Not Safari, but its engine."""

import os
import subprocess
from typing import Any

import requests

from tests.engines.webdriver import Gone, WebDriver
from tests.live import wait_for
from tests.machine import find_webkit, free_port

# Command -> method and path below the session; {id} is an element's.
ADDRESSES = {
    "Navigate": ("POST", "url"),
    "GetWindowHandle": ("GET", "window"),
    "GetWindowHandles": ("GET", "window/handles"),
    "SwitchToWindow": ("POST", "window"),
    "SwitchToFrame": ("POST", "frame"),
    "FindElement": ("POST", "element"),
    "ElementClick": ("POST", "element/{id}/click"),
    "ExecuteScript": ("POST", "execute/sync"),
}


class WebKit(WebDriver):
    def __init__(self, switches: list[str]) -> None:
        found = find_webkit()
        port = free_port()
        self._screen, display = _screen(found.xvfb)
        self._driver = subprocess.Popen(
            [found.driver, f"--port={port}"], env={**os.environ, "DISPLAY": display},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._http = requests.Session()
        self._http.trust_env = False
        self._url = ""
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: _is_up(self._http, address), "WebKitWebDriver")
            options = {"binary": str(found.browser), "args": ["--automation", *switches]}
            asked = {"alwaysMatch": {"acceptInsecureCerts": True, "webkitgtk:browserOptions": options}}
            session = self._send("POST", f"{address}/session", {"capabilities": asked})
            self._url = f"{address}/session/{session['sessionId']}"
            self.version = f"WebKitGTK {session['capabilities']['browserVersion']}"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._url:
            self._http.delete(self._url, timeout=20)
        self._http.close()
        for process in (self._driver, self._screen):
            process.terminate()
            process.wait()

    def run(self, command: str, **carries: Any) -> Any:
        method, path = ADDRESSES[command]
        element = carries.pop("id") if "{id}" in path else ""
        return self._send(method, f"{self._url}/{path.format(id=element)}", carries)

    def _send(self, method: str, url: str, carries: dict[str, Any]) -> Any:
        answer = self._http.request(method, url, json=carries if method == "POST" else None, timeout=60)
        value = answer.json()["value"]
        if answer.status_code != 200:
            raise Gone(f"{value['error']}: {value['message']}")
        return value


def _screen(program: str) -> tuple[subprocess.Popen[bytes], str]:
    """A screen of its own on a free number; on a number of ours two runs at once would meet."""
    told, tells = os.pipe()
    command = [program, "-displayfd", str(tells), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[tells], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        number = pipe.readline().decode().strip()
    assert number, "Xvfb did not start"
    return process, f":{number}"


def _is_up(http: requests.Session, address: str) -> bool:
    try:
        return http.get(f"{address}/status", timeout=5).ok
    except requests.ConnectionError:
        return False
