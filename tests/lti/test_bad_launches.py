"""Launches that must not open anything: Cert §6.1.1 and our own cases, over HTTP (BAD-01 to BAD-44)."""

import json
import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from structlog.testing import capture_logs

from lti.models import Deployment, Launch, PlatformUser, Registration
from tests import shapes
from tests.lti.platform import FIRST, LEFT_OUT, OWN, SECOND, TARGET, Visit, by_hand

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.lti.doors")]


@pytest.fixture
def registration(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    return platform.register()


@pytest.fixture
def visit(platform, registration):
    return Visit(platform)


@pytest.fixture
def logs():
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def refused(logs):
    """Checks a refusal: status, reason in the log, a calm page with the same reference number, and nothing opened."""

    def check(answer, reason, status=401, *, launches=0):
        assert answer.status_code == status
        lines = [line for line in logs if line["event"] == "launch_refused"]
        assert [line["reason"] for line in lines] == [reason]
        page = answer.content.decode()
        assert lines[0]["reference"] in page
        assert re.search(r"<h1[^>]*>[^<]+</h1>", page)
        assert Launch.objects.count() == launches
        assert not [name for name in answer.cookies if "lti_launch" in name]
        told = json.dumps(logs, default=str)
        assert "lin@school" not in told
        assert "Lin Tran" not in told
        assert not shapes.has_signed(told)

    return check


def now():
    return int(time.time())


# --- Cert §6.1.1


def test_bad_01_a_token_without_kid_is_refused(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), kid=LEFT_OUT)
    refused(visit.post(id_token=token, state=visit.state), "kid_missing")


def test_bad_02_an_unknown_kid_is_refused_after_one_more_look_at_the_key_set(visit, platform, refused):
    visit.launch()
    asked = platform.asked
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), kid="nobody")
    refused(visit.post(id_token=token, state=visit.state), "kid_unknown", launches=1)
    assert platform.asked == asked + 1


def test_bad_03_another_lti_version_is_refused(visit, refused):
    """CORE-22."""
    refused(visit.launch(version="1.2.0"), "version", 400)


def test_bad_04_a_missing_lti_version_is_refused(visit, refused):
    refused(visit.launch(version=LEFT_OUT), "version", 400)


def test_bad_05_a_signed_message_that_is_no_launch_is_refused(visit, platform, refused):
    visit.log_in()
    refused(visit.post(id_token=platform.sign({"name": "badltilaunch"}), state=visit.state), "not_lti", 400)


def test_bad_05_a_token_of_this_login_without_any_lti_claim_is_refused(visit, platform, refused):
    visit.log_in()
    plain = {name: value for name, value in platform.claims(visit.nonce).items() if "purl.imsglobal.org" not in name}
    refused(visit.post(id_token=platform.sign(plain), state=visit.state), "not_lti", 400)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("target_link_uri", "claim_missing"),
        ("version", "version"),
        ("message_type", "message_type"),
        ("deployment_id", "deployment"),
        ("resource_link", "resource_link"),
        ("roles", "roles"),
    ],
)
def test_bad_06_a_missing_required_claim_is_refused(visit, refused, claim, reason):
    refused(visit.launch(**{claim: LEFT_OUT}), reason, 400)


@pytest.mark.parametrize("off", [-3600, -700])
def test_bad_07_a_token_that_has_expired_is_refused(visit, refused, off):
    refused(visit.launch(exp=now() + off), "exp")


@pytest.mark.parametrize("value", ["soon", True, None, [], float("inf"), float("nan"), 1e30])
def test_bad_07_a_time_that_is_no_number_is_refused(visit, refused, value):
    refused(visit.launch(exp=value), "exp")


def test_bad_08_a_missing_message_type_is_refused(visit, refused):
    refused(visit.launch(message_type=LEFT_OUT), "message_type", 400)


@pytest.mark.parametrize("value", ["LtiStartProctoring", "", 7, ["LtiResourceLinkRequest"]])
def test_bad_08_an_unknown_message_type_is_refused(visit, refused, value):
    """CORE-23."""
    refused(visit.launch(message_type=value), "message_type", 400)


@pytest.mark.parametrize("value", [LEFT_OUT, None, "Learner", {}])
def test_bad_09_roles_that_are_missing_or_no_list_are_refused(visit, refused, value):
    """CORE-27."""
    refused(visit.launch(roles=value), "roles", 400)


@pytest.mark.parametrize("value", [LEFT_OUT, "", None, 1, "é", "x" * 256])
def test_bad_10_a_missing_or_unfit_deployment_id_is_refused(visit, refused, value):
    refused(visit.launch(deployment_id=value), "deployment", 400)


@pytest.mark.parametrize("value", [{}, {"id": ""}, {"id": 5}, {"id": "x" * 256}, {"id": "a\0b"}, "link", None])
def test_bad_11_a_missing_or_unfit_resource_link_id_is_refused(visit, refused, value):
    refused(visit.launch(resource_link=value), "resource_link", 400)


@pytest.mark.parametrize("value", [LEFT_OUT, "", None, 5, "x" * 256, "half a \ud83d character", "a\0b"])
def test_bad_12_a_missing_or_unfit_user_is_refused(visit, refused, value):
    refused(visit.launch(sub=value), "sub", 403)
    assert not PlatformUser.objects.exists()


# --- state


def test_bad_13_a_launch_without_state_is_refused(visit, platform, refused):
    visit.log_in()
    refused(visit.post(id_token=platform.sign(platform.claims(visit.nonce))), "state_missing")


def test_bad_14_an_unknown_state_is_refused(visit, platform, refused):
    visit.log_in()
    refused(visit.post(id_token=platform.sign(platform.claims(visit.nonce)), state="made-up"), "state_unknown")


def test_bad_15_a_state_of_more_than_ten_minutes_ago_is_refused(visit, refused):
    with time_machine.travel(now(), tick=False) as clock:
        visit.log_in()
        clock.shift(timedelta(minutes=10))
        refused(visit.arrive(), "state_expired")


def test_bad_16_a_state_of_another_browser_opens_no_session(visit, platform, logs):
    """CORE-11, SEC-03."""
    visit.log_in()
    other = Visit(platform)
    other.state, other.nonce = visit.state, visit.nonce

    answer = other.arrive()

    # The page asks this browser for a secret that only the first one holds.
    assert answer.status_code == 200
    assert not [name for name in answer.cookies if "lti_launch" in name]
    assert Launch.objects.get().proof_hash == ""
    sent = {"ticket": re.search(r'data-ticket="([^"]*)"', answer.content.decode())[1], "secret": "guessed"}
    confirmed = other.client.post(
        "/lti/confirm/", sent, content_type="application/json", headers={"Origin": "http://testserver"}
    )
    assert confirmed.status_code == 401
    assert [line["reason"] for line in logs if line["event"] == "launch_refused"] == ["state_other_browser"]
    assert Launch.objects.get().proof_hash == ""


def test_bad_17_a_used_state_is_refused(visit, refused):
    visit.log_in()
    visit.arrive()
    refused(visit.arrive(), "state_used", launches=1)


# --- nonce


@pytest.mark.parametrize("value", [LEFT_OUT, "", None, 5])
def test_bad_18_a_missing_nonce_is_refused(visit, refused, value):
    visit.log_in()
    refused(visit.arrive(nonce=value), "nonce")


def test_bad_19_the_nonce_of_another_login_is_refused(visit, refused):
    visit.log_in()
    earlier = visit.nonce
    visit.log_in()
    refused(visit.arrive(nonce=earlier), "nonce")


def test_bad_20_a_replayed_token_is_refused_with_its_own_state_and_with_a_fresh_one(visit, platform, logs):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce))
    assert visit.post(id_token=token, state=visit.state).status_code == 303

    again = visit.post(id_token=token, state=visit.state)
    visit.log_in()
    fresh = visit.post(id_token=token, state=visit.state)

    assert (again.status_code, fresh.status_code) == (401, 401)
    assert [line["reason"] for line in logs if line["event"] == "launch_refused"] == ["state_used", "nonce"]
    assert Launch.objects.count() == 1


# --- signature


def test_bad_21_a_token_without_signature_is_refused(visit, platform, refused):
    visit.log_in()
    token = by_hand({"alg": "none", "kid": "first"}, platform.claims(visit.nonce))
    refused(visit.post(id_token=token, state=visit.state), "algorithm")


def test_bad_22_hs256_signed_with_the_public_key_is_refused(visit, platform, refused):
    visit.log_in()
    token = by_hand({"alg": "HS256", "kid": "first"}, platform.claims(visit.nonce), secret=FIRST.public_pem())
    refused(visit.post(id_token=token, state=visit.state), "algorithm")


def test_bad_23_a_tampered_payload_is_refused(visit, platform, refused):
    visit.log_in()
    header, _, signature = platform.sign(platform.claims(visit.nonce)).split(".")
    _, payload, _ = platform.sign(platform.claims(visit.nonce, sub="ada")).split(".")
    refused(visit.post(id_token=f"{header}.{payload}.{signature}", state=visit.state), "signature")


def test_bad_24_a_token_signed_by_another_registrations_key_is_refused(visit, platform, refused):
    other = platform.register(client_id="other", jwks_url=f"{platform.url}/other")
    other.jwks = {"url": other.jwks_url, "keys": [SECOND.jwk()]}
    other.save()
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), key=SECOND)
    refused(visit.post(id_token=token, state=visit.state), "kid_unknown")


def test_bad_24_another_key_under_the_right_name_is_refused(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), key=SECOND, kid="first")
    refused(visit.post(id_token=token, state=visit.state), "signature")


# --- issuer, audience


def test_bad_25_the_issuer_of_another_registration_is_refused(visit, platform, refused):
    platform.register(issuer="https://elsewhere.example")
    refused(visit.launch(iss="https://elsewhere.example"), "issuer")


def test_bad_26_an_issuer_that_differs_by_a_slash_is_refused(visit, platform, refused):
    """CORE-16."""
    refused(visit.launch(iss=platform.url + "/"), "issuer")


@pytest.mark.parametrize("value", ["other", [], ["other"], None, LEFT_OUT, {"client": 1}, 5])
def test_bad_27_another_audience_is_refused(visit, refused, value):
    refused(visit.launch(aud=value), "audience")


def test_bad_28_an_untrusted_audience_beside_ours_is_refused(visit, refused):
    refused(visit.launch(aud=["other", "client"], azp="client"), "audience")


def test_bad_28_a_trusted_audience_beside_ours_is_accepted_with_azp_only(visit, registration, refused):
    registration.trusted_audiences = ["other"]
    registration.save()
    assert visit.launch(aud=["other", "client"], azp="client").status_code == 303
    refused(visit.launch(aud=["other", "client"]), "azp", launches=1)


@pytest.mark.parametrize("value", ["other", "", 5])
def test_bad_29_a_foreign_authorized_party_is_refused(visit, refused, value):
    refused(visit.launch(azp=value), "azp")


# --- times


def test_bad_30_a_token_without_exp_is_refused(visit, refused):
    refused(visit.launch(exp=LEFT_OUT), "exp")


def test_bad_31_a_token_without_iat_is_refused(visit, refused):
    refused(visit.launch(iat=LEFT_OUT), "iat")


def test_bad_32_a_token_issued_an_hour_ago_is_refused(visit, refused):
    refused(visit.launch(iat=now() - 3600), "iat")


def test_bad_33_a_token_issued_in_ten_minutes_is_refused(visit, refused):
    refused(visit.launch(iat=now() + 600), "iat")


# --- deployment, registration


def test_bad_34_an_unknown_deployment_is_refused(visit, refused):
    refused(visit.launch(deployment_id="2"), "deployment_unknown", 403)
    assert Deployment.objects.count() == 1


def test_bad_34_a_deployment_of_another_registration_is_unknown(visit, platform, refused):
    platform.register(client_id="other", deployment_ids=("theirs",))
    refused(visit.launch(deployment_id="theirs"), "deployment_unknown", 403)


def test_bad_35_a_disabled_deployment_is_refused(visit, refused):
    Deployment.objects.update(status="disabled")
    refused(visit.launch(), "deployment_disabled", 403)


def test_bad_36_an_inactive_registration_is_refused_at_login(visit, refused):
    Registration.objects.update(status="disabled")
    refused(visit.log_in(), "registration_inactive", 403)


def test_bad_36_a_registration_that_was_switched_off_since_the_login_is_refused(visit, refused):
    visit.log_in()
    Registration.objects.update(status="pending")
    refused(visit.arrive(), "registration_inactive", 403)


# --- target


def test_bad_37_a_target_that_differs_from_the_logins_is_refused(visit, refused):
    refused(visit.launch(target_link_uri=f"{TARGET}?other"), "target_mismatch", 400)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        f"{OWN}@evil.example/",
        "http://127.0.0.1:8001/",
        "javascript:alert(1)",
    ],
)
def test_bad_38_a_target_outside_the_tool_is_refused(visit, refused, target):
    visit.log_in(target_link_uri=target)
    refused(visit.arrive(target_link_uri=target), "target_external", 400)


# --- form


@pytest.mark.parametrize("content", [["a"], "text", 5, None, True])
def test_bad_39_a_payload_that_is_no_object_is_refused(visit, platform, refused, content):
    """CORE-12."""
    visit.log_in()
    refused(visit.post(id_token=platform.sign(content), state=visit.state), "token_malformed")


@pytest.mark.parametrize("token", ["a", "a.b", "a.b.c", "a.b.c.d", "....", "é.é.é", "W10.e30.x", "bnVsbA.e30.x"])
def test_bad_39_a_token_that_is_none_is_refused(visit, refused, token):
    visit.log_in()
    refused(visit.post(id_token=token, state=visit.state), "token_malformed")


def test_bad_39_a_token_of_nested_lists_is_refused(visit, platform, refused):
    visit.log_in()
    header = by_hand({"alg": "RS256", "kid": "first"}, {}).split(".")[0]
    deep = "WVtb" * 10_000
    refused(visit.post(id_token=f"{header}.{deep}.x", state=visit.state), "signature")


def test_bad_40_an_oversized_token_is_refused_unread(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce, padding="x" * 65_536))
    refused(visit.post(id_token=token, state=visit.state), "token_too_large")
    assert platform.asked == 0


# --- other ways to arrive


@pytest.mark.parametrize(
    ("error", "reason"),
    [("login_required", "lms_login_required"), ("access_denied", "lms_refused"), ("<b>lin@school</b>", "lms_refused")],
)
def test_bad_41_an_error_of_the_lms_is_told_in_words(visit, refused, logs, error, reason):
    """CORE-10."""
    visit.log_in()
    answer = visit.post(error=error, error_description="Lin Tran <lin@school.example>", state=visit.state)
    refused(answer, reason)
    assert b"Lin Tran" not in answer.content


def test_bad_42_a_get_on_the_launch_address_shows_a_help_page(visit, refused):
    refused(visit.client.get("/lti/launch/"), "launch_by_get", 405)


def test_bad_43_two_tokens_at_once_are_refused(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce))
    refused(visit.post(id_token=[token, token], state=visit.state), "request_malformed", 400)


def test_bad_43_two_states_at_once_are_refused(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce))
    refused(visit.post(id_token=token, state=[visit.state, visit.state]), "request_malformed", 400)


def test_a_launch_without_token_is_refused(visit, refused):
    visit.log_in()
    refused(visit.post(state=visit.state), "token_missing", 400)


# --- key set


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (404, b'{"keys": []}'),
        (302, b""),
        (200, b"<html>"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": {}}'),
        (200, b'["keys"]'),
        (200, b'{"error": "down"}'),
        (200, b"[" * 100_000),
        (200, b'{"keys": ["' + b"x" * 600_000 + b'"]}'),
    ],
)
def test_bad_44_a_key_set_that_cannot_be_had_asks_to_try_again_and_is_not_kept(visit, platform, refused, status, body):
    platform.answer.status, platform.answer.body = status, body
    refused(visit.launch(), "keys_unavailable", 503)
    assert Registration.objects.get().jwks is None


def test_bad_44_an_lms_that_is_down_asks_to_try_again(platform, settings, refused):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    platform.register(jwks_url="http://127.0.0.1:9/jwks")
    refused(Visit(platform).launch(), "keys_unavailable", 503)


def test_bad_44_a_minute_later_the_key_service_is_asked_again(visit, platform, logs):
    platform.answer.status = 500
    with time_machine.travel(now(), tick=False) as clock:
        assert visit.launch().status_code == 503
        platform.publish(FIRST.jwk())
        assert visit.launch().status_code == 503
        assert platform.asked == 1
        clock.shift(timedelta(seconds=60))
        assert visit.launch().status_code == 303
    assert platform.asked == 2


# --- what a refusal tells, and what not


def test_a_refusal_of_a_verified_token_leads_back_with_words_for_lms_and_person(visit, platform, refused):
    """OTH-01."""
    answer = visit.launch(version="1.0")
    refused(answer, "version", 400)
    page = answer.content.decode()
    assert f'href="{platform.url}/course?a=b&amp;lti_errormsg=' in page
    assert "lti_log=version" in page


def test_a_refusal_of_a_token_that_is_not_believed_links_nowhere(visit, platform, refused):
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), key=SECOND, kid="first")
    answer = visit.post(id_token=token, state=visit.state)
    refused(answer, "signature")
    assert platform.url.encode() not in answer.content


def test_outsiders_see_the_same_page_for_an_unknown_lms_client_and_deployment(visit, platform):
    """SEC-20."""

    def page(answer):
        assert answer.status_code == 403
        return re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}", "", answer.content.decode())

    Deployment.objects.create(
        registration=Registration.objects.get(),
        institution=Registration.objects.get().institution,
        deployment_id="off",
        status="disabled",
    )
    pages = {
        page(visit.log_in(iss="https://nobody.example")),
        page(visit.log_in(client_id="nobody")),
        page(visit.log_in(lti_deployment_id="off")),
    }
    Registration.objects.update(status="disabled")
    pages.add(page(visit.log_in()))

    assert len(pages) == 1


def test_a_launch_needs_no_csrf_token_and_no_session(platform, registration):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/lti/launch/", {}).status_code == 401
    assert not client.cookies
