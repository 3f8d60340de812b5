"""Two of the staff do the same thing in the same moment: once done, told calmly, never an error of ours."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from lti.models import Registration, ToolKey
from tests.lti.staff.test_connecting import DETAILS, ROOT

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4


def statuses(*posts):
    """Of each post, by a browser of its own; all begin when the last one is ready."""
    User.objects.create_superuser("sue")
    clients = [Client(raise_request_exception=False) for _ in posts]
    for client in clients:
        client.force_login(User.objects.get())
    gate = threading.Barrier(len(posts))

    def run(client, post):
        gate.wait(timeout=30)
        try:
            return post(client).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(posts)) as pool:
        return sorted(pool.map(run, clients, posts))


def connect(address):
    return lambda client: client.post(address, DETAILS)


@pytest.mark.parametrize("is_one_page", [True, False])
def test_the_same_lms_connected_by_hand_twice_is_connected_once(is_one_page, keyset):
    keyset.install()
    pages = [f"{ROOT}by-hand/{uuid4()}/" for _ in range(THREADS)]
    answered = statuses(*[connect(pages[0] if is_one_page else page) for page in pages])

    assert set(answered) <= {302, 400, 409}
    assert 302 in answered
    assert (Registration.objects.count(), ToolKey.objects.count()) == (1, 1)
