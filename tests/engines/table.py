"""The table of docs/browsers.md: written by a full run, compared with what is expected by every run."""

from collections.abc import Iterable
from pathlib import Path

from tests.checks.words import ROOT
from tests.engines.cases import CASES, Case, Way

PAGE = ROOT / "docs" / "browsers.md"
BEGIN, END = "<!-- The table is written by `make engines`. -->", "<!-- End of the table. -->"
STORAGES = {"": "no", "_parent": "course page", "post_message_forwarding": "frame beside"}
HEAD = ["engine", "cookies", "LMS remembers", "shown in", "login's secret came by", "session carried by"]


def write(ways: dict[Case, Way], versions: Iterable[str], path: Path = PAGE) -> None:
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    seen = f"Seen with {', '.join(sorted(versions))}, the tool over https."
    path.write_text("\n".join([before + BEGIN, "", seen, "", *rows(ways), "", END]) + after)


def rows(ways: dict[Case, Way]) -> list[str]:
    table = [HEAD, ["---"] * len(HEAD), *(_cells(case, ways[case]) for case in CASES)]
    return ["| " + " | ".join(cells) + " |" for cells in table]


def written() -> list[str]:
    _, _, rest = PAGE.read_text().partition(BEGIN)
    return [line for line in rest.partition(END)[0].splitlines() if line.startswith("|")]


def _cells(case: Case, way: Way) -> list[str]:
    return [case.engine, case.mode, STORAGES[case.storage], way.place, way.proof, way.session]
