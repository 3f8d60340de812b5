"""The sandbox refuses a registration that Moodle or Canvas would refuse, in its way."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from itpm_byte.sandbox.server import SandboxServer
from tests.visitor import Visitor

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def body(tool_url, **changes):
    told = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{tool_url}/login",
        "redirect_uris": [f"{tool_url}/launch"],
        "client_name": "Tool",
        "jwks_uri": f"{tool_url}/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": "",
        TOOL: {
            "domain": urlsplit(tool_url).netloc,
            "target_link_uri": f"{tool_url}/launch",
            "claims": [],
            "messages": [{"type": "LtiDeepLinkingRequest"}],
        },
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def invited(lms: SandboxServer, how="new"):
    """(configuration, token) as the tool's page gets them."""
    ines = Visitor()
    lms.enter(ines.session, "ines")
    page = ines.open(f"{lms.url}/tools/")
    framed = ines.submit(page.form("/tools/register/"), url=f"{lms.store.registration['tool_url']}/r?a=b", how=how)
    told = parse_qs(urlsplit(framed.frames[0]).query)
    assert told["a"] == ["b"]  # a query that the address has already is kept
    return told["openid_configuration"][0], told["registration_token"][0]


def post(lms, token, sent, **headers):
    said = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"} | headers
    kept = {name: value for name, value in said.items() if value}
    address = f"{lms.url}/lti/registrations/"
    if isinstance(sent, bytes):
        return requests.post(address, data=sent, headers=kept, timeout=20)
    return requests.post(address, json=sent, headers=kept, timeout=20)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_name": None}, "missing required attribute client_name"),
        ({"redirect_uris": None}, "invalid_redirect_uris"),
        ({"redirect_uris": "x"}, "invalid_redirect_uris"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"token_endpoint_auth_method": "none"}, "invalid_token_endpoint_auth_method"),
        ({"application_type": "native"}, "invalid_application_type"),
        ({TOOL: None}, "missing required attribute domain"),
        ({TOOL: {"domain": "other.example", "target_link_uri": "http://x/"}}, "domain_targetlinkuri_mismatch"),
    ],
)
def test_moodle_says_in_a_word_what_is_missing(moodle, tool, changes, told):
    answer = post(moodle, invited(moodle)[1], body(tool.url, **changes))
    assert (answer.status_code, answer.text) == (400, told)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_custom_value_with_an_equals_sign_is_refused(moodle, tool):
    configuration = body(tool.url)[TOOL] | {"custom_parameters": {"a": "b=c"}}
    answer = post(moodle, invited(moodle)[1], body(tool.url, **{TOOL: configuration}))
    assert answer.text == "invalid_custom_parameters"


def test_who_was_not_invited_is_turned_away(moodle, tool):
    assert post(moodle, "", body(tool.url), Authorization="").text == "missing_registration_token"
    assert post(moodle, "wrong", body(tool.url)).text == "invalid_registration_token"
    _address, token = invited(moodle)
    moodle.shift_clock(3601)
    assert post(moodle, token, body(tool.url)).text == "invalid_registration_token"


def test_other_things_than_a_json_object_are_refused(moodle, tool):
    token = invited(moodle)[1]
    assert post(moodle, token, b"{}", **{"Content-Type": "text/plain"}).status_code == 415
    assert post(moodle, token, b"[1").status_code == 400
    assert post(moodle, token, []).status_code == 400
    assert requests.get(f"{moodle.url}/lti/registrations/", timeout=20).status_code == 405


def test_canvas_wants_everything_and_shows_its_configuration_to_guests_only(canvas, tool):
    address, token = invited(canvas)
    assert requests.get(address, timeout=20).status_code == 401
    told = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).json()
    assert told["authorization_server"] == "canvas.instructure.example"
    answer = post(canvas, token, body(tool.url, grant_types=None, scope=None))
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        422,
        "missing properties: grant_types, scope",
    )
    bare = {name: value for name, value in body(tool.url)[TOOL].items() if name != "claims"}
    assert post(canvas, token, body(tool.url, **{TOOL: bare})).status_code == 422
    odd = body(tool.url)[TOOL] | {"messages": [{"type": "LtiSubmissionReviewRequest"}]}
    assert post(canvas, token, body(tool.url, **{TOOL: odd})).status_code == 422
    made = post(canvas, token, body(tool.url))
    assert (made.status_code, made.json()["client_id"]) == (201, "10000000000043")
    assert "deployment_id" not in made.json()[TOOL]


def test_a_new_tool_waits_until_the_administrator_activates_it(moodle, tool):
    before = moodle.store.registration
    made = post(moodle, invited(moodle)[1], body(tool.url)).json()
    assert moodle.store.registration == before
    ines = Visitor()
    moodle.enter(ines.session, "ines")
    page = ines.open(f"{moodle.url}/tools/")
    assert "ITPM Byte is pending" in page.text
    page = ines.submit(page.form("/tools/activate/"))
    assert "ITPM Byte is pending" not in page.text
    after = moodle.store.registration
    assert (after["client_id"], after["deployment_id"]) == (made["client_id"], made[TOOL]["deployment_id"]) != ("", "")
    assert (after["scopes"], after["shares_names"]) == ([], False)


def test_only_administrators_register_tools(moodle):
    ada = Visitor()
    moodle.enter(ada.session, "ada")
    assert ada.open(f"{moodle.url}/tools/").status == 403
    assert "Tools" not in ada.open(f"{moodle.url}/").links


def test_addresses_of_other_sites_are_not_framed(moodle):
    ines = Visitor()
    moodle.enter(ines.session, "ines")
    page = ines.submit(ines.open(f"{moodle.url}/tools/").form("/tools/register/"), url="https://evil.example/")
    assert (page.status, page.frames) == (400, [])
    assert "This sandbox talks to one tool only." in page.text
