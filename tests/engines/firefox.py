"""Firefox by its own Marionette protocol: Debian ships no geckodriver."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.engines.webdriver import ELEMENT, Engine, Gone
from tests.live import wait_for
from tests.machine import find_firefox
from tests.ports import free_port

# No calls home, and no pages of its own.
QUIET = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.log.level": "Fatal",
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "startup.homepage_welcome_url": "",
    "toolkit.telemetry.enabled": False,
}


class Firefox(Engine):
    def __init__(self, preferences: dict[str, Any]) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="itpm-firefox-"))
        port = free_port()
        chosen = {**QUIET, "marionette.port": port, **preferences}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in chosen.items()]
        (self._profile / "user.js").write_text("".join(lines))
        self._process = subprocess.Popen(
            [find_firefox(), "--headless", "--marionette", "--no-remote", "--profile", self._profile],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(self._profile)},
        )  # fmt: skip
        self._connection: socket.socket | None = None
        self._count = 0
        try:
            self._connection = wait_for(lambda: _connected(port), "Firefox")
            self._answers = self._connection.makefile("rb")
            self._read()
            session = self.run("NewSession", acceptInsecureCerts=True)
            self.version = f"Firefox {session['capabilities']['browserVersion']}"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._answers.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def run(self, command: str, **carries: Any) -> Any:
        if command == "SwitchToFrame":
            carries = {"element": carries["id"] and carries["id"][ELEMENT]}
        self._count += 1
        message = json.dumps([0, self._count, f"WebDriver:{command}", carries]).encode()
        assert self._connection
        self._connection.sendall(b"%d:%b" % (len(message), message))
        _kind, _id, error, result = self._read()
        if error:
            raise Gone(f"{command}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and result.keys() == {"value"} else result

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            got = self._answers.read(1)
            assert got, "Firefox hung up"
            length += got
        return json.loads(self._answers.read(int(length[:-1])))


def _connected(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=30)
    except OSError:
        return None
