"""Known weaknesses of what is locked in requirements/, from the OSV database (which pip-audit asks, too): one request.

Where the database can't be reached, that is said in one line and nothing else is spoiled. ADVISORIES_URL: another one.
"""

import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

from tests.checks.words import ROOT

DATABASE = "https://api.osv.dev/v1/querybatch"
PATIENCE_SECONDS = 4
SETS = ("base", "dev", "scale", "fuzz")
# Advisory -> why it does not concern us. Each needs a reason that somebody can check.
SPARED: dict[str, str] = {}
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class NotReached(Exception):
    """The database did not answer, or not in time."""


def locked() -> list[tuple[str, str]]:
    """(package, version) of all sets, each once."""
    files = [ROOT / "requirements" / f"{name}.txt" for name in SETS]
    return sorted({found for file in files if file.exists() for found in _LOCKED.findall(file.read_text())})


def findings() -> Iterator[str]:
    packages = locked()
    try:
        answers = ask(packages)
    except NotReached as problem:
        print(f"Advisories: not looked at, the database could not be reached ({problem}).")
        return
    for (name, version), told in zip(packages, answers, strict=True):
        for advisory in told.get("vulns", []):
            if advisory["id"] not in SPARED:
                yield f"requirements: {name} {version} has a known weakness: {advisory['id']}"


def ask(packages: list[tuple[str, str]]) -> list[dict[str, list[dict[str, str]]]]:
    """What is known of each, in the same order. Raises NotReached."""
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    request = urllib.request.Request(
        os.environ.get("ADVISORIES_URL", DATABASE),
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)["results"]
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise NotReached(type(problem).__name__) from problem
