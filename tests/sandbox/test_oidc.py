"""The authentication endpoint is as strict as a platform may be (security framework §5.1.1)."""

import re
from urllib.parse import parse_qsl

import jwt
import pytest
import requests

from itpm_byte.sandbox.forms import first_form
from itpm_byte.sandbox.server import RefusedByLms


def ask(lms, tool, browser, user="lin", link="careers", *, enter=True, **changes):
    if enter:
        lms.enter(browser, user)
    return browser.get(tool.auth_address(lms.login_form(user, link), **changes), timeout=20)


def test_a_right_request_is_answered_with_a_page_that_posts_token_and_state(lms, tool, browser):
    page = ask(lms, tool, browser)
    form = first_form(browser, page)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert form.url == f"{tool.url}/lti/launch/"
    assert sorted(form.fields) == ["id_token", "state"]
    assert form.fields["state"] == "the state"
    assert lms.journal.refusals == []


def test_the_page_has_a_button_for_browsers_without_scripts(moodle, tool, browser):
    assert re.search(r"<noscript>\s*<button", ask(moodle, tool, browser).text)


def test_the_request_may_be_posted(moodle, tool, browser):
    moodle.enter(browser, "lin")
    address, _, query = tool.auth_address(moodle.login_form("lin", "careers")).partition("?")
    page = browser.post(address, data=dict(parse_qsl(query)), timeout=20)
    assert sorted(first_form(browser, page).fields) == ["id_token", "state"]


def test_the_token_verifies_against_the_published_keys(lms, tool, browser):
    form = first_form(browser, ask(lms, tool, browser))
    key = jwt.PyJWKClient(lms.jwks_url).get_signing_key_from_jwt(form.fields["id_token"])
    claims = jwt.decode(form.fields["id_token"], key.key, algorithms=["RS256"], audience=lms.client_id)
    assert claims["iss"] == lms.issuer
    assert claims["nonce"] == "the nonce"
    assert claims["sub"] == lms.store.person("lin")["id"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scope": "openid profile"}, "scope must be openid"),
        ({"scope": None}, "scope must be openid"),
        ({"response_type": "code"}, "response_type must be id_token"),
        ({"response_mode": "fragment"}, "response_mode must be form_post"),
        ({"response_mode": None}, "response_mode must be form_post"),
        ({"prompt": "login"}, "prompt must be none"),
        ({"prompt": None}, "prompt must be none"),
        ({"nonce": None}, "nonce is missing"),
        ({"state": ""}, "state is missing"),
        ({"login_hint": None}, "login_hint is missing"),
        ({"lti_message_hint": None}, "lti_message_hint is missing"),
        ({"lti_message_hint": "made up"}, "lti_message_hint is unknown or was used before"),
        ({"client_id": "another"}, "client_id is not one this LMS gave out"),
    ],
)
def test_a_wrong_request_ends_on_an_error_page_of_the_lms(lms, tool, browser, changes, reason):
    page = ask(lms, tool, browser, **changes)
    assert page.status_code == 400
    assert 'name="id_token"' not in page.text
    assert "Invalid request" in page.text
    assert lms.journal.refusals == [reason]


@pytest.mark.parametrize("addition", ["?launch=1", "x", "#part"])
def test_a_redirect_address_that_differs_by_a_letter_is_refused(moodle, tool, browser, addition):
    page = ask(moodle, tool, browser, redirect_uri=f"{tool.url}/lti/launch/{addition}")
    assert page.status_code == 404
    assert moodle.journal.refusals == ["redirect_uri is not registered, to the letter"]


def test_a_parameter_sent_twice_is_refused(moodle, tool, browser):
    moodle.enter(browser, "lin")
    address = tool.auth_address(moodle.login_form("lin", "careers")) + "&nonce=another"
    assert browser.get(address, timeout=20).status_code == 400
    assert moodle.journal.refusals == ["nonce came more than once"]


def test_the_message_hint_works_once(lms, tool, browser):
    lms.enter(browser, "lin")
    address = tool.auth_address(lms.login_form("lin", "careers"))
    assert browser.get(address, timeout=20).status_code == 200
    assert browser.get(address, timeout=20).status_code == 400
    assert lms.journal.refusals == ["lti_message_hint is unknown or was used before"]


def test_somebody_else_at_the_same_browser_is_told_to_the_tool_as_access_denied(lms, tool, browser):
    address = tool.auth_address(lms.login_form("lin", "careers"))
    lms.enter(browser, "kai")
    form = first_form(browser, browser.get(address, timeout=20))
    assert form.url == f"{tool.url}/lti/launch/"
    assert form.fields["error"] == "access_denied"
    assert form.fields["state"] == "the state"
    assert "id_token" not in form.fields


def test_a_login_hint_of_another_person_is_access_denied(moodle, tool, browser):
    form = first_form(browser, ask(moodle, tool, browser, login_hint=moodle.store.person("ada")["id"]))
    assert form.fields["error"] == "access_denied"


def test_a_launch_begun_by_one_person_is_not_finished_by_another_who_changes_the_hint(moodle, tool, browser):
    login = moodle.login_form("lin", "careers") | {"login_hint": moodle.store.person("kai")["id"]}
    moodle.enter(browser, "kai")
    form = first_form(browser, browser.get(tool.auth_address(login), timeout=20))
    assert form.fields["error"] == "access_denied"


def test_without_a_cookie_the_lms_first_posts_to_itself_and_then_says_login_required(lms, tool, browser):
    repost = first_form(browser, ask(lms, tool, browser, enter=False))
    assert repost.url == lms.auth_url
    form = first_form(browser, repost.post())
    assert form.url == f"{tool.url}/lti/launch/"
    assert form.fields["error"] == "login_required"


def test_when_the_cookie_comes_along_with_the_repost_the_launch_goes_on(moodle, tool, browser):
    with requests.Session() as without_cookie:
        repost = first_form(browser, ask(moodle, tool, without_cookie, enter=False))
    moodle.enter(browser, "lin")
    assert sorted(first_form(browser, repost.post()).fields) == ["id_token", "state"]


def test_launch_walks_the_whole_way(lms, tool, browser):
    form = lms.launch(browser, "lin", "careers")
    arrived = form.post().json()
    assert arrived == {"id_token": [form.fields["id_token"]], "state": ["the state"]}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_launch_understands_a_login_that_answers_with_a_page(moodle, tool, browser, method):
    tool.answers_with_page = True
    assert sorted(moodle.launch(browser, "ada", "careers-window", method=method).fields) == ["id_token", "state"]


def test_launch_says_when_the_lms_refuses(moodle, tool, browser):
    moodle.connect_tool(redirect_uris=["http://127.0.0.1:1/elsewhere/"])
    with pytest.raises(RefusedByLms, match="Invalid request"):
        moodle.launch(browser, "lin", "careers")
