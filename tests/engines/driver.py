"""A browser's WebDriver program as a process, spoken to over HTTP: WebKit's and Chromium's."""

import os
import subprocess
from typing import Any

import requests

from tests.engines.webdriver import Engine, Gone
from tests.live import wait_for
from tests.ports import free_port

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


class DriverProgram(Engine):
    def __init__(self, program: str, capabilities: dict[str, Any], **environment: str) -> None:
        port = free_port()
        self._process = subprocess.Popen(
            [program, f"--port={port}"], env={**os.environ, **environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._http = requests.Session()
        self._http.trust_env = False
        self._url = ""
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: _is_up(self._http, address), program)
            asked = {"alwaysMatch": {"acceptInsecureCerts": True, **capabilities}}
            session = self._send("POST", f"{address}/session", {"capabilities": asked})
            self._url = f"{address}/session/{session['sessionId']}"
            self.version = str(session["capabilities"]["browserVersion"])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._url:
            self._http.delete(self._url, timeout=20)
        self._http.close()
        self._process.terminate()
        self._process.wait()

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


def _is_up(http: requests.Session, address: str) -> bool:
    try:
        return http.get(f"{address}/status", timeout=5).ok
    except requests.ConnectionError:
        return False
