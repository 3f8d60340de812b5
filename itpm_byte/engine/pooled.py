"""How connections to PostgreSQL are kept, and whether one that waited in the pool still lives, without asking it."""

import select
from typing import Any


def check(connection: Any) -> None:
    """As `psycopg_pool.ConnectionPool.check_connection`, which asks the server each time, for each request.

    A server that ends, or ends a connection, says so and closes it: then there is something to read. One whose machine
    is gone says nothing, so the system asks for a sign of life (OPTIONS) and gives the connection up. Only whoever
    hears something asks. Raises psycopg.OperationalError when the connection is of no more use.
    """
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    if heard.poll(0):
        from psycopg_pool import ConnectionPool  # noqa: PLC0415  # not needed with SQLite

        ConnectionPool.check_connection(connection)


OPTIONS = {
    "pool": {"min_size": 1, "max_size": 16, "timeout": 10, "check": check},
    # Seconds of silence before the first question, between questions, and how many stay without an answer.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    # Prepares what asks for it (lti.statements) and nothing else. A pooler in front must be in session mode.
    "prepare_threshold": 2**31,
}
