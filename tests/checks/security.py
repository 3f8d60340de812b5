"""docs/security.md names tests and files that exist, all of SEC-01 to SEC-22, and every chapter of ASVS 5."""

import re
from collections.abc import Iterator

from tests.checks.words import ROOT

PAGE = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`((?:tests|lti|itpm_byte)/[\w./-]+?\.py)(?:::(\w+))?`")
ROW = re.compile(r"^\| (\S+) .*\|$", re.MULTILINE)
VERDICTS = ("met", "open", "operator", "not applicable")


def findings() -> Iterator[str]:
    yield from page_findings(PAGE.read_text(encoding="utf-8"))


def page_findings(page: str) -> Iterator[str]:
    for file, test in NAMED.findall(page):
        path = ROOT / file
        if not path.is_file():
            yield f"{PAGE.name}: {file} does not exist"
        elif test and not re.search(rf"^def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield f"{PAGE.name}: {file} has no {test}"
    rows = {found[1]: found[0] for found in ROW.finditer(page)}
    for name in [f"SEC-{number:02d}" for number in range(1, 23)] + [name for name in rows if name.startswith("T-")]:
        if not NAMED.search(rows.get(name, "").rpartition(" | ")[2]):
            yield f"{PAGE.name}: no test shows what stops {name}"
    for number in range(1, 18):
        verdict = rows.get(f"V{number}", "").split(" | ")[1:2]
        if not verdict or not verdict[0].startswith(VERDICTS):
            yield f"{PAGE.name}: no verdict about chapter V{number}"
