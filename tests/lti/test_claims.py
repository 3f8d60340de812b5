import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti import claims as reading
from lti.claims import AGS, DEEP_LINKING, LTI, NRPS, ContextClaim, parse
from lti.errors import ClaimInvalid
from lti.models import Role
from lti.refusals import WORDS

SMALLEST = {
    LTI + "version": "1.3.0",
    LTI + "message_type": "LtiResourceLinkRequest",
    LTI + "deployment_id": "1",
    LTI + "target_link_uri": "https://byte.example/",
    LTI + "resource_link": {"id": "26"},
    LTI + "roles": [],
    "sub": "5",
}
NAMES = [
    *SMALLEST,
    *(LTI + name for name in ("context", "custom", "launch_presentation", "tool_platform", "role_scope_mentor")),
    *("name", "given_name", "family_name", "email", "locale", AGS, NRPS, DEEP_LINKING, LTI + "for_user"),
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12) | st.sampled_from(
        ["id", "title", "return_url", "locale", "scope", "lineitem", "user_id", "accept_types", "document_target"]
    ), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def read(body):
    """The claims, or None and why not."""
    try:
        return parse(body), ""
    except ClaimInvalid as invalid:
        return None, invalid.reason


def test_the_smallest_launch_says_no_more_than_it_must():
    claims = parse(SMALLEST)
    assert claims == reading.Claims(
        message_type="LtiResourceLinkRequest",
        deployment_id="1",
        sub="5",
        target_link_uri="https://byte.example/",
        resource_link=reading.ResourceLinkClaim("26"),
    )
    assert claims.role == Role.NONE


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), anything, max_size=6))
def test_whatever_a_token_holds_is_read_or_refused_with_words(changes):
    claims, refusal = read({**SMALLEST, **changes})
    if claims is None:
        assert refusal in WORDS
        return
    for text in (claims.sub, claims.name, claims.email, claims.locale, claims.return_url, claims.product):
        assert isinstance(text, str)
        # Every database and every log can hold it.
        assert "\0" not in text
        text.encode()
    assert len(claims.name) <= 500
    assert len(claims.email) <= 320
    assert len(claims.locale) <= 35
    assert all(isinstance(value, str) and not value.startswith("$") for value in claims.custom.values())
    assert all(isinstance(name, str) for name in claims.roles)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_ids_keep_every_character(text):
    """CORE-31."""
    told = {**SMALLEST, "sub": text, LTI + "context": {"id": text}, LTI + "resource_link": {"id": text}}
    claims = parse(told)
    assert (claims.sub, claims.context.id, claims.resource_link.id) == (text, text, text)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"name": "Lin Tran", "given_name": "X"}, "Lin Tran"),
        ({"name": "", "given_name": "Lin", "family_name": "Tran"}, "Lin Tran"),
        ({"given_name": " Lin "}, "Lin"),
        ({"family_name": "Tran"}, "Tran"),
        ({"name": ["Lin"]}, ""),
        ({}, ""),
    ],
)
def test_a_name_is_put_together_from_what_there_is(told, name):
    assert parse({**SMALLEST, **told}).name == name


@pytest.mark.parametrize(
    ("presentation", "locale", "expected"),
    [
        ({"locale": "fr-CA"}, "en", "fr-CA"),
        ({}, "ar", "ar"),
        ({"locale": ""}, "de_DE", "de_DE"),
        ({"locale": "../etc"}, "x" * 40, ""),
        (None, None, ""),
    ],
)
def test_the_launchs_own_language_goes_before_the_persons(presentation, locale, expected):
    assert parse({**SMALLEST, LTI + "launch_presentation": presentation, "locale": locale}).locale == expected


def test_a_course_may_lack_title_and_label():
    """CORE-29."""
    assert parse({**SMALLEST, LTI + "context": {"id": "2"}}).context == ContextClaim("2")
    assert parse({**SMALLEST, LTI + "context": {"id": "2", "title": None, "label": 5}}).context == ContextClaim("2")


@pytest.mark.parametrize(
    "url",
    ["http://lms.example/items", "https://10.0.0.1/items", "https://localhost/items", "https://lms.example:8443/"],
)
def test_in_production_only_public_https_addresses_of_services_are_kept(settings, url):
    """CORE-32."""
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    told = {**SMALLEST, AGS: {"lineitems": url, "lineitem": "https://lms.example/items/1?type_id=2"}}
    ags = parse({**told, NRPS: {"context_memberships_url": url}})
    assert (ags.ags.lineitems, ags.ags.lineitem, ags.nrps_url) == ("", "https://lms.example/items/1?type_id=2", "")


@pytest.mark.parametrize("scope", [None, "https://scope", {}, [5, None]])
def test_scopes_that_are_no_list_of_texts_are_none(scope):
    assert parse({**SMALLEST, AGS: {"scope": scope, "lineitem": ""}}).ags.scopes == ()


def test_other_messages_ignore_a_resource_link():
    """CORE-26."""
    wish = {
        "deep_link_return_url": "https://lms.example/",
        "accept_types": [],
        "accept_presentation_document_targets": [],
    }
    told = {**SMALLEST, LTI + "message_type": "LtiDeepLinkingRequest", DEEP_LINKING: wish}
    assert parse(told).resource_link is None
