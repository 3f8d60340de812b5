"""Whatever an LMS, or somebody who pretends to be one, sends: a launch, or a calm page with a 4xx. Never a 500.

Over HTTP with the product's own launch hook, so that a value which only the database or a page would choke on is
found, too (CORE-02, CORE-10 to CORE-34, BAD-01 to BAD-43, SEC-01, SEC-02, SEC-09).
"""

import base64
import json
import re

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti.models import Launch
from tests import environment
from tests.lti.platform import AGS, FIRST, LEFT_OUT, LTI, MEMBERSHIP, NRPS, TARGET, Visit
from tests.player.seats import published

DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NOTICES = LTI + "platformnotificationservice"
MESSAGES = (
    "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "DataPrivacyLaunchRequest",
    "LtiDataPrivacyLaunchRequest",
)  # fmt: skip
SETTINGS = {
    "deep_link_return_url": "http://localhost:8100/return?course=2",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
    "data": 'opaque "text"',
}
# Every claim that we read, and for the nested ones their members.
MEMBERS = {
    **dict.fromkeys(("iss", "aud", "azp", "sub", "nonce", "iat", "exp", "nbf", "jti"), ()),
    **dict.fromkeys(("name", "given_name", "family_name", "email", "locale", "picture"), ()),
    **{LTI + name: () for name in ("version", "message_type", "deployment_id", "target_link_uri", "roles", "ext")},
    LTI + "context": ("id", "title", "label", "type"),
    LTI + "resource_link": ("id", "title", "description"),
    LTI + "custom": ("byte", "context_history", "resource_link_history", "$odd", ""),
    LTI + "launch_presentation": ("return_url", "locale", "document_target", "width"),
    LTI + "tool_platform": ("product_family_code", "guid", "name", "version"),
    LTI + "lis": ("person_sourcedid",),
    LTI + "for_user": ("user_id", "roles", "name"),
    LTI + "role_scope_mentor": (),
    LTI + "lti1p1": ("user_id",),
    AGS: ("lineitem", "lineitems", "scope"),
    NRPS: ("context_memberships_url", "service_versions"),
    DEEP_LINKING: (*SETTINGS, "accept_multiple", "accept_lineitem", "auto_create", "title", "text"),
    GROUPS: ("context_groups_url", "scope", "service_versions"),
    NOTICES: ("platform_notification_service_url", "scope", "service_versions", "notice_types_supported"),
}
PATHS = [(claim,) for claim in MEMBERS] + [(claim, name) for claim, names in MEMBERS.items() for name in names]

awkward = st.sampled_from([
    "", " ", "0", "-1", "\x00", "a\x00b", "\ud800", "\udc00x", "ünïcode ‮ 𝕏 👩‍🚀", "x" * 300, "y" * 6000, "é" * 2100,
    "$Context.id.history", "1.3.0", "client", "lin", "null", "undefined", "{{ 7 }}", "<script>", "'; DROP TABLE lti;",
    "http://[", "http://a:99999999/", "https://u:p@host/", "javascript:alert(1)", "//host", "https://\ud800.example/",
    "http://localhost:8100/x y", "http://localhost/\x00", "https://xn--.example", "urn:lti:role:ims/lis/Learner",
    MEMBERSHIP + "Mentor", MEMBERSHIP + "Instructor", MEMBERSHIP + "\ud800", "it-project-manager", TARGET, *MESSAGES,
])  # fmt: skip
text = awkward | st.text(st.characters(), max_size=30)
number = st.integers() | st.floats() | st.sampled_from([10**4000, -(10**4000), 2**63, 1e308, 0, -1])
names = st.sampled_from([*MEMBERS, "id", "scope", "lineitem", "user_id", "byte", "return_url"]) | text
anything = st.recursive(
    st.none() | st.booleans() | number | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
deep = st.integers(2, 3000).map(lambda depth: "[" * depth + "]" * depth)
changes = st.lists(
    st.tuples(st.sampled_from(["set", "drop", "wrap", "text"]), st.sampled_from(PATHS), anything),
    min_size=1, max_size=4,
)  # fmt: skip


def examples(number):
    """Settings for requests over HTTP; the fixture is one LMS and one browser for all examples."""
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(max_examples=environment.examples(number), suppress_health_check=slow)


@pytest.fixture
def visit(platform):
    published()
    platform.register(deployment_policy="auto")
    return Visit(platform)


def changed(claims, steps):
    """The claims after each step: a value set, taken out, packed into a list or an object, or made a string."""
    for step, (claim, *inside), value in steps:
        holder, name = claims, claim
        if inside:
            if not isinstance(claims.get(claim), dict):
                claims[claim] = {}
            holder, name = claims[claim], inside[0]
        if step == "drop":
            holder.pop(name, None)
        elif step == "set":
            holder[name] = value
        elif step == "wrap":
            holder[name] = [holder.get(name), value] if isinstance(value, str) else {"id": holder.get(name)}
        else:
            holder[name] = json.dumps(holder.get(name))
    return claims


def whole(visit, message):
    """A launch of this kind that is in order."""
    claims = visit.platform.claims(visit.nonce)
    claims[LTI + "message_type"] = message
    claims[LTI + "for_user"] = {"user_id": "lin"}
    if message == "LtiDeepLinkingRequest":
        claims |= {DEEP_LINKING: dict(SETTINGS), LTI + "roles": [MEMBERSHIP + "Instructor"]}
    if "Privacy" in message:
        del claims[LTI + "resource_link"], claims[LTI + "context"]
    return claims


def ready(visit):
    """A login that no launch has used yet: a refused launch uses up none."""
    if not visit.state or Launch.objects.filter(login__nonce=visit.nonce).exists():
        visit.log_in()
        # The client keeps what was taken back as an empty cookie and sends it on; a browser forgets it.
        kept = {name: cookie.value for name, cookie in visit.client.cookies.items() if cookie.value}
        visit.client.cookies = type(visit.client.cookies)(
            {name: value for name, value in kept.items() if "lti_launch" not in name}
        )


def is_page(answer):
    """A refusal for people: a heading and a reference number, and nothing of the token."""
    page = answer.content.decode()
    return bool(re.search(r"<h1[^>]*>[^<]+</h1>", page) and re.search(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", page))


def check(answer, claims):
    """Either a launch that the specification knows, or a page with a 4xx."""
    if answer.status_code == 303:
        assert problem_of(claims) == ""
    else:
        assert 400 <= answer.status_code < 500
        assert is_page(answer)


def problem_of(claims):
    """What Cert §6.1.1 says is wrong; said again here, in other words than the tool's own."""
    if not isinstance(claims, dict):
        return "no object"
    is_link = claims.get(LTI + "message_type") == "LtiResourceLinkRequest"
    link = claims.get(LTI + "resource_link")
    wrong = {
        "version": claims.get(LTI + "version") != "1.3.0",
        "message": claims.get(LTI + "message_type") not in MESSAGES,
        "issuer": not isinstance(claims.get("iss"), str),
        "sub": not (isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) < 256),
        "nonce": not isinstance(claims.get("nonce"), str),
        "times": not all(isinstance(claims.get(name), int | float) for name in ("iat", "exp")),
        "audience": claims.get("aud") not in ("client", ["client"]) and claims.get("azp") != "client",
        "deployment": not re.fullmatch(r"[\x01-\x7f]{1,255}", str(claims.get(LTI + "deployment_id", "")), re.S),
        "roles": is_link and not isinstance(claims.get(LTI + "roles"), list),
        "target": is_link and claims.get(LTI + "target_link_uri") != TARGET,
        "link": is_link and not (isinstance(link, dict) and isinstance(link.get("id"), str) and link["id"]),
    }
    return ", ".join(name for name, is_wrong in wrong.items() if is_wrong)


KINDS = (None, True, 10**4000, "", "a\x00b", "\ud800", "x" * 2100, "http://[", [None, {}, "\x00"], {"id": 1})


OWN_CLAIMS = {
    "LtiResourceLinkRequest": tuple(MEMBERS),
    "LtiDeepLinkingRequest": (DEEP_LINKING,),
    "LtiSubmissionReviewRequest": (LTI + "for_user", AGS),
    "LtiDataPrivacyLaunchRequest": (LTI + "for_user",),
}


@pytest.mark.parametrize("message", OWN_CLAIMS)
def test_each_claim_of_every_wrong_kind_opens_or_is_refused_with_a_page(visit, message):
    """One after another, so that none depends on chance; what all messages share is tried with the first."""
    for path in PATHS:
        for kind in KINDS if path[0] in OWN_CLAIMS[message] else ():
            ready(visit)
            claims = changed(whole(visit, message), [("set", path, kind)])
            check(visit.post(id_token=visit.platform.sign(claims), state=visit.state), claims)


@examples(600)
@given(message=st.sampled_from(MESSAGES[:1] * 3 + MESSAGES[1:]), steps=changes)
def test_a_launch_changed_in_any_field_opens_or_is_refused_with_a_page(visit, message, steps):
    ready(visit)
    claims = changed(whole(visit, message), steps)
    check(visit.post(id_token=visit.platform.sign(claims), state=visit.state), claims)


@examples(250)
@given(content=anything)
def test_any_signed_json_that_is_no_launch_is_refused_with_a_page(visit, content):
    ready(visit)
    answer = visit.post(id_token=visit.platform.sign(content), state=visit.state)
    assert 400 <= answer.status_code < 500
    assert is_page(answer)


@examples(150)
@given(
    start=st.sampled_from([b'{"a":', b"", b"[", b'{"iss":"x",']), filling=st.binary(max_size=60) | deep.map(str.encode)
)
def test_any_signed_bytes_that_are_no_launch_are_refused_with_a_page(visit, start, filling):
    ready(visit)
    answer = visit.post(id_token=signed_bytes(visit.platform, start + filling), state=visit.state)
    assert 400 <= answer.status_code < 500
    assert is_page(answer)


@examples(150)
@given(name=st.sampled_from(sorted(MEMBERS)), value=anything)
def test_of_a_claim_named_twice_the_last_one_counts_for_every_check(visit, name, value):
    ready(visit)
    claims = whole(visit, MESSAGES[0])
    twice = json.dumps(claims)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
    answer = visit.post(id_token=signed_bytes(visit.platform, twice.encode()), state=visit.state)
    check(answer, {**claims, name: value})


def signed_bytes(platform, payload):
    """A token around bytes that need not be JSON: the signature is good all the same."""
    head, _, _ = platform.sign({}).split(".")
    return sealed(f"{head}.{encoded(payload)}")


def sealed(signing_input):
    from jwt.algorithms import get_default_algorithms

    return f"{signing_input}.{encoded(get_default_algorithms()['RS256'].sign(signing_input.encode(), FIRST.private))}"


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@examples(250)
@given(
    header=anything | st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "jku", "jwk", "x5u", "x5c", "cty", "b64"]),
        st.sampled_from(["RS256", "RS512", "ES256", "PS256", "HS256", "none", "first", "second", "JWT"]) | anything,
        max_size=5,
    ),
)  # fmt: skip
def test_any_header_of_a_token_is_refused_with_a_page_unless_it_names_our_lms_s_key(visit, header):
    ready(visit)
    token = sealed(f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(whole(visit, MESSAGES[0])).encode())}")
    answer = visit.post(id_token=token, state=visit.state)
    if answer.status_code == 303:
        assert (header["alg"], header["kid"]) == ("RS256", "first")
    else:
        assert 400 <= answer.status_code < 500
        assert is_page(answer)


@examples(200)
@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from(["id_token", "state", "error", "error_description"]) | st.text(max_size=9),
            st.sampled_from(["STATE", "TOKEN", "login_required", "a.b.c", "..", "ey.ey.ey"]) | text,
        ),
        max_size=6,
    )
)  # fmt: skip
def test_any_fields_posted_to_the_launch_address_are_refused_with_a_page(visit, fields):
    ready(visit)
    token = visit.platform.sign(visit.platform.claims(visit.nonce, roles=LEFT_OUT))
    said = {"STATE": visit.state, "TOKEN": token}
    form = QueryDict(mutable=True)
    for name, value in fields:
        form.appendlist(name, printable(said.get(value, value)))
    answer = visit.client.post(
        "/lti/launch/", form.urlencode(), content_type="application/x-www-form-urlencoded",
        headers={"Origin": visit.platform.url},
    )  # fmt: skip
    assert 400 <= answer.status_code < 500
    assert is_page(answer)


@examples(100)
@given(
    body=st.binary(max_size=200) | st.sampled_from([b"id_token=%FF&state=%00", b"--x\r\n\r\n", b"state=%ED%A0%80"]),
    kind=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain",
         "application/x-www-form-urlencoded; charset=utf-16", "application/json", "", "ü/ü; charset=nonsense"]
    ),
    path=st.sampled_from(["/lti/launch/", "/lti/login/"]),
)  # fmt: skip
def test_any_bytes_posted_as_anything_are_refused_with_a_page(visit, body, kind, path):
    answer = visit.client.generic("POST", path, body, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert is_page(answer)


LOGIN = ("iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint", "lti_deployment_id",
         "lti_storage_target", "deployment_id", "canvas_region")  # fmt: skip


@examples(300)
@given(
    sent=st.dictionaries(st.sampled_from(LOGIN), text | st.just(LEFT_OUT), max_size=4),
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(["/lti/login/", "/lti/login/00000000-0000-4000-8000-000000000000/"]),
)
def test_any_login_goes_on_to_the_registered_lms_or_is_refused_with_a_page(visit, sent, method, path):
    told = {name: value if value is LEFT_OUT else printable(value) for name, value in sent.items()}
    answer = visit.log_in(method=method, path=path, **told)
    if answer.status_code == 302:
        assert answer["Location"].startswith(f"{visit.platform.url}/auth?")
        # The unsigned target leads nowhere (CORE-06).
        assert (Visit.asked(answer)["client_id"], Visit.asked(answer)["redirect_uri"]) == ("client", TARGET)
    elif answer.status_code == 200:  # too long for an address: our own page goes on
        assert f'data-auth-url="{visit.platform.url}/auth?' in answer.content.decode()
    else:
        assert 400 <= answer.status_code < 500
        assert is_page(answer)


def printable(value):
    """What a form can carry: half characters have no bytes."""
    return value.encode("utf-8", "replace").decode()
