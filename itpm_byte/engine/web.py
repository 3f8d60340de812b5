"""`python -m itpm_byte.engine.web ADDRESS PORT WORKERS THREADS`: the web server as a child of `manage.py serve`."""

import os
import signal
import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from itpm_byte.engine.leash import when_parent_leaves


def main(address: str, port: str, workers: str, threads: str) -> None:
    when_parent_leaves(lambda: os.kill(os.getpid(), signal.SIGTERM))
    Server(
        "itpm_byte.engine.web_worker:application",
        address=address,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=int(threads),
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_level=LogLevels.error,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
