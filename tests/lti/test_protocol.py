"""Each defect of pylti1p3 2.0.0 that we know of, and that ours is without it. HTTP tells the same in test_bad_launches.

Grades, tokens, paging and the roster have their own tests (test_delivery, test_tokens, test_paging, test_line_items),
roles in test_roles, deep linking in test_deep_linking, key rotation in test_keys.
"""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from pylti1p3.contrib.django import DjangoDbToolConf, DjangoMessageLaunch, DjangoOIDCLogin

from lti import launch, protocol
from lti.errors import LaunchRefused
from lti.models import Deployment, Login, Registration
from lti.proofs import hash_secret, is_secret_of
from tests.lti.platform import FIRST, LEFT_OUT, LTI, SECOND, TARGET, Visit

pytestmark = pytest.mark.django_db
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


@pytest.fixture
def registration(platform):
    return platform.register()


@pytest.fixture
def begin(platform, registration):
    def begin_login(*, uuid=None, **changes):
        sent = {"iss": platform.url, "login_hint": "hint", "target_link_uri": TARGET, "client_id": "client", **changes}
        sent = {name: value for name, value in sent.items() if value is not LEFT_OUT}
        return protocol.begin_login(sent, registration_uuid=uuid, now=timezone.now())

    return begin_login


@pytest.fixture
def read(platform, begin):
    """Read a launch for a fresh login, or for `start`."""

    def read_launch(start=None, *, key=None, later=timedelta(0), **changes):
        start = start or begin()
        claims = platform.claims(**{"nonce": start.login.nonce, **changes})
        post = {"id_token": platform.sign(claims, key=key), "state": start.state}
        return protocol.read_launch(post, now=timezone.now() + later)

    return read_launch


def reason(function, *args, **kwargs):
    with pytest.raises(LaunchRefused) as refused:
        function(*args, **kwargs)
    return refused.value.reason


def asked(start):
    return {name: values[0] for name, values in parse_qs(urlsplit(start.auth_url).query).items()}


def test_the_library_is_used_through_its_own_django_classes():
    assert issubclass(protocol.OidcLogin, DjangoOIDCLogin)
    assert issubclass(protocol.LaunchMessage, DjangoMessageLaunch)
    assert issubclass(protocol.ToolConf, DjangoDbToolConf)


def test_a_verified_launch_can_be_asked_by_the_librarys_own_methods(platform, begin):
    start = begin()
    post = {"id_token": platform.sign(platform.claims(start.login.nonce)), "state": start.state}
    message = protocol.LaunchMessage(post, now=timezone.now())
    assert message.get_launch_data()["sub"] == "lin"
    assert (message.is_resource_launch(), message.has_ags(), message.has_nrps()) == (True, True, True)


# --- login: hints, target, deployment


def test_the_authentication_request_is_complete_and_hints_are_unaltered(begin):
    """CORE-07."""
    hint = 'a b+c/="é&<{"cmid": 26}'
    start = begin(login_hint=hint, lti_message_hint=hint, canvas_region="eu", deployment_id="x")
    sent = asked(start)
    assert (sent.pop("state"), sent.pop("nonce")) == (start.state, start.login.nonce)
    assert sent == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "client",
        "redirect_uri": TARGET,
        "login_hint": hint,
        "lti_message_hint": hint,
    }


def test_no_message_hint_is_sent_where_none_came(begin):
    assert "lti_message_hint" not in asked(begin())


def test_the_login_remembers_what_the_launch_must_match(begin, registration):
    login = begin(lti_deployment_id="1", lti_storage_target="_parent").login
    login.refresh_from_db()
    assert (login.registration, login.target_link_uri, login.deployment_hint) == (registration, TARGET, "1")
    assert (login.storage_target, login.expires_at - login.created_at) == ("_parent", timedelta(minutes=10))


@pytest.mark.parametrize("name", ["top", "__proto__", "a b", "é", "x" * 65, "<b>", "a,b"])
def test_a_storage_target_that_could_be_more_than_a_name_is_dropped(begin, name):
    assert begin(lti_storage_target=name).login.storage_target == ""


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_a_login_needs_issuer_hint_and_target(begin, name):
    """CORE-02."""
    assert reason(begin, **{name: LEFT_OUT}) == "login_incomplete"
    assert reason(begin, **{name: ""}) == "login_incomplete"


@pytest.mark.parametrize(
    "changes",
    [
        {"login_hint": "x" * 8001},
        {"lti_message_hint": "x" * 8001},
        {"target_link_uri": "x" * 2001},
        {"lti_deployment_id": "x" * 256},
        {"iss": "https://lms.example\0"},
        {"login_hint": "\ud83d"},
    ],
)
def test_a_login_that_no_database_or_address_could_hold_is_refused(begin, changes):
    assert reason(begin, **changes) == "request_malformed"


def test_parameters_that_came_twice_are_not_guessed_at(begin, platform):
    twice = MultiValueDict({"iss": [platform.url, "https://other.example"], "login_hint": ["x"]})
    assert reason(protocol.begin_login, twice, registration_uuid=None, now=timezone.now()) == "request_malformed"


def test_a_deployment_that_is_switched_off_ends_the_login_early(begin, registration):
    """CORE-05."""
    Deployment.objects.update(status="disabled")
    assert reason(begin, lti_deployment_id="1") == "deployment_disabled"
    assert begin(lti_deployment_id="unknown so far")


def test_a_launch_of_another_deployment_than_announced_is_refused(begin, read):
    assert reason(read, begin(lti_deployment_id="2")) == "deployment_mismatch"


# --- auth URL with "?"


def test_an_auth_url_keeps_the_query_it_has(begin, platform):
    Registration.objects.update(auth_login_url=f"{platform.url}/auth?tenant=a%2Fb&x=")
    url = begin().auth_url
    assert url.startswith(f"{platform.url}/auth?tenant=a%2Fb&x=&scope=openid&")
    assert url.count("?") == 1


# --- no client_id at login


def test_without_client_id_the_default_registration_is_taken_not_any_other(begin, platform):
    """CORE-03."""
    other = platform.register(client_id="other", is_default=True)
    platform.register(client_id="third")
    assert begin(client_id=LEFT_OUT).login.registration == other


def test_without_client_id_and_default_several_registrations_are_ambiguous(begin, platform):
    """CORE-03."""
    platform.register(client_id="other")
    assert reason(begin, client_id=LEFT_OUT) == "platform_ambiguous"


def test_registrations_that_are_not_active_make_nothing_ambiguous(begin, platform, registration):
    platform.register(client_id="other", status="disabled", is_default=True)
    assert begin(client_id=LEFT_OUT).login.registration == registration


def test_the_registrations_own_address_decides_among_several(begin, platform):
    """CORE-03."""
    other = platform.register(client_id="other")
    assert begin(client_id=LEFT_OUT, uuid=other.uuid).login.registration == other


def test_the_registrations_own_address_is_for_its_own_issuer_and_client_only(begin, platform, registration):
    other = platform.register(client_id="other", issuer="https://other.example")
    assert reason(begin, uuid=other.uuid) == "platform_unknown"
    assert reason(begin, uuid=registration.uuid, client_id="other") == "platform_unknown"


@pytest.mark.parametrize("changes", [{"iss": "https://nobody.example"}, {"client_id": "CLIENT"}, {"client_id": "no"}])
def test_an_issuer_or_client_that_nobody_registered_is_unknown(begin, changes):
    assert reason(begin, **changes) == "platform_unknown"
    assert not Login.objects.exists()


# --- state and nonce


def test_state_nonce_and_the_browsers_secret_are_long_random_and_apart(begin):
    """CORE-08."""
    starts = [begin() for _ in range(20)]
    texts = {text for start in starts for text in (start.state, start.login.nonce, start.secret)}
    assert len(texts) == 60
    # base64url: 6 bits a character
    assert min(len(text) for text in texts) * 6 >= 192
    assert max(len(start.state) for start in starts) <= 64


def test_the_database_keeps_only_hashes_of_state_and_secret(begin):
    start = begin()
    login = Login.objects.get()
    assert login.state_hash == hash_secret(start.state)
    assert is_secret_of(start.secret, login.binding_hash)
    assert {start.state, start.secret}.isdisjoint(map(str, vars(login).values()))


def test_an_https_launch_needs_no_cookie_of_the_librarys(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    platform.register()
    visit = Visit(platform)
    visit.client = Client(enforce_csrf_checks=True)
    visit.client.cookies["__Host-lti_probe"] = "1"
    visit.client.defaults["wsgi.url_scheme"] = "https"
    assert visit.launch().status_code == 303
    assert not [name for name in visit.client.cookies if "lti1p3" in name or "session" in name]


def test_a_launch_is_read_once_only_after_it_was_recorded(begin, read, registration):
    start = begin()
    verified = read(start)
    assert read(start).login == verified.login
    launch.record(verified, now=timezone.now())
    assert reason(read, start) == "state_used"
    with pytest.raises(LaunchRefused) as refused:
        launch.record(verified, now=timezone.now())
    assert refused.value.reason == "state_used"


def test_a_nonce_counts_only_with_its_own_state(begin, read):
    """CORE-20."""
    first, second = begin(), begin()
    assert reason(read, first, nonce=second.login.nonce) == "nonce"
    assert reason(read, first, nonce=LEFT_OUT) == "nonce"


# --- exp and iat


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": LEFT_OUT}, "exp"),
        ({"iat": LEFT_OUT}, "iat"),
        ({"iat": -3600}, "iat"),
        ({"iat": -661}, "iat"),
        ({"iat": 62}, "iat"),
        ({"exp": -61}, "exp"),
        ({"exp": "300"}, "exp"),
        ({"iat": True}, "iat"),
    ],
)
def test_both_times_are_required_and_must_be_near(read, changes, expected):
    """CORE-19."""
    now = time.time()
    moved = {name: now + value if type(value) is int else value for name, value in changes.items()}
    assert reason(read, **moved) == expected


@pytest.mark.parametrize("changes", [{"iat": 58}, {"iat": -655}, {"exp": -55}, {"iat": 2}])
def test_clocks_may_differ_by_a_minute(read, changes):
    now = time.time()
    assert read(**{name: now + value for name, value in changes.items()})


# --- aud and azp


def test_our_client_id_may_stand_anywhere_in_the_list_of_audiences(read, registration):
    Registration.objects.update(trusted_audiences=["other"])
    assert read(aud=["other", "client"], azp="client")
    assert read(aud=["client", "other"], azp="client")
    assert read(aud=["client"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aud": ["other", "client"], "azp": "client"}, "audience"),
        ({"aud": ["client", {"x": 1}], "azp": "client"}, "audience"),
        ({"aud": "Client"}, "audience"),
        ({"azp": "other"}, "azp"),
        ({"azp": ["client"]}, "azp"),
    ],
)
def test_foreign_audiences_and_parties_are_refused(read, changes, expected):
    assert reason(read, **changes) == expected


def test_several_audiences_need_an_authorized_party(read):
    Registration.objects.update(trusted_audiences=["other"])
    assert reason(read, aud=["client", "other"]) == "azp"


# --- what crashes the library


@pytest.mark.parametrize("content", [["a", "list"], "text", 5, None])
def test_a_payload_that_is_no_object_is_refused_not_crashed_on(begin, platform, content):
    start = begin()
    post = {"id_token": platform.sign(content), "state": start.state}
    assert reason(protocol.read_launch, post, now=timezone.now()) == "token_malformed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"resource_link": "text"}, "resource_link"),
        ({"resource_link": ["id"]}, "resource_link"),
        ({"resource_link": {"id": "x" * 256}}, "resource_link"),
        ({"context": "text"}, "context"),
        ({"context": {"title": "no id"}}, "context"),
        ({"context": {"id": 5}}, "context"),
        ({"roles": "Instructor"}, "roles"),
        ({"roles": None}, "roles"),
        ({"message_type": ["LtiResourceLinkRequest"]}, "message_type"),
        ({"deployment_id": ["1"]}, "deployment"),
        ({"sub": ["lin"]}, "sub"),
        ({"target_link_uri": 5}, "claim_missing"),
    ],
)
def test_claims_of_the_wrong_shape_are_refused_by_name(read, changes, expected):
    assert reason(read, **changes) == expected


@pytest.mark.parametrize("value", [None, {}, "", []])
def test_optional_claims_that_are_empty_count_as_absent(read, value):
    claims = read(context=value, custom=value, launch_presentation=value, **{AGS: value}).claims
    assert (claims.context, claims.custom, claims.return_url, claims.ags) == (None, {}, "", None)


def test_a_custom_value_of_null_is_dropped(read):
    assert read(custom={"byte": None, "other": "x"}).claims.custom == {"other": "x"}


# --- target_link_uri


def test_the_signed_target_is_required_and_must_be_the_logins(read, begin):
    """CORE-25."""
    assert reason(read, target_link_uri=LEFT_OUT) == "claim_missing"
    assert reason(read, target_link_uri=TARGET + "x") == "target_mismatch"
    assert reason(read, begin(target_link_uri="https://evil.example/"), target_link_uri="https://evil.example/") == (
        "target_external"
    )


# --- sub


def test_nobody_may_launch_where_that_is_allowed(read, registration):
    """CORE-28."""
    assert reason(read, sub=LEFT_OUT) == "sub"
    Registration.objects.update(allows_anonymous=True)
    assert read(sub=LEFT_OUT).claims.sub == ""


def test_a_deep_linking_request_needs_no_roles_and_no_resource_link(read, platform):
    wish = {
        "deep_link_return_url": f"{platform.url}/return",
        "accept_types": ["link"],
        "accept_presentation_document_targets": ["iframe"],
    }
    changes = {"message_type": "LtiDeepLinkingRequest", "roles": LEFT_OUT, "resource_link": LEFT_OUT}
    verified = read(**changes, **{DEEP_LINKING: wish})
    assert verified.claims.deep_linking == wish
    for name in wish:
        assert reason(read, **changes, **{DEEP_LINKING: {**wish, name: None}}) == "deep_linking"


# --- the librarys validators that are good, at work


def test_a_submission_review_needs_a_column_and_a_person(read, platform):
    review = {"message_type": "LtiSubmissionReviewRequest"}
    person = {LTI + "for_user": {"user_id": "max"}}
    assert read(**review, **person).claims.for_user == "max"
    assert reason(read, **review) == "claim_missing"
    assert reason(read, **review, **person, **{AGS: LEFT_OUT}) == "claim_missing"
    assert reason(read, **review, **{LTI + "for_user": {"name": "Max"}}) == "claim_missing"


@pytest.mark.parametrize("name", ["DataPrivacyLaunchRequest", "LtiDataPrivacyLaunchRequest"])
def test_a_data_privacy_launch_has_either_name(read, name):
    """OTH-12."""
    changes = {"message_type": name, "context": LEFT_OUT, "resource_link": LEFT_OUT}
    verified = read(**changes, **{LTI + "for_user": {"user_id": "max"}})
    assert (verified.claims.message_type, verified.claims.for_user) == ("DataPrivacyLaunchRequest", "max")
    assert reason(read, **changes) == "claim_missing"


# --- keys


def test_the_issuer_in_a_token_never_chooses_the_key(read, platform):
    other = platform.register(issuer="https://other.example", jwks_url=f"{platform.url}/other")
    other.jwks = {"url": other.jwks_url, "keys": [SECOND.jwk()]}
    other.save()
    assert reason(read, key=SECOND, iss="https://other.example") == "kid_unknown"


def test_a_key_in_the_tokens_own_header_is_ignored(begin, platform):
    start = begin()
    claims = platform.claims(start.login.nonce)
    token = platform.sign(claims, key=SECOND, kid="first", jwk=SECOND.jwk(), jku=f"{platform.url}/evil", x5c=["x"])
    assert reason(protocol.read_launch, {"id_token": token, "state": start.state}, now=timezone.now()) == "signature"


def test_a_critical_header_that_we_do_not_know_is_refused(begin, platform):
    start = begin()
    token = platform.sign(platform.claims(start.login.nonce), crit=["b64"], b64=False)
    post = {"id_token": token, "state": start.state}
    assert reason(protocol.read_launch, post, now=timezone.now()) == "token_malformed"


@pytest.mark.parametrize("changes", [{"alg": "RS512"}, {"use": "enc"}, {"kty": "EC"}, {"n": "AQAB"}, {"n": "!"}])
def test_a_key_that_is_not_for_this_algorithm_is_none(read, platform, changes):
    platform.publish(FIRST.jwk(**changes))
    assert reason(read) == "kid_unknown"


def test_another_algorithm_than_the_registrations_is_refused(begin, platform):
    start = begin()
    token = platform.sign(platform.claims(start.login.nonce), algorithm="RS512")
    assert reason(protocol.read_launch, {"id_token": token, "state": start.state}, now=timezone.now()) == "algorithm"


# --- what may be told to whom


def test_the_way_back_is_known_only_once_the_token_is_believed(read, platform):
    """CORE-15."""

    def way_back(**changes):
        with pytest.raises(LaunchRefused) as refused:
            read(**changes)
        return refused.value.return_url

    assert way_back(version="1.0") == f"{platform.url}/course?a=b"
    assert way_back(exp=0) == f"{platform.url}/course?a=b"
    assert way_back(nonce="other") == ""
    assert way_back(aud="other") == ""
    assert way_back(key=SECOND) == ""


@pytest.mark.parametrize("url", ["http://lms.example/", "javascript:alert(1)", "//x", "https://", "x" * 2001, 5, None])
def test_in_production_only_https_leads_back(read, settings, url):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    Registration.objects.update(jwks={"url": Registration.objects.get().jwks_url, "keys": [FIRST.jwk()]})
    Registration.objects.update(jwks_expires_at=timezone.now() + timedelta(hours=1))
    assert read(launch_presentation={"return_url": url}).claims.return_url == ""
    good = {"return_url": "https://lms.example/course?sesskey=1"}
    assert read(launch_presentation=good).claims.return_url == good["return_url"]
