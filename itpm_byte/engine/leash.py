"""Child processes end with their parent, however that ended: they hold the other end of a pipe as standard input."""

import os
import sys
import threading
from collections.abc import Callable


def when_parent_leaves(react: Callable[[], None]) -> None:
    """Call `react` once our standard input closes. Only for processes whose parent holds it open for this."""

    def wait() -> None:
        # Not through sys.stdin: its lock would be held when the interpreter ends.
        while os.read(sys.stdin.fileno(), 4096):
            pass
        react()

    threading.Thread(target=wait, name="leash", daemon=True).start()
