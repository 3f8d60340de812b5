import contextlib
import gzip
import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from lti import http


class Service:
    """A small web server that answers as a test wants, and remembers what it was asked."""

    def __init__(self):
        service = self
        self.requests = []
        self.answer = lambda handler: reply(handler, b"{}")

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                length = int(self.headers.get("Content-Length", 0))
                service.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
                service.answer(self)

            do_GET = do_POST = do_PUT = respond

            def log_message(self, format, *args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.is_over = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.is_over.set()
        self.server.shutdown()
        self.server.server_close()
        http.session().close()


def reply(handler, body, status=200, **headers):
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def service():
    served = Service()
    yield served
    served.close()


def resolving(monkeypatch, *addresses):
    """Every name means these addresses, one list for each question; the last list stays."""
    lists = [list(each) if isinstance(each, tuple) else [each] for each in addresses]
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        found = lists.pop(0) if len(lists) > 1 else lists[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


# --- requests


def test_an_answer_is_handed_over_whatever_its_status(service):
    service.answer = lambda handler: reply(handler, b"no", 404, X_Reason="gone")
    answer = http.request("POST", f"{service.url}/a?b=c", headers={"Accept": "x/y"}, data=b"sent")
    assert (answer.status, answer.body, answer.headers["x-reason"]) == (404, b"no", "gone")
    method, path, headers, body = service.requests[0]
    assert (method, path, headers["Accept"], body) == ("POST", "/a?b=c", "x/y", b"sent")
    assert headers["User-Agent"] == "ITPM-Byte/1 (LTI tool)"


def test_json_and_forms_are_sent_as_such(service):
    http.request("PUT", service.url, json={"a": 1})
    http.request("POST", service.url, data={"a": "b c"})
    assert [request[3] for request in service.requests] == [b'{"a": 1}', b"a=b+c"]


def test_a_redirect_is_an_answer_and_not_followed(service):
    service.answer = lambda handler: reply(handler, b"", 302, Location="http://169.254.169.254/")
    assert http.request("GET", service.url).status == 302
    assert len(service.requests) == 1


def test_cookies_of_an_lms_are_not_kept(service):
    service.answer = lambda handler: reply(handler, b"", Set_Cookie="a=b")
    for _ in range(2):
        http.request("GET", service.url)
    assert "Cookie" not in service.requests[1][2]


def test_proxies_of_the_environment_are_not_used(service, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert http.request("GET", service.url).status == 200


def test_another_host_than_the_allowed_ones_gets_nothing(service):
    with pytest.raises(http.Unreachable) as problem:
        http.request("GET", service.url, allow_hosts=frozenset({"lms.example"}))
    assert (str(problem.value), service.requests) == ("host not allowed", [])
    assert http.request("GET", service.url, allow_hosts=frozenset({"127.0.0.1"})).status == 200


# --- limits


def test_an_answer_that_is_too_large_is_given_up(service):
    service.answer = lambda handler: reply(handler, b"x" * 200_000)
    with pytest.raises(http.Unreachable, match="answer too large"):
        http.request("GET", service.url, max_bytes=100_000)
    assert len(http.request("GET", service.url, max_bytes=200_000).body) == 200_000


def test_what_unpacks_to_too_much_is_given_up(service):
    packed = gzip.compress(b"x" * 50_000_000)
    service.answer = lambda handler: reply(handler, packed, Content_Encoding="gzip")
    with pytest.raises(http.Unreachable, match="answer too large"):
        http.request("GET", service.url)


def test_an_lms_that_says_nothing_is_given_up(service):
    service.answer = lambda handler: service.is_over.wait(10)
    with pytest.raises(http.Unreachable, match="ReadTimeout"):
        http.request("GET", service.url, patience=0.05)


@pytest.mark.parametrize("is_in_headers", [True, False])
def test_an_lms_that_drips_is_given_up(service, monkeypatch, is_in_headers):
    """A byte now and then, each in time; all together without end."""
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.3)

    def drip(handler):
        start = b"HTTP/1.1 200 OK\r\n" if is_in_headers else b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
        handler.wfile.write(start)
        with contextlib.suppress(OSError):
            while not service.is_over.wait(0.05):
                handler.wfile.write(b"x")

    service.answer = drip
    with pytest.raises(http.Unreachable, match="answer too slow"):
        http.request("GET", service.url)
    # Its connection is not used again.
    service.answer = lambda handler: reply(handler, b"{}")
    assert http.request("GET", service.url).body == b"{}"


def test_headers_without_end_are_given_up(service):
    def shout(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(OSError):
            for number in range(200):
                handler.wfile.write(f"X-{number}: {'x' * 1000}\r\n".encode())

    service.answer = shout
    with pytest.raises(http.Unreachable, match="ConnectionError"):
        http.request("GET", service.url)


def test_a_redirect_into_our_network_is_told_and_nobody_goes_there(service):
    service.answer = lambda handler: reply(handler, b"", 302, Location=f"{service.url}/inside")
    assert http.request("GET", f"{service.url}/door").status == 302
    assert [path for _method, path, *_ in service.requests] == ["/door"]


def test_an_lms_that_is_not_there_is_unreachable_and_no_address_is_told():
    with pytest.raises(http.Unreachable) as problem:
        http.request("GET", "http://127.0.0.1:9/secret?sesskey=1")
    assert str(problem.value) == "ConnectionError"
    assert problem.value.__suppress_context__


def test_the_timeouts_are_those_that_were_agreed():
    assert (http.CONNECT_SECONDS, http.READ_SECONDS) == (5, 20)


def test_an_lms_whose_certificate_nobody_vouches_for_is_not_talked_to(service, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "pem").write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def shake_hands():
            with listener.accept()[0] as accepted, contextlib.suppress(ssl.SSLError):
                context.wrap_socket(accepted, server_side=True).close()

        thread = threading.Thread(target=shake_hands)
        thread.start()
        with pytest.raises(http.Unreachable, match="SSLError"):
            http.request("GET", f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()


# --- where we go


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)
def test_addresses_that_lead_inside_are_not_public(settings, address):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    assert not http.is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_public(settings, address):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    assert http.is_public(address)


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="169.254.0.0/16"))
def test_no_way_of_writing_a_private_address_makes_it_public(address):
    number = int(address)
    forms = [str(address), f"::ffff:{address}", str(ipaddress.IPv6Address((0x64FF9B << 96) + number))]
    forms.append(str(ipaddress.IPv6Address((0x2002 << 112) + (number << 80))))
    assert [http.is_public(form) for form in forms] == [False] * 4


def test_development_opens_this_machine_and_nothing_else(settings):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = True
    assert [http.is_public(address) for address in ("127.0.0.1", "::1", "10.0.0.1", "169.254.169.254")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/",
        "https://lms.example:8443/",
        "https://localhost/",
        "https://lms.localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
    ],
)
def test_in_production_an_lms_is_on_the_internet_and_speaks_https(settings, url):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    with pytest.raises(http.Unreachable, match="address refused"):
        http.request("GET", url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lms.example",
        "ftp://lms.example/",
        "file:///etc/passwd",
        "https://",
        "https://user@lms.example/",
        "https://user:word@lms.example/",
        "https://lms.example/#part",
        "https://lms.example:port/",
        "https://[lms/",
        "https://lms.example/a b",
        "https://lms.example/\r\nX: y",
        "https://lms.example\\@evil.example/",
        "https://müller.example/",
    ],
)
@pytest.mark.parametrize("is_open", [True, False])
def test_what_is_no_plain_address_is_refused_everywhere(settings, url, is_open):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = is_open
    with pytest.raises(http.AddressRefused):
        http.check_address(url)


@pytest.mark.parametrize("url", ["https://lms.example", "https://lms.example:443/a?b=%20", "https://8.8.8.8/x"])
def test_an_ordinary_address_is_fine_in_production(settings, url):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    http.check_address(url)


# --- names


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", ("8.8.8.8", "192.168.0.1")])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(settings, monkeypatch, address):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    asked = resolving(monkeypatch, address)
    with pytest.raises(http.Unreachable, match="address refused"):
        http.request("GET", "https://rebound.example/")
    assert asked == ["rebound.example"]


def test_the_connection_goes_to_the_address_that_was_looked_at(service, monkeypatch):
    # A second look would find another address.
    asked = resolving(monkeypatch, "127.0.0.1", "169.254.169.254")
    port = service.server.server_port
    answer = http.request("GET", f"http://pinned.example:{port}/")
    assert answer.status == 200
    assert [host for host in asked if host == "pinned.example"] == ["pinned.example"]
    assert service.requests[0][2]["Host"] == f"pinned.example:{port}"


def test_when_the_first_address_does_not_answer_the_next_one_is_tried(service, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.2", 0))
        resolving(monkeypatch, ("127.0.0.2", "127.0.0.1"))
        assert http.request("GET", f"http://twice.example:{service.server.server_port}/").status == 200


def test_a_name_that_nobody_knows_is_unreachable(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(8, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(http.Unreachable, match="name not found"):
        http.request("GET", "https://nobody.example/")
