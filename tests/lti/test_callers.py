"""Whose address counts for limits."""

import pytest
from django.test import RequestFactory

from lti import callers


def asked(forwarded="", address="192.0.2.9"):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    ("forwarded", "is_behind", "address"),
    [
        ("198.51.100.1", False, "192.0.2.9"),
        ("198.51.100.1", True, "198.51.100.1"),
        ("203.0.113.5, 198.51.100.1", True, "198.51.100.1"),
        ("198.51.100.1, unknown", True, "192.0.2.9"),
        ("", True, "192.0.2.9"),
        ("2001:DB8:0:0::1", True, "2001:db8::1"),
    ],
)
def test_the_proxy_s_word_counts_where_there_is_a_proxy_and_no_other(settings, forwarded, is_behind, address):
    settings.BEHIND_PROXY = is_behind

    assert callers.address_of(asked(forwarded)) == address


def test_who_has_no_address_counts_with_all_who_have_none():
    assert callers.address_of(asked(address="")) is None
    assert callers.network_of(asked(address="")) == "nowhere"


def test_all_addresses_of_one_ipv6_network_count_as_one():
    assert callers.network_of(asked(address="2001:db8:1:2::1")) == callers.network_of(asked(address="2001:db8:1:2:3::"))
    assert callers.network_of(asked(address="192.0.2.1")) == "192.0.2.1"
