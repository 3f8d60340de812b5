"""Where servers that tests start may listen."""

import secrets

from itpm_byte.engine.ports import is_free

# From 32768 on Linux gives each connection a port of its own, at any moment.
SERVERS = range(20_000, 32_000)


def free_port() -> int:
    """Nobody listens there, and by chance nobody else will: a server may begin there in a moment."""
    return next(port for port in iter(lambda: secrets.choice(SERVERS), None) if is_free(port))
