"""Every requirement id of docs/requirements.md is cited by a test, or stands there with why it is not built."""

import re
from collections.abc import Iterator

from tests.checks.words import ROOT, committed_files

PAGE = ROOT / "docs" / "requirements.md"
FAMILIES = "CORE|BAD|OK|CK|DL|AGS|NRPS|REG|OTH|SEC"
# One id as it stands in a text, and ids as they stand in the name of a test: bad_03, reg_05_07, reg_20_to_24.
ID = re.compile(rf"\b({FAMILIES})-(\d\d[a-z]?)\b")
NAME = re.compile(r"\bdef (test_\w+)")
IN_A_NAME = re.compile(rf"_({FAMILIES.lower()})((?:_\d\d[a-z]?)+)(?:_to_(\d\d))?(?=_|$)")
# A row of the page: "| CORE-01 … 09 | about | source |".
RANGE = re.compile(rf"^\| ({FAMILIES})-(\d\d[a-z]?)(?: … (\d\d))? \|", re.MULTILINE)
SPARED = "## Not built"


def listed(page: str) -> set[str]:
    """All ids in the page's tables, ranges written out."""
    found = set()
    for family, first, last in RANGE.findall(page):
        numbers = range(int(first), int(last) + 1) if last else [first]
        found |= {f"{family}-{number:02d}" if last else f"{family}-{number}" for number in numbers}
    return found


def cited(sources: Iterator[str]) -> set[str]:
    """Ids that tests name one by one; what lies between two ends of a range is not cited by it."""
    found = set()
    for source in sources:
        found |= {f"{family}-{number}" for family, number in ID.findall(source)}
        for name in NAME.findall(source):
            found |= set(in_name(name))
    return found


def in_name(name: str) -> Iterator[str]:
    for family, numbers, last in IN_A_NAME.findall(name):
        told = numbers.strip("_").split("_")
        for number in told + [f"{between:02d}" for between in range(int(told[-1][:2]) + 1, int(last or 0) + 1)]:
            yield f"{family.upper()}-{number}"


def sources_of_tests() -> Iterator[str]:
    for path in committed_files():
        folder, *inside = path.relative_to(ROOT).parts
        if folder == "tests" and path.suffix == ".py" and inside[0] != "checks":
            yield path.read_text(encoding="utf-8")


def findings() -> Iterator[str]:
    page, _, spared_part = PAGE.read_text(encoding="utf-8").partition(SPARED)
    wanted, spared, found = listed(page), listed(spared_part), cited(sources_of_tests())
    for name in sorted(wanted - spared - found):
        yield f"{PAGE.name}: no test cites {name}"
    for name in sorted(spared & found):
        yield f"{PAGE.name}: {name} is said not to be built, but a test cites it"
    for name in sorted((spared | found) - wanted):
        yield f"{PAGE.name}: {name} is not in the table"
