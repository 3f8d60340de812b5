"""WebKitGTK's MiniBrowser on a screen of its own (Xvfb). Not Safari, but its engine."""

import os
import subprocess

from tests.engines.driver import DriverProgram
from tests.machine import find_webkit


class WebKit(DriverProgram):
    def __init__(self, switches: list[str]) -> None:
        found = find_webkit()
        self._screen, display = _screen(found.xvfb)
        options = {"binary": str(found.browser), "args": ["--automation", *switches]}
        super().__init__(found.driver, {"webkitgtk:browserOptions": options}, DISPLAY=display)
        self.version = f"WebKitGTK {self.version}"

    def close(self) -> None:
        super().close()
        self._screen.terminate()
        self._screen.wait()


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
