"""An LMS registers us by itself: the whole way over HTTP against the sandbox, and everything that must stop it (T7)."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from lti import scopes
from lti.models import Deployment, Institution, Registration, RegistrationLink, ToolKey
from lti.registering import dynamic_registration
from lti.registering import links as registration_links
from lti.registering.dynamic_registration import TOOL, Offer
from lti.registering.openid_configuration import PLATFORM
from lti.registering.refusals import RegistrationRefused
from tests.lti.scripted import Said, ScriptedLms

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def school(name="School"):
    return Institution.objects.get_or_create(name=name, slug=name.lower())[0]


def make_link(**fields):
    fields = {"name": "Our LMS", "institution": school(), "now": NOW, **fields}
    return registration_links.make(**fields)


def configuration(url, **changes):
    told = {
        "issuer": url,
        "authorization_endpoint": f"{url}/auth",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
        "registration_endpoint": f"{url}/register",
        "id_token_signing_alg_values_supported": ["RS256"],
        PLATFORM: {"product_family_code": "some-lms", "messages_supported": [{"type": "LtiResourceLinkRequest"}]},
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


JSON = {"Content-Type": "application/json; charset=utf-8"}


class Lms:
    """An LMS whose two answers a test chooses."""

    def __init__(self):
        self.changes: dict[str, object] = {}
        self.configuration: Said | None = None
        self.answer = Said({"client_id": "c-1", TOOL: {"deployment_id": "7"}}, headers=JSON)
        self.server = ScriptedLms(self._say)

    def _say(self, asked):
        if asked.path == "/register":
            return self.answer
        return self.configuration or Said(configuration(self.server.url, **self.changes), headers=JSON)

    def offer(self, token="t0k3n"):
        return Offer(f"{self.server.url}/configuration", token)

    @property
    def told(self):
        """The body of the last registration."""
        return [asked for asked in self.server.asked if asked.path == "/register"][-1].json


@pytest.fixture
def lms():
    made = Lms()
    with made.server:
        yield made


def register(lms, link=None, *, now=NOW, token="t0k3n"):
    return dynamic_registration.register(link or make_link()[0], lms.offer(token), now=now)


def refused(lms, link=None):
    """Why it did not come about; the link may be used again and nothing is kept."""
    link = link or make_link()[0]
    with pytest.raises(RegistrationRefused) as problem:
        register(lms, link)
    link.refresh_from_db()
    assert (link.used_at, link.claimed_until, link.registration) == (None, None, None)
    return problem.value


# --- what we say and keep


def test_the_lms_is_kept_as_it_described_itself_and_waits_for_approval_reg_05_07(lms):
    link = make_link()[0]
    outcome = register(lms, link)
    registration = Registration.objects.get()
    assert outcome.registration == registration
    assert (outcome.is_new, outcome.has_deployment, outcome.missing_scopes) == (True, True, ())
    url = lms.server.url
    assert (registration.issuer, registration.client_id, registration.name) == (url, "c-1", "Our LMS")
    assert (registration.auth_login_url, registration.auth_token_url) == (f"{url}/auth", f"{url}/token")
    assert (registration.jwks_url, registration.product, registration.audience) == (f"{url}/jwks", "some-lms", "")
    assert (registration.status, registration.deployment_policy) == ("pending", "pending")
    assert list(registration.deployments.values_list("deployment_id", "status")) == [("7", "active")]
    assert registration.deployments.get().institution == registration.institution == school()
    link.refresh_from_db()
    assert (link.used_at, link.registration, link.claimed_until) == (NOW, registration, None)
    assert ToolKey.objects.count() == 1


def test_a_link_made_so_makes_it_active_at_once(lms):
    assert register(lms, make_link(is_preapproved=True, deployment_policy="auto")[0]).registration.status == "active"
    assert Registration.objects.get().deployment_policy == "auto"


def test_the_lms_is_told_all_that_the_standard_asks_for_reg_06(lms, settings):
    settings.PUBLIC_URL = "https://byte.example:8443"
    lms.changes = {"scopes_supported": [scopes.SCORE, scopes.LINEITEM, "openid"]}
    registration = register(lms).registration
    asked = lms.server.asked[-1]
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json")
    assert asked.headers["Authorization"] == "Bearer t0k3n"
    told = lms.told
    tool = told.pop(TOOL)
    assert told == {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"https://byte.example:8443/lti/login/{registration.uuid}/",
        "redirect_uris": ["https://byte.example:8443/lti/launch/"],
        "client_name": "ITPM Byte",
        "client_uri": "https://byte.example:8443",
        "jwks_uri": "https://byte.example:8443/.well-known/jwks.json",
        "logo_uri": "https://byte.example:8443/static/lti/tool.svg",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{scopes.LINEITEM} {scopes.SCORE}",
    }
    assert (tool["domain"], tool["target_link_uri"]) == ("byte.example:8443", "https://byte.example:8443/lti/launch/")
    assert tool["claims"] == ["iss", "sub", "name", "given_name", "family_name", "locale"]
    assert [message["type"] for message in tool["messages"]] == ["LtiResourceLinkRequest"]
    assert tool["custom_parameters"]["context_history"] == "$Context.id.history"
    assert "byte" not in tool["custom_parameters"]


def test_only_what_the_lms_has_is_asked_of_it(lms):
    kinds = ("LtiDeepLinkingRequest", "LtiResourceLinkRequest", "LtiEulaRequest", "LtiSubmissionReviewRequest")
    platform = {
        "product_family_code": "x",
        "messages_supported": [*({"type": kind} for kind in kinds), "odd", {}],
        "variables": ["Context.id.history", "User.id"],
    }
    lms.changes = {PLATFORM: platform, "claims_supported": ["sub", "iss", "name"]}
    register(lms)
    tool = lms.told[TOOL]
    assert tool["custom_parameters"] == {"context_history": "$Context.id.history"}
    assert tool["claims"] == ["iss", "sub", "name"]
    told = [message["type"] for message in tool["messages"]]
    assert told == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"]


def test_the_token_is_shown_to_the_configuration_too_and_left_out_where_there_is_none_reg_03(lms):
    register(lms)
    register(lms, token="")
    assert [asked.headers.get("Authorization") for asked in lms.server.asked] == [*["Bearer t0k3n"] * 2, None, None]


@pytest.mark.parametrize("status", [200, 201])
def test_both_words_for_success_count_reg_07(lms, status):
    lms.answer.status = status
    assert register(lms).is_new


def test_an_lms_that_makes_deployments_later_leaves_them_to_the_policy_reg_07(lms):
    lms.answer = Said({"client_id": 10000000000042, "scope": scopes.SCORE}, status=201, headers=JSON)
    outcome = register(lms, make_link(deployment_policy="auto")[0])
    assert (outcome.has_deployment, Deployment.objects.count()) == (False, 0)
    assert outcome.registration.client_id == "10000000000042"
    assert outcome.missing_scopes == tuple(
        sorted([scopes.LINEITEM, scopes.LINEITEM_READ, scopes.RESULT_READ, scopes.ROSTER_READ])
    )
    assert RegistrationLink.objects.get().granted_scopes == [scopes.SCORE]


def test_an_audience_is_kept_where_it_is_an_address_reg_05(lms):
    lms.changes = {"authorization_server": "https://api.brightspace.com/auth/token"}
    assert register(lms).registration.audience == "https://api.brightspace.com/auth/token"
    lms.changes = {"authorization_server": "canvas.instructure.com"}
    lms.answer = Said({"client_id": "c-2"}, headers=JSON)
    assert register(lms).registration.audience == ""


# --- the same again (REG-08)


def test_the_same_issuer_and_client_id_update_the_row_reg_08(lms):
    first = register(lms).registration
    Registration.objects.update(
        status="active", name="Renamed by Sue", deployment_policy="reject", jwks={"url": first.jwks_url, "keys": []}
    )
    lms.changes = {"jwks_uri": f"{lms.server.url}/keys", "authorization_endpoint": f"{lms.server.url}/sso"}
    lms.answer = Said({"client_id": "c-1", TOOL: {"deployment_id": "8"}}, headers=JSON)
    outcome = register(lms)
    registration = Registration.objects.get()
    assert (outcome.is_new, registration.pk) == (False, first.pk)
    assert (registration.name, registration.status, registration.deployment_policy) == (
        "Renamed by Sue",
        "active",
        "reject",
    )
    assert (registration.auth_login_url, registration.jwks_url) == (f"{lms.server.url}/sso", f"{lms.server.url}/keys")
    assert registration.jwks is None
    assert sorted(registration.deployments.values_list("deployment_id", flat=True)) == ["7", "8"]
    assert lms.told["initiate_login_uri"].endswith(f"/lti/login/{registration.uuid}/")


def test_a_new_client_id_is_a_new_row_reg_08(lms):
    register(lms)
    lms.answer = Said({"client_id": "c-2", TOOL: {"deployment_id": "8"}}, headers=JSON)
    assert register(lms).is_new
    assert Registration.objects.count() == 2


def test_what_staff_switched_off_stays_off(lms):
    register(lms)
    Registration.objects.update(status="disabled")
    assert register(lms, make_link(is_preapproved=True)[0]).registration.status == "disabled"


def test_what_waits_becomes_active_by_a_link_made_so(lms):
    register(lms)
    assert register(lms, make_link(is_preapproved=True)[0]).registration.status == "active"


def test_another_institution_s_registration_is_not_touched_sec_17(lms):
    register(lms)
    before = Registration.objects.values().get()
    assert refused(lms, make_link(institution=school("Other"))[0]).reason == "other_owner"
    assert Registration.objects.values().get() == before


# --- what stops it (T7, SEC-07)


def test_a_configuration_of_another_host_is_not_believed_reg_04(lms):
    lms.changes = {"issuer": "https://moodle.example.edu"}
    problem = refused(lms)
    assert (problem.reason, problem.said) == ("issuer_mismatch", "https://moodle.example.edu")
    assert lms.server.paths("/register") == []


def test_an_issuer_that_staff_wrote_down_is_believed_reg_04(lms):
    lms.changes = {"issuer": "https://canvas.instructure.com"}
    link = make_link(issuer="https://canvas.instructure.com", host="127.0.0.1")[0]
    assert register(lms, link).registration.issuer == "https://canvas.instructure.com"
    assert refused(lms, make_link(issuer="https://other.example", host="127.0.0.1")[0]).reason == "issuer_mismatch"


@pytest.mark.parametrize(
    ("change", "reason", "named"),
    [
        ({"issuer": None}, "configuration_invalid", "issuer"),
        ({"issuer": 5}, "configuration_invalid", "issuer"),
        ({"token_endpoint": None}, "configuration_invalid", "token_endpoint"),
        ({"token_endpoint": "ftp://127.0.0.1/"}, "configuration_invalid", "token_endpoint"),
        ({"jwks_uri": ""}, "configuration_invalid", "jwks_uri"),
        ({"jwks_uri": "https://evil.example/jwks"}, "endpoint_elsewhere", "jwks_uri"),
        ({"registration_endpoint": "https://169.254.169.254/latest"}, "endpoint_elsewhere", "registration_endpoint"),
        ({"authorization_endpoint": "https://127.0.0.1.evil.example/"}, "endpoint_elsewhere", "authorization_endpoint"),
        ({"id_token_signing_alg_values_supported": None}, "configuration_invalid", "id_token_signing_alg"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "configuration_invalid", "id_token_signing_alg"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "configuration_invalid", "token_endpoint"),
        ({PLATFORM: None}, "configuration_invalid", PLATFORM),
        ({PLATFORM: []}, "configuration_invalid", PLATFORM),
        ({PLATFORM: {"product_family_code": "x"}}, "configuration_invalid", "messages_supported"),
        ({PLATFORM: {"messages_supported": []}}, "configuration_invalid", "product_family_code"),
    ],
)
def test_an_incomplete_or_foreign_configuration_is_refused_by_name_reg_05(lms, change, reason, named):
    lms.changes = change
    problem = refused(lms)
    assert problem.reason == reason
    assert problem.detail.startswith(named)
    assert lms.server.paths("/register") == []


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        (Said({}, status=404, headers=JSON), "configuration_unreachable", "status 404"),
        (
            Said({}, status=302, headers={"Location": "http://169.254.169.254/"}),
            "configuration_unreachable",
            "status 302",
        ),
        (Said(b"<html>", headers={"Content-Type": "text/html"}), "configuration_invalid", "content type"),
        (Said(b"not json", headers=JSON), "configuration_invalid", "no JSON object"),
        (Said([1], headers=JSON), "configuration_invalid", "no JSON object"),
        (Said(b"[" * 100_000, headers=JSON), "configuration_invalid", "no JSON object"),
        (Said(b" " * 300_000, headers=JSON), "configuration_unreachable", "answer too large"),
    ],
)
def test_redirects_huge_and_odd_configurations_lead_nowhere_sec_07(lms, said, reason, detail):
    lms.configuration = said
    problem = refused(lms)
    assert (problem.reason, problem.detail) == (reason, detail)
    assert len(lms.server.asked) == 1


@pytest.mark.parametrize(
    ("said", "reason", "words"),
    [
        (Said({"errors": [{"message": "no scope"}]}, status=422), "registration_refused", '[{"message": "no scope"}]'),
        (Said({"error": "invalid", "error_description": "No."}, status=400), "registration_refused", "invalid: No."),
        (Said(b"missing required attribute client_name", status=400), "registration_refused", "missing required"),
        (
            Said(b"<title>x</title><p>Not <b>you</b></p><script>1</script>", status=401),
            "registration_refused",
            "Not you",
        ),
        (Said(b"", status=302, headers={"Location": "http://169.254.169.254/"}), "registration_refused", ""),
        (Said({}, status=202), "registration_refused", "{}"),
        (Said({}, status=200), "registration_invalid", ""),
        (Said([], status=200), "registration_invalid", ""),
        (Said({"client_id": True}, status=200), "registration_invalid", ""),
        (Said(b"nonsense", status=201), "registration_invalid", ""),
        (Said({"client_id": "c" * 256}), "not_storable", "client_id"),
        (Said({"client_id": "c", TOOL: {"deployment_id": "é"}}), "not_storable", "deployment_id"),
        (Said(b"x" * 300_000), "registration_unreachable", ""),
    ],
)
def test_a_refused_registration_tells_the_lms_s_own_words_reg_09(lms, said, reason, words):
    lms.answer = said
    problem = refused(lms)
    assert problem.reason == reason
    assert problem.said.startswith(words)
    assert not Registration.objects.exists()
    assert len(lms.server.paths("/register")) == 1


def test_words_of_an_lms_are_cut_and_one_line_only(lms):
    lms.answer = Said(("word\n\x00\t" * 500).encode(), status=400)
    assert refused(lms).said == " ".join(["word"] * 500)[:400]


def test_in_production_an_lms_must_be_public_and_https_sec_07(lms, settings):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    assert refused(lms).reason == "configuration_unreachable"
    assert lms.server.asked == []


def test_an_lms_that_is_away_is_told_so(lms):
    link = make_link()[0]
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(link, Offer("http://127.0.0.1:9/configuration"), now=NOW)
    assert problem.value.reason == "configuration_unreachable"


# --- one link, one registration (REG-01)


def test_a_used_link_starts_nothing_more_reg_01(lms):
    link = make_link()[0]
    register(lms, link)
    with pytest.raises(RegistrationRefused) as problem:
        register(lms, link)
    assert problem.value.reason == "link_used"
    assert len(lms.server.paths("/register")) == 1


def test_a_name_that_leads_inside_our_network_is_not_followed_t7_sec_07(settings, monkeypatch):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: inside)
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(make_link()[0], Offer("https://moodle.example.edu/configuration"), now=NOW)
    assert (problem.value.reason, problem.value.detail) == ("configuration_unreachable", "address refused")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_at_the_same_time_one_registers_reg_01(lms):
    link = make_link()[0]
    both_ready = threading.Barrier(2, timeout=30)

    def use(_number):
        try:
            both_ready.wait()
            register(lms, link)
        except RegistrationRefused as refused:
            return refused.reason
        finally:
            connection.close()
        return "registered"

    with ThreadPoolExecutor(2) as people:
        came_of_it = sorted(people.map(use, range(2)))
    assert came_of_it[0] in {"link_busy", "link_used"}
    assert came_of_it[1] == "registered"
    assert len(lms.server.paths("/register")) == 1


@pytest.mark.parametrize("offered", [[], [scopes.SCORE], [scopes.SCORE, scopes.NOTICE_HANDLERS, scopes.GROUPS_READ]])
def test_groups_and_notices_are_asked_for_only_where_the_lms_knows_them(lms, offered):
    """OTH-09, OTH-11: an LMS that does not know a scope may refuse the whole registration."""
    lms.changes = {"scopes_supported": offered}
    register(lms)
    rare = {scopes.NOTICE_HANDLERS, scopes.GROUPS_READ}
    assert rare.intersection(lms.told["scope"].split()) == rare.intersection(offered)
