"""Where a request comes from, for limits: the address that the proxy in front saw, if there is one."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """An IP address; None where there is none, as behind a socket of the machine.

    With BEHIND_PROXY it is the last entry of X-Forwarded-For, which the proxy itself wrote. Entries before the last are
    what a caller said of himself; they count for nothing.
    """
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.BEHIND_PROXY else ""
    return _address(told) or _address(str(request.META.get("REMOTE_ADDR", ""))) or None


def network_of(request: HttpRequest) -> str:
    """The same for counting: one who has an IPv6 address has its whole /64."""
    address = address_of(request)
    if address is None:
        return "nowhere"
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _address(text: str) -> str:
    """In its usual form; "" for what is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
