"""Child processes end with their parent, however that ended: they hold the other end of a pipe as standard input."""

import sys
import threading
from collections.abc import Callable


def when_parent_leaves(react: Callable[[], None]) -> None:
    """Call `react` once our standard input closes. Only for processes whose parent holds it open for this."""

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        react()

    threading.Thread(target=wait, name="leash", daemon=True).start()
