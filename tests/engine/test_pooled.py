"""Whether a connection still lives is heard, not asked for: no round trip for each request."""

import socket

import pytest
from psycopg_pool import ConnectionPool

from itpm_byte.engine import pooled
from tests.faults.machines import cut_connections
from tests.machine import private_postgres

SINCE = "SELECT pid, state_change FROM pg_stat_activity WHERE application_name = 'pooled'"


@pytest.fixture(scope="module")
def url():
    with private_postgres() as postgres:
        yield postgres.url


def test_who_takes_a_living_connection_asks_the_server_nothing(url):
    with (
        ConnectionPool(url, min_size=1, max_size=1, check=pooled.check, kwargs={"application_name": "pooled"}) as pool,
        ConnectionPool(url, min_size=1, max_size=1, kwargs={"autocommit": True}) as beside,
    ):
        pool.wait()
        with beside.connection() as watching:
            before = watching.execute(SINCE).fetchall()
            pool.putconn(pool.getconn())
            assert watching.execute(SINCE).fetchall() == before
            with pool.connection() as connection:
                connection.execute("SELECT 1")
            assert watching.execute(SINCE).fetchall() != before


def test_nobody_gets_a_connection_that_the_server_closed(url):
    with ConnectionPool(url, min_size=2, max_size=2, check=pooled.check) as pool:
        pool.wait()
        cut_connections(url)
        with pool.connection() as one, pool.connection() as two:
            assert one.execute("SELECT 1").fetchone() == two.execute("SELECT 1").fetchone() == (1,)


def test_a_server_whose_machine_is_gone_is_noticed_within_half_a_minute(url):
    """The system asks, and closes; a closed connection is heard of (above)."""
    pool_options = pooled.OPTIONS["pool"]
    others = {name: value for name, value in pooled.OPTIONS.items() if name != "pool"}
    with ConnectionPool(url, kwargs=others, **pool_options) as pool, pool.connection() as connection:
        with socket.socket(fileno=connection.fileno()) as asked:
            wanted = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            idle, interval, count = (asked.getsockopt(socket.IPPROTO_TCP, name) for name in wanted)
            assert asked.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            asked.detach()
        assert idle + interval * count <= 30
