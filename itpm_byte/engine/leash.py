"""Child processes end with their parent, however that ended.

Ours hold the other end of a pipe as standard input; those that a library starts for us look who their parent is.
"""

import os
import sys
import threading
import time
from collections.abc import Callable


def when_parent_leaves(react: Callable[[], None]) -> None:
    """Call `react` once our standard input closes. Only for processes whose parent holds it open for this."""

    def wait() -> None:
        # Not through sys.stdin: its lock would be held when the interpreter ends.
        while os.read(sys.stdin.fileno(), 4096):
            pass
        react()

    threading.Thread(target=wait, name="leash", daemon=True).start()


def when_orphaned(react: Callable[[], None]) -> None:
    """Call `react` once another process is our parent, as it is when ours was killed; noticed within a second."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        react()

    threading.Thread(target=look, name="orphan", daemon=True).start()
