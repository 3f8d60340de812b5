"""Whether a connection still lives is heard, not asked for: no round trip for each request."""

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
