"""`make faults`: a class under hard faults, with figures. Exit code 1 if anything that must hold does not.

`python -m tests.faults --database sqlite|postgres --engine database|celery --minutes 10 --submits 5000 --kills 50`;
without `--database` and `--engine` all three set-ups, one after the other.
"""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence

from tests.faults.crowd import Crowd
from tests.faults.machines import Machines, machines
from tests.faults.report import Run
from tests.faults.schools import School, open_schools
from tests.faults.service import Service
from tests.faults.storm import Storm
from tests.faults.verdict import judge, under_way
from tests.live import running_tool

SETUPS = (("postgres", "database"), ("postgres", "celery"), ("sqlite", "database"))
# With product defaults a dead worker's score waits for three minutes; fifty kills would be a run of hours.
SETTINGS = {"LTI_LEASE_SECONDS": "30", "WORKER_THREADS": "4", "WEB_WORKERS": "1"}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    # Who is told to stop stops everything that was started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; seed {options.seed}")
    is_right = True
    for database, engine in SETUPS:
        if options.database in {None, database} and options.engine in {None, engine}:
            with machines(database=database, engine=engine, clock=database == "postgres") as here:
                run = _run(here, options, f"{database}, tasks on {'Redis' if here.redis else 'the database'}")
            print(run.told(), flush=True)
            is_right = is_right and run.is_right
    return 0 if is_right else 1


def _run(here: Machines, options: argparse.Namespace, name: str) -> Run:
    is_whole = here.postgres is None
    with running_tool(**SETTINGS, **here.environment()) as tool, open_schools(tool, options.learners) as schools:
        service = Service(tool, is_whole=is_whole)
        try:
            service.start()
            return _weather(service, here, schools, options, name)
        finally:
            service.stop()


def _weather(service: Service, here: Machines, schools: list[School], options: argparse.Namespace, name: str) -> Run:
    seconds = options.minutes * 60.0
    crowd = Crowd(
        # The storm mostly takes a little longer than planned: learners should be there until its end.
        schools, submits=options.submits, seconds=seconds * 1.1, threads=options.threads, seed=options.seed
    )  # fmt: skip
    begun = time.monotonic()

    def tell(words: str) -> None:
        if options.verbose:
            told = f"{time.monotonic() - begun:5.0f} s  {len(crowd.seen.answered):5} acknowledged  {words}"
            print(told, file=sys.stderr, flush=True)

    storm = Storm(service, here, schools, options.seed, tell=tell)
    crowd.start()
    storm.run(storm.deeds(options.kills), seconds=seconds * 0.95)
    crowd.finish(patience=900)
    minutes = (time.monotonic() - begun) / 60
    # Everybody answers once more while all LMSs are away, then all of ours is killed.
    with storm.last_blow():
        crowd.go_on(submits=options.learners, seconds=30)
        crowd.finish(patience=300)
    calm = time.monotonic()
    tell(f"all is well again; waiting: {under_way(service)}")
    while (waiting := under_way(service)) and time.monotonic() - calm < options.patience:
        tell(f"waiting for {waiting}")
        time.sleep(1)
    recovered = time.monotonic()
    verdict = judge(service, schools, crowd.learners)
    if waiting:
        verdict.note(f"still under way after {options.patience:.0f} s: {waiting}")
    verdict.problems += storm.problems
    return Run(name, crowd, storm, verdict, minutes=minutes, recovery=recovered - calm)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The service under hard faults.")
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--engine", choices=["database", "celery"])
    parser.add_argument("--minutes", type=float, default=10, help="for the faults; recovery comes on top")
    parser.add_argument("--submits", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=50, help="at least so many")
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--threads", type=int, default=20, help="learners at the same time")
    parser.add_argument("--patience", type=float, default=900, help="seconds for the recovery")
    parser.add_argument("--verbose", action="store_true", help="say what is done and when")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
