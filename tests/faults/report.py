"""The figures of one run, as a table."""

import statistics
from dataclasses import dataclass

from tests.faults.crowd import Crowd
from tests.faults.storm import Storm
from tests.faults.verdict import Verdict

# After the database is back a pool may need so long to notice.
SETTLING = 5.0


@dataclass
class Run:
    """Times in minutes and seconds."""

    name: str
    crowd: Crowd
    storm: Storm
    verdict: Verdict
    minutes: float
    recovery: float  # from the end of the last fault until all was delivered

    @property
    def violations(self) -> list[str]:
        seen, verdict = self.crowd.seen, self.verdict
        found = [*verdict.problems]
        counted = {
            "attempts are there twice": verdict.doubled,
            "attempts are there that nobody sent": verdict.unasked,
            "grades went over newer ones": verdict.overtaken,
            "errors (5xx) were seen while the database was there": len(self.errors_of_ours),
            "answers were turned away": len(seen.refused),
        }
        found += [f"{number} {words}" for words, number in counted.items() if number]
        return found + seen.refused[:5]

    @property
    def is_right(self) -> bool:
        return not self.violations

    @property
    def errors_of_ours(self) -> list[float]:
        away = self.storm.database_away
        return [at for at in self.crowd.seen.errors_at if not any(begin <= at <= end + SETTLING for begin, end in away)]

    def told(self) -> str:
        seen, verdict, service = self.crowd.seen, self.verdict, self.storm.service
        rows: list[tuple[str, object]] = [
            ("learners / launches", f"{len(self.crowd.learners)} / {seen.launches}"),
            ("minutes", f"{self.minutes:.1f}"),
            ("kills (-9)", sum(service.kills.values())),
            *((f"  {kind}", number) for kind, number in sorted(service.kills.items())),
            *((f"  {kind}", number) for kind, number in sorted(self.storm.done.items())),
            ("submits pressed / acknowledged", f"{self.crowd.begun} / {verdict.acknowledged}"),
            ("  tried again because of", _listed(seen.unhappy)),
            ("  launches tried again because of", _listed(seen.launches_again)),
            ("  errors (5xx), of them with the database there", f"{len(seen.errors_at)}, {len(self.errors_of_ours)}"),
            ("acknowledged and lost", verdict.lost),
            ("attempts doubled / unasked for", f"{verdict.doubled} / {verdict.unasked}"),
            ("gradebook cells / wrong", f"{verdict.cells} / {verdict.wrong}"),
            ("scores taken by LMSs", verdict.received),
            ("  the same attempt's once more", verdict.again),
            ("  older over newer", verdict.overtaken),
            ("submit, one request: p50 / p95", _quantiles(seen.answered)),
            ("submit, with repeats: p50 / p95", _quantiles(seen.acknowledged)),
            ("recovery after the last fault", f"{self.recovery:.0f} s"),
        ]
        lines = [f"\n{self.name}", *(f"{name:52} {value}" for name, value in rows)]
        return "\n".join([*lines, *(f"VIOLATED: {violation}" for violation in self.violations[:40])])


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "-"


def _quantiles(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "-"
    cuts = statistics.quantiles(seconds, n=20)
    return f"{cuts[9] * 1000:.0f} / {cuts[18] * 1000:.0f} ms"
