"""`python -m tests.bench.capacity`: what so many learners need, reckoned from measured.json; with --write into the doc.

What is assumed stands in ASSUMED, what was measured in the file that `make bench` writes. The table is only as good as
both: measure on your own machines before you buy any.
"""

import math
import re
import sys
from typing import Any

from tests.bench import figures
from tests.checks.words import ROOT

DOC = ROOT / "docs" / "operations.md"
MARKS = ("<!-- capacity: made by python -m tests.bench.capacity --write -->", "<!-- end of capacity -->")
CROWDS = (3_000, 30_000, 1_000_000)
# How people behave: a guess that leaves room, not a measurement.
ASSUMED = {
    "launches of a learner in a week": 3,
    "submits of a learner in a week": 3,
    "share of a week's work in its busiest hour": 0.04,
    "times that hour's mean when a class begins": 3,
    "overviews that teachers open in a week, for each learner": 0.2,
    "completion reports that administrators open in a week, for each learner": 0.002,
    "part of a core that may be busy": 0.6,
}


def main() -> None:
    text = page(figures.read())
    if "--write" in sys.argv[1:]:
        before = DOC.read_text()
        pattern = re.compile(f"{re.escape(MARKS[0])}.*?{re.escape(MARKS[1])}", re.S)
        DOC.write_text(pattern.sub(lambda _: text, before))
    print(text)


def page(measured: dict[str, Any]) -> str:
    """The part of the doc between its marks."""
    launch, submit = measured["launch/postgres/granian"], measured["submit/postgres/granian"]
    score = measured["deliveries/postgres, database/10 ms"]
    size, report = measured["size/postgres"], _reports(measured)
    costs = [("launch (login, launch, page)", launch), ("submit", submit), ("score sent to an LMS", score)]
    lines = [MARKS[0], "", "| measured | our processes, CPU | PostgreSQL, CPU | machine, day |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {cost['cpu_ms']:.1f} ms | {cost['database_ms']:.1f} ms | {cost['where']}, {cost['on']} |"
        for name, cost in costs
    ]
    lines += [
        f"| {name}, {report['rows']:,.0f} rows of progress | {report[key]:.0f} ms, PostgreSQL's with it | | "
        f"{report['where']}, {report['on']} |"
        for name, key in (("overview of 300 learners", "overview_ms"), ("completion report", "report_ms"))
    ]
    lines += [
        f"| database, a learner with {size['activities']:.0f} activities and {size['attempts']:.0f} attempts | "
        f"| {size['bytes_per_learner'] / 1000:.1f} kB | {size['where']}, {size['on']} |",
        "",
        "Assumed: " + "; ".join(f"{name} {value}" for name, value in ASSUMED.items()) + ".",
        "",
        "| learners | launches/s and submits/s at the peak | cores: web | workers | PostgreSQL | database |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(learners, launch, submit, score, size, report) for learners in CROWDS]
    return "\n".join([*lines, "", MARKS[1]])


def _reports(measured: dict[str, Any]) -> Any:
    """Those of the largest tables that were measured."""
    return max((told for name, told in measured.items() if name.startswith("reports/postgresql/")),
               key=lambda told: float(told["rows"]))  # fmt: skip


def _row(learners: int, launch: Any, submit: Any, score: Any, size: Any, report: Any) -> str:
    a = ASSUMED
    factor = (
        learners
        * a["share of a week's work in its busiest hour"]
        * a["times that hour's mean when a class begins"]
        / 3600
    )
    launches, submits = factor * a["launches of a learner in a week"], factor * a["submits of a learner in a week"]
    reading = factor * (
        a["overviews that teachers open in a week, for each learner"] * report["overview_ms"]
        + a["completion reports that administrators open in a week, for each learner"] * report["report_ms"]
    )
    of = {
        # What PostgreSQL does for reports is counted here, too.
        "web": launches * launch["cpu_ms"] + submits * submit["cpu_ms"] + reading,
        "worker": submits * score["cpu_ms"],
        "database": launches * launch["database_ms"] + submits * (submit["database_ms"] + score["database_ms"]),
    }
    cores = {name: max(1, math.ceil(busy / 1000 / a["part of a core that may be busy"])) for name, busy in of.items()}
    gigabytes = learners * size["bytes_per_learner"] / 1e9
    return (
        f"| {learners:,} | {launches:.1f} and {submits:.1f} | {cores['web']} | {cores['worker']} | "
        f"{cores['database']} | {gigabytes:.1f} GB |"
    )


if __name__ == "__main__":
    main()
