"""The token endpoint takes nothing that a strict platform would not (AGS-01…05)."""

import time

import jwt
import pytest
import requests

from itpm_byte.sandbox.manners import ALL_SCOPES, RESULT_SCOPE, SCORE_SCOPE
from itpm_byte.sandbox.service import RESULTS_TYPE


def refused(answer):
    assert answer.status_code == 400
    return answer.json()["error"]


def test_a_right_assertion_gets_a_token_for_an_hour(lms, tool):
    answer = tool.ask_token()
    said = answer.json()
    assert answer.status_code == 200
    assert len(said.pop("access_token")) > 30
    assert said == {"token_type": "Bearer", "expires_in": 3600, "scope": " ".join(ALL_SCOPES)}
    assert answer.headers["Cache-Control"] == "no-store"


def test_moodle_calls_its_json_html_and_canvas_does_not(moodle, canvas, tool):
    assert tool.ask_token().headers["Content-Type"] == "application/json; charset=utf-8"
    tool.lms = moodle
    assert tool.ask_token().headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"},
        {"sub": "another"},
        {"sub": None},
        {"aud": None},
        {"aud": "https://elsewhere.example/token"},
        {"iat": None},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
    ],
)
def test_claims_of_the_assertion_must_be_right(lms, tool, claims):
    assert refused(tool.ask_token(tool.assertion(**claims))) == "invalid_client"


def test_the_audience_is_the_token_address_to_the_letter_and_one_string(lms, tool):
    assert refused(tool.ask_token(tool.assertion(aud=lms.token_url.rstrip("/")))) == "invalid_client"
    assert refused(tool.ask_token(tool.assertion(aud=[lms.token_url]))) == "invalid_client"


def test_a_clock_ahead_is_refused_without_leeway(lms, tool):
    answer = tool.ask_token(tool.assertion(iat=int(time.time()) + 30))
    assert refused(answer) == "invalid_client"
    assert "iat prior" in answer.json()["error_description"]


def test_an_assertion_that_expired_is_refused(lms, tool):
    now = int(time.time())
    assert refused(tool.ask_token(tool.assertion(iat=now - 100, exp=now - 1))) == "invalid_client"


def test_an_assertion_for_more_than_an_hour_is_refused(lms, tool):
    assert refused(tool.ask_token(tool.assertion(exp=int(time.time()) + 3700))) == "invalid_client"


def test_an_assertion_works_once(lms, tool):
    assertion = tool.assertion()
    assert tool.ask_token(assertion).status_code == 200
    assert refused(tool.ask_token(assertion)) == "invalid_client"


def test_an_assertion_names_a_key(lms, tool):
    assert refused(tool.ask_token(tool.assertion(header={"kid": None}))) == "invalid_client"
    assert refused(tool.ask_token(tool.assertion(header={"kid": "unknown"}))) == "invalid_client"


def test_an_assertion_is_signed_with_rs256(lms, tool):
    claims = jwt.decode(tool.assertion(), options={"verify_signature": False})
    weak = jwt.encode(claims, "a secret that both sides would have to know", "HS256", headers={"kid": tool.kid})
    assert refused(tool.ask_token(weak)) == "invalid_client"
    assert refused(tool.ask_token("no.jwt.at-all")) == "invalid_client"


def test_a_tampered_assertion_is_refused(lms, tool):
    head, _payload, signature = tool.assertion().split(".")
    other = tool.assertion(sub="another").split(".")[1]
    assert refused(tool.ask_token(f"{head}.{other}.{signature}")) == "invalid_client"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("grant_type", "authorization_code", "unsupported_grant_type"),
        ("client_assertion_type", "jwt", "invalid_request"),
        ("client_assertion", "", "invalid_request"),
    ],
)
def test_the_form_must_be_right(lms, tool, field, value, error):
    fields = {"grant_type": "client_credentials"} | {field: value}
    assertion = fields.pop("client_assertion", None)
    if assertion == "":
        answer = requests.post(lms.token_url, data={**fields, "client_assertion_type": ASSERTION}, timeout=20)
    else:
        answer = tool.ask_token(**fields)
    assert refused(answer) == error


ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def test_json_instead_of_a_form_is_refused(lms, tool):
    body = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "scope": SCORE_SCOPE}
    answer = requests.post(lms.token_url, json={**body, "client_assertion": tool.assertion()}, timeout=20)
    assert refused(answer) == "invalid_request"


def test_get_is_refused(lms):
    assert requests.get(lms.token_url, timeout=20).status_code == 405


def test_unknown_scopes_are_dropped_by_moodle_and_refused_by_canvas(moodle, canvas, tool):
    asked = [SCORE_SCOPE, "https://elsewhere.example/scope"]
    assert refused(tool.ask_token(scopes=asked)) == "invalid_scope"
    tool.lms = moodle
    assert tool.ask_token(scopes=asked).json()["scope"] == SCORE_SCOPE


@pytest.mark.parametrize("scopes", [[], ["https://elsewhere.example/scope"]])
def test_no_known_scope_at_all_is_refused(lms, tool, scopes):
    assert refused(tool.ask_token(scopes=scopes)) == "invalid_scope"


def test_a_scope_the_tool_was_not_given_is_not_granted(moodle, tool):
    moodle.connect_tool(scopes=[SCORE_SCOPE])
    assert tool.ask_token().json()["scope"] == SCORE_SCOPE


def test_the_tools_keys_are_kept_and_fetched_anew_only_when_they_do_not_verify(lms, tool):
    tool.token()
    tool.token()
    assert tool.keyset_fetches == 1
    tool.change_key("tool-2")
    tool.token()
    assert tool.keyset_fetches == 2
    tool.change_key("tool-2")  # same name, other key
    tool.token()
    assert tool.keyset_fetches == 3


def test_when_the_tools_keys_cannot_be_read_moodle_falls_over_with_html(moodle, tool):
    tool.keyset_status = 500
    answer = tool.ask_token()
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    tool.keyset_status = 200
    assert tool.ask_token().status_code == 200


def test_when_the_tools_keys_cannot_be_read_canvas_says_so(canvas, tool):
    canvas.connect_tool(jwks_url="http://127.0.0.1:1/nobody-home")
    assert refused(tool.ask_token()) == "invalid_request"


def read_results(tool, token):
    return tool.request("GET", tool.address("careers", "/results"), token=token, headers={"Accept": RESULTS_TYPE})


@pytest.mark.parametrize("token", ["made-up", "", "two words"])
def test_an_unknown_token_is_refused(lms, tool, token):
    answer = read_results(tool, token or " ")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_is_refused(lms, tool):
    token = tool.token()
    lms.shift_clock(3599)
    assert read_results(tool, token).status_code == 200
    lms.shift_clock(3601)
    assert read_results(tool, token).status_code == 401


def test_forgotten_tokens_are_refused_and_new_ones_work(lms, tool):
    token = tool.token()
    lms.forget_tokens()
    assert read_results(tool, token).status_code == 401
    assert read_results(tool, tool.token()).status_code == 200


def test_a_token_without_the_scope_is_refused_with_each_lmss_own_status(moodle, canvas, tool):
    assert read_results(tool, tool.token(SCORE_SCOPE)).status_code == 403
    tool.lms = moodle
    assert read_results(tool, tool.token(SCORE_SCOPE)).status_code == 401
    assert read_results(tool, tool.token(RESULT_SCOPE)).status_code == 200
