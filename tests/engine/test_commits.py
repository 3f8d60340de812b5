"""On both databases: while a commit waits for the disk, the next request of the process may begin."""

from uuid import uuid4

import pytest
from django.db import connection, transaction

from itpm_byte.engine.turns import Turns
from lti.durability import begun_anew_otherwise
from lti.models import Institution
from lti.prepared import insert
from lti.rows import new

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _closed():
    yield
    connection.close()


def write():
    with transaction.atomic():
        insert(new(Institution, name=(name := uuid4().hex), slug=name))


def turns_given_back(deed):
    """How often a request that does this let the next one begin: once is when it has ended."""
    given_back = []

    class Watched(Turns):
        def give_back(self):
            given_back.append(self)
            super().give_back()

    def request(environ, start_response):
        deed()
        return [b"done"]

    assert Watched(request)({}, None) == [b"done"]
    return len(given_back)


def test_who_waits_for_the_disk_lets_the_next_begin():
    assert turns_given_back(write) == 2
    assert Institution.objects.count() == 1


def test_who_does_not_wait_keeps_the_turn():
    assert turns_given_back(begun_anew_otherwise(write)) == 1
    assert turns_given_back(lambda: Institution.objects.count()) == 1
