"""House rules that could let something through are tried on what they must find."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.checks import advisories, outgoing, security
from tests.ports import free_port


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "import requests.adapters as a",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import http.client",
        "from http import client",
        "import urllib3",
        "jwt.PyJWKClient(url)",
        "from pylti1p3.service_connector import ServiceConnector",
    ],
)
def test_a_second_way_out_is_found(source):
    assert list(outgoing.file_findings("lti/x.py", source))


@pytest.mark.parametrize(
    "source", ["from lti import http", "from urllib.parse import urlsplit", "from http import HTTPStatus"]
)
def test_what_asks_nobody_is_fine(source):
    assert list(outgoing.file_findings("lti/x.py", source)) == []


@pytest.fixture
def database(monkeypatch):
    """One of advisories, which knows of one weakness of django."""
    asked = []

    class Database(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"])
            weak = [{"vulns": [{"id": "X-1"}]} if query["package"]["name"] == "django" else {} for query in asked]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": weak}).encode())

        def log_message(self, format, *args):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("ADVISORIES_URL", f"http://127.0.0.1:{server.server_port}/")
    yield asked
    server.shutdown()
    server.server_close()


def test_a_known_weakness_of_a_locked_package_is_a_finding_unless_it_is_spared(database, monkeypatch):
    [found] = advisories.findings()

    versions = {query["package"]["name"]: query["version"] for query in database}
    assert found == f"requirements: django {versions['django']} has a known weakness: X-1"
    assert {"celery", "psycopg", "pytest", "requests"} <= versions.keys()
    database.clear()
    monkeypatch.setitem(advisories.SPARED, "X-1", "we do not use that part")
    assert list(advisories.findings()) == []


def test_where_the_database_is_away_that_is_said_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("ADVISORIES_URL", f"http://127.0.0.1:{free_port()}/")

    assert list(advisories.findings()) == []
    assert capsys.readouterr().out == "Advisories: not looked at, the database could not be reached (URLError).\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tests/test_logs.py`", "tests/test_no_logs.py`", "tests/test_no_logs.py does not exist"),
        ("::test_text_is_no_formula", "::test_text_is_a_formula", "has no test_text_is_a_formula"),
        ("| SEC-13 |", "| gone |", "no test shows what stops SEC-13"),
        ("| V9 Self-contained tokens | met |", "| V9 Self-contained tokens | ? |", "no verdict about chapter V9"),
    ],
)
def test_the_page_on_security_promises_nothing_that_is_not_there(old, new, said):
    page = security.PAGE.read_text(encoding="utf-8")
    assert list(security.page_findings(page)) == []

    [found] = security.page_findings(page.replace(old, new, 1))
    assert said in found
