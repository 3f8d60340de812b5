"""A wall clock that can be set, for every Python process whose PYTHONPATH names this folder.

The file named by FAULTS_CLOCK says how many seconds it goes ahead of the machine's (negative: behind). It is looked at
several times a second, so the step comes in the middle of whatever the process does. Monotonic time goes on as it is,
as on a machine whose clock is set.
"""

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

EVERY = 0.3


def follow(file: Path) -> None:
    shown, travel = 0, None
    while file.exists():
        if (wanted := int(file.read_text() or shown)) != shown:
            if travel:
                travel.stop()
            travel = time_machine.travel(timedelta(seconds=wanted), tick=True) if wanted else None
            if travel:
                travel.start()
            shown = wanted
        time.sleep(EVERY)


def begin() -> None:
    threading.Thread(target=follow, args=(Path(os.environ["FAULTS_CLOCK"]),), name="clock", daemon=True).start()


if "FAULTS_CLOCK" in os.environ:
    # Not in the thread: a process that forks meanwhile would find its import locked for ever.
    import time_machine

    begin()
    os.register_at_fork(after_in_child=begin)
