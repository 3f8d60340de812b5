"""Connections to PostgreSQL that waited in the pool: whether they still live, without asking for it."""

import select
from typing import Any


def check(connection: Any) -> None:
    """As `psycopg_pool.ConnectionPool.check_connection`, which asks the server each time, for each request.

    A server that ends, or ends a connection, says so and closes it: then there is something to read. Only whoever hears
    something asks. Raises psycopg.OperationalError when the connection is of no more use.
    """
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    if heard.poll(0):
        from psycopg_pool import ConnectionPool  # noqa: PLC0415  # not needed with SQLite

        ConnectionPool.check_connection(connection)
