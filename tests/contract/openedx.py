"""Starts Open edX's LMS code for a test, and walks through it as a browser without scripts does."""

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from itpm_byte.sandbox.forms import Form, auth_address, first_form
from tests.checks.words import ROOT
from tests.visitor import Visitor

PATIENCE = 30
PYTHON = ROOT / f"{os.environ.get('VENV', '.venv')}-contract" / "bin" / "python"
PROGRAM = Path(__file__).with_name("openedx_lms.py")


class OpenEdx:
    """Context manager around openedx_lms.py; `told` is what an administrator enters at the tool."""

    def __init__(self, tool_url: str) -> None:
        if not PYTHON.exists():
            raise RuntimeError("The contract tests need an environment of their own. Make it: ./bootstrap.sh contract")
        self._process = subprocess.Popen(
            [PYTHON, PROGRAM, tool_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTHON"))},
        )  # fmt: skip

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        self.told: dict[str, str] = json.loads(self._process.stdout.readline())
        self.url = self.told["url"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def inside(self, block: str) -> dict[str, Any]:
        """What the LMS holds of a block: grades, scores, columns, contents."""
        found: dict[str, Any] = requests.get(f"{self.url}/inside/{block}/", timeout=PATIENCE).json()
        return found

    def launch(self, visitor: Visitor, person: str, block: str, query: str = "") -> Form:
        """The way through their code and our login to their form with id_token and state, not posted yet."""
        answer = visitor.session.get(
            f"{self.url}/courses/{person}/{block}/?{query}", timeout=PATIENCE, allow_redirects=False
        )
        begun = visitor.session.get(answer.headers["Location"], timeout=PATIENCE, allow_redirects=False)
        page = visitor.session.get(auth_address(begun), timeout=PATIENCE)
        assert page.status_code == 200, page.text
        return first_form(visitor.session, page)
