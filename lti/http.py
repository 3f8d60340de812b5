"""The one way out to an LMS: guarded against being sent to places inside our own network (SEC-07).

Names are resolved once, every address is looked at, and the connection goes to just those addresses; TLS still checks
the name. No redirects, no proxies, no cookies; short timeouts, a deadline, a limit to what is read.
"""

import io
import ipaddress
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

CONNECT_SECONDS = 5
READ_SECONDS = 20
# From the first byte we send to the last one we read: an LMS that drips must not hold a worker for hours.
DEADLINE_SECONDS = 45
MAX_BYTES = 5 * 1024 * 1024
USER_AGENT = "ITPM-Byte/1 (LTI tool)"

_ODD = re.compile(r"""[^\x21-\x7e]|["<>\\^`{|}]""")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Unreachable(Exception):
    """No usable answer. The text is a short cause for logs: no address, nothing of the request."""


class AddressRefused(ValueError):
    """We do not talk to this address at all; the text says why, in words for an administrator."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""
    body: bytes


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    data: Any = None,
    json: Any = None,
    allow_hosts: frozenset[str] | None = None,
    max_bytes: int = MAX_BYTES,
    patience: float = READ_SECONDS,
) -> Answer:
    """One request, whatever status it brings; a redirect is an answer like any other. Raises Unreachable.

    `allow_hosts`: when given, any other host is refused before anything is sent (AGS-06). `patience`: seconds to wait
    for an answer, where somebody waits for us.
    """
    check_url(url, allow_hosts=allow_hosts)
    begun = time.monotonic()
    try:
        with session().request(
            method,
            url,
            headers=dict(headers or {}),
            data=data,
            json=json,
            timeout=(min(CONNECT_SECONDS, patience), patience),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = _read(response, deadline=begun + DEADLINE_SECONDS, max_bytes=max_bytes)
            return Answer(response.status_code, response.headers, body)
    except (requests.RequestException, OSError) as problem:
        is_slow = time.monotonic() >= begun + DEADLINE_SECONDS
        # The chained text would name the address and its query.
        raise Unreachable("answer too slow" if is_slow else _cause(problem)) from None


def check_url(url: str, *, allow_hosts: frozenset[str] | None = None) -> None:
    """Raises Unreachable for an address that we would not call."""
    try:
        check_address(url)
    except AddressRefused as refused:
        raise Unreachable("address refused") from refused
    if allow_hosts is not None and urlsplit(url).hostname not in allow_hosts:
        raise Unreachable("host not allowed")


def check_address(url: str) -> None:
    """Is this an address that an LMS may have? Without asking the DNS. Raises AddressRefused.

    https on its own port; in development also http, other ports and this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("is not an address") from None
    if not parts.hostname or parts.scheme not in {"https", "http"}:
        raise AddressRefused("must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.fragment or _has_odd_characters(url):
        raise AddressRefused("must hold no user name, no fragment, no spaces and only ASCII")
    if settings.LTI_ALLOW_LOOPBACK_PLATFORMS:
        return
    if parts.scheme != "https" or port not in {None, 443}:
        raise AddressRefused("must begin with https:// and use its standard port")
    if _is_local_name(parts.hostname):
        raise AddressRefused("must be reachable from the internet")


def is_public(address: str) -> bool:
    """May we connect to this IP address? In development to this machine, too."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if settings.LTI_ALLOW_LOOPBACK_PLATFORMS and ip.is_loopback:
        return True
    embedded = _embedded(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if embedded is not None:
        return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind an IPv6 one, in the forms that routers translate."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def _is_local_name(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.rstrip(".").endswith((".localhost", ".local", ".internal", ".localdomain"))


def _has_odd_characters(url: str) -> bool:
    return _ODD.search(url) is not None


# --- connections


@lru_cache(maxsize=1)
def session() -> requests.Session:
    """The process's connections to LMSs; kept open between requests, since TLS costs more than the request."""
    shared = requests.Session()
    shared.trust_env = False
    shared.headers["User-Agent"] = USER_AGENT
    shared.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    shared.mount("https://", _GuardedAdapter())
    shared.mount("http://", _GuardedAdapter())
    return shared


class _Patient(io.RawIOBase):
    """Reads from a socket until a deadline, however it drips; a socket's own timeout begins anew with each byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self._deadline = time.monotonic() + DEADLINE_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._sock.gettimeout() or left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _GuardedResponse(HTTPResponse):
    """Headers and body together have one deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        opened: Any = self.fp
        self.fp = io.BufferedReader(_Patient(opened.detach(), sock))


class _GuardedHTTP(HTTPConnection):
    response_class = _GuardedResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _GuardedHTTPS(HTTPSConnection):
    response_class = _GuardedResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _GuardedAdapter(HTTPAdapter):
    def __init__(self) -> None:
        # One connection for each score on its way: what is beyond would be closed after one request.
        super().__init__(pool_maxsize=max(10, settings.LTI_SCORES_AT_ONCE))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def _connect(connection: HTTPConnection) -> socket.socket:
    """Connect to the addresses that were looked at, not to what the name may mean a moment later (DNS rebinding)."""
    problem: OSError | None = None
    for family, kind, protocol, _, address in _public_addresses(connection):
        opened = socket.socket(family, kind, protocol)
        try:
            for option in connection.socket_options or ():
                opened.setsockopt(*option)
            opened.settimeout(CONNECT_SECONDS)
            opened.connect(address)
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    raise NewConnectionError(connection, type(problem).__name__)


def _public_addresses(connection: HTTPConnection) -> list[tuple[Any, ...]]:
    """All addresses of the host; none of them may lead inside."""
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NewConnectionError(connection, "name not found") from None
    if not found or not all(is_public(str(entry[4][0])) for entry in found):
        raise NewConnectionError(connection, "address refused")
    return list(found)


def _read(response: requests.Response, *, deadline: float, max_bytes: int) -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > max_bytes:
            raise Unreachable("answer too large")
        if time.monotonic() > deadline:
            raise Unreachable("answer too slow")
        chunks.append(chunk)
    return b"".join(chunks)


def _cause(problem: Exception) -> str:
    """ConnectTimeout, SSLError, …; with what our own guard said, if it did."""
    said = next((words for words in ("address refused", "name not found") if words in str(problem)), "")
    return said or type(problem).__name__
