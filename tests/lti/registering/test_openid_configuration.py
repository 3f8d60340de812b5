"""Whose word counts for whom: hosts, issuers, endpoints (REG-04, REG-05)."""

import pytest

from lti.registering import openid_configuration
from lti.registering.openid_configuration import PLATFORM, is_issuer_of, is_related
from lti.registering.refusals import RegistrationRefused


@pytest.mark.parametrize(
    ("issuer", "url", "is_believed"),
    [
        ("https://moodle.example.edu", "https://moodle.example.edu/mod/lti/openid-configuration.php", True),
        ("https://school.edu/moodle", "https://school.edu/moodle/mod/lti/openid-configuration.php", True),
        ("https://Moodle.example.edu", "https://moodle.example.edu/c", True),
        ("https://moodle.example.edu", "https://evil.example.edu/c", False),
        ("https://moodle.example.edu", "https://moodle.example.edu.evil.org/c", False),
        ("https://moodle.example.edu:8443", "https://moodle.example.edu/c", False),
        ("https://moodle.example.edu?a=b", "https://moodle.example.edu/c", False),
        ("https://moodle.example.edu#a", "https://moodle.example.edu/c", False),
        ("", "https://moodle.example.edu/c", False),
        ("https://x:y", "https://x:y/c", False),
        ("https://canvas.instructure.com", "https://sso.canvaslms.com/api/lti/security/openid-configuration", True),
        ("https://canvas.instructure.com", "https://school.instructure.com/api/lti/security/c", True),
        ("https://canvas.instructure.com", "https://canvas.school.edu/api/lti/security/c", False),
        ("https://canvas.instructure.com", "https://instructure.com.evil.org/c", False),
        ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com/c", True),
        ("https://canvas.beta.instructure.com", "https://school.instructure.com/c", False),
        ("https://canvas.test.instructure.com", "https://school.test.instructure.com/c", True),
        ("https://blackboard.com", "https://developer.blackboard.com/c", True),
        ("https://blackboard.com", "https://developer.anthology.com/c", True),
        ("https://blackboard.com", "https://evil.com/c", False),
    ],
)
def test_an_issuer_lives_where_its_configuration_is_reg_04(issuer, url, is_believed):
    assert is_issuer_of(issuer, url) == is_believed


@pytest.mark.parametrize(
    ("host", "other", "are_one_owner_s"),
    [
        ("lms.school.edu", "lms.school.edu", True),
        ("auth.school.edu", "lms.school.edu", True),
        ("school.edu", "lms.school.edu", True),
        ("lms.school.edu", "lms.other.edu", False),
        ("lms.school.ac.uk", "auth.school.ac.uk", True),
        ("lms.school.ac.uk", "lms.other.ac.uk", False),
        ("lms.school.edu.au", "lms.other.edu.au", False),
        ("lms.uni.ca", "auth.uni.ca", True),
        ("ac.uk", "school.ac.uk", False),
        ("localhost", "localhost", True),
        ("localhost", "otherhost", False),
        ("10.0.0.1", "11.0.0.1", False),
        ("2001:db8::1", "2001:db8::2", False),
    ],
)
def test_hosts_of_one_owner_are_known_by_their_names_reg_05(host, other, are_one_owner_s):
    assert is_related(host, other) == are_one_owner_s


def told(issuer, **changes):
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "registration_endpoint": f"{issuer}/register",
        "id_token_signing_alg_values_supported": ["RS256"],
        PLATFORM: {"product_family_code": "x" * 100, "messages_supported": []},
    } | changes


def test_a_brightspace_takes_tokens_from_its_vendor_reg_23():
    platform = openid_configuration.parse(
        told(
            "https://learn.school.edu",
            token_endpoint="https://auth.brightspace.com/core/connect/token",
            authorization_server="https://api.brightspace.com/auth/token",
        ),
        url="https://learn.school.edu/d2l/c",
    )
    assert platform.auth_token_url == "https://auth.brightspace.com/core/connect/token"
    assert platform.audience == "https://api.brightspace.com/auth/token"
    assert len(platform.product) == 80


def test_blackboard_s_portal_is_believed_for_blackboard_reg_22():
    portal = "https://developer.blackboard.com/api/v1/gateway"
    endpoints = {name: f"{portal}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
    said = told("https://blackboard.com", **endpoints)
    said["registration_endpoint"] = f"{portal}/registerLti?registrationToken=1"
    said["id_token_signing_alg_values_supported"] = ["RS256", "RS512", "HS256", "none", 5]
    platform = openid_configuration.parse(said, url=f"{portal}/configuration")
    assert platform.algorithms == ("RS256", "RS512")
    assert platform.registration_url.endswith("?registrationToken=1")


@pytest.mark.parametrize("audience", ["", 5, None, "canvas.instructure.com", "x" * 600, "https://lms.school.edu/token"])
def test_other_words_than_an_address_are_no_audience(audience):
    said = told("https://lms.school.edu", authorization_server=audience)
    assert openid_configuration.parse(said, url="https://lms.school.edu/c").audience == ""


def test_an_address_that_is_none_ends_in_words():
    with pytest.raises(RegistrationRefused) as problem:
        openid_configuration.parse(told("https://[", jwks_uri="https://["), url="https://[/c")
    assert problem.value.reason == "issuer_mismatch"
