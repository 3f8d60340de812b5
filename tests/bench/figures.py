"""What was measured, kept in measured.json: `tests.bench.capacity` reckons with it, docs/operations.md shows it."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measured.json")


def keep(name: str, **values: float) -> None:
    """Write these down under a name, with machine and day, in the place of what stood there."""
    said = read()
    said[name] = {**{key: round(value, 3) for key, value in values.items()}, "where": where(), "on": _today()}
    FILE.write_text(json.dumps(dict(sorted(said.items())), indent=1) + "\n")


def read() -> dict[str, Any]:
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def where() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
