"""House rules that could let something through are tried on what they must find."""

import pytest

from tests.checks import outgoing


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
