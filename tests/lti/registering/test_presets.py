"""From the address that people know to all others (REG-11, REG-20 to 24)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lti.models import Registration
from lti.registering import presets
from lti.registering.presets import Derived, PresetUnfit

SSO = "https://sso.canvaslms.com"
PORTAL = "https://developer.blackboard.com/api/v1"


@pytest.mark.parametrize(
    "typed", ["https://moodle.example.edu", " moodle.example.edu/ ", "https://moodle.example.edu/?a=b#c"]
)
def test_moodle_s_issuer_is_its_address_without_a_slash_reg_20(typed):
    assert presets.derive("moodle", typed) == Derived(
        issuer="https://moodle.example.edu",
        auth_login_url="https://moodle.example.edu/mod/lti/auth.php",
        auth_token_url="https://moodle.example.edu/mod/lti/token.php",
        jwks_url="https://moodle.example.edu/mod/lti/certs.php",
    )


def test_a_moodle_in_a_folder_keeps_it_reg_20():
    derived = presets.derive("moodle", "https://school.edu/moodle/")
    assert (derived.issuer, derived.jwks_url) == (
        "https://school.edu/moodle",
        "https://school.edu/moodle/mod/lti/certs.php",
    )


@pytest.mark.parametrize(
    ("lms", "issuer", "service", "frames"),
    [
        ("https://school.instructure.com", "https://canvas.instructure.com", SSO, ("https://*.instructure.com",)),
        ("https://canvas.school.edu", "https://canvas.instructure.com", SSO, ("https://*.instructure.com",)),
        (
            "https://school.beta.instructure.com",
            "https://canvas.beta.instructure.com",
            "https://sso.beta.canvaslms.com",
            ("https://*.beta.instructure.com",),
        ),
        (
            "https://school.test.instructure.com",
            "https://canvas.test.instructure.com",
            "https://sso.test.canvaslms.com",
            ("https://*.test.instructure.com",),
        ),
    ],
)
def test_hosted_canvas_has_one_issuer_and_its_own_beta_and_test_systems_core_43(lms, issuer, service, frames):
    assert presets.derive("canvas", lms) == Derived(
        issuer=issuer,
        auth_login_url=f"{service}/api/lti/authorize_redirect",
        auth_token_url=f"{service}/login/oauth2/token",
        jwks_url=f"{service}/api/lti/security/jwks",
        frame_origins=tuple(sorted({lms, *frames})),
    )


def test_a_canvas_of_ones_own_answers_itself_under_canvas_s_name_core_04():
    derived = presets.derive("canvas-self-hosted", "https://canvas.school.edu")
    assert derived.issuer == "https://canvas.instructure.com"
    assert derived.auth_token_url == "https://canvas.school.edu/login/oauth2/token"
    assert derived.jwks_url == "https://canvas.school.edu/api/lti/security/jwks"
    assert derived.frame_origins == ("https://canvas.school.edu",)


def test_blackboard_s_keyset_is_known_with_the_client_id_reg_22():
    derived = presets.derive("blackboard", "https://learn.school.edu", client_id=" c-1 ")
    assert (derived.issuer, derived.frame_origins) == ("https://blackboard.com", ("https://learn.school.edu",))
    assert derived.auth_login_url == f"{PORTAL}/gateway/oidcauth"
    assert derived.signing_algorithms == ("RS256", "RS512")
    assert derived.auth_token_url == f"{PORTAL}/gateway/oauth2/jwttoken"
    assert derived.jwks_url == f"{PORTAL}/management/applications/c-1/jwks.json"
    assert presets.derive("blackboard", "https://learn.school.edu").jwks_url == ""


def test_brightspace_has_an_audience_reg_23():
    derived = presets.derive("d2l", "https://school.brightspace.com/d2l/home")
    assert derived == Derived(
        issuer="https://school.brightspace.com",
        auth_login_url="https://school.brightspace.com/d2l/lti/authenticate",
        auth_token_url="https://auth.brightspace.com/core/connect/token",
        jwks_url="https://school.brightspace.com/d2l/.well-known/jwks",
        audience="https://api.brightspace.com/auth/token",
    )


def test_sakai_and_open_edx_want_the_id_in_their_addresses_reg_24():
    assert presets.derive("sakai", "https://sakai.school.edu/portal").auth_token_url == ""
    sakai = presets.derive("sakai", "https://sakai.school.edu/portal", own_id="12")
    assert sakai == Derived(
        issuer="https://sakai.school.edu",
        auth_login_url="https://sakai.school.edu/imsoidc/lti13/oidc_auth",
        auth_token_url="https://sakai.school.edu/imsblis/lti13/token/12",
        jwks_url="https://sakai.school.edu/imsblis/lti13/keyset",
    )
    edx = presets.derive("openedx", "https://courses.school.edu", own_id="block-1")
    assert edx == Derived(
        issuer="https://courses.school.edu",
        auth_login_url="https://courses.school.edu/api/lti_consumer/v1/launch/",
        auth_token_url="https://courses.school.edu/api/lti_consumer/v1/token/block-1",
        jwks_url="https://courses.school.edu/api/lti_consumer/v1/public_keysets/block-1",
    )
    assert presets.derive("openedx", "https://courses.school.edu").jwks_url == ""


@pytest.mark.parametrize(
    "typed", ["", "  ", "ftp://lms.example", "https://user@lms.example", "https://l ms.example", "https://"]
)
def test_what_is_no_address_is_told(typed):
    with pytest.raises(PresetUnfit, match=r"must|is not an address"):
        presets.derive("moodle", typed)


def test_each_preset_gives_values_that_a_registration_may_hold():
    for key, preset in presets.PRESETS.items():
        fields = presets.fields(key, preset.derive("https://lms.school.edu", "c", "id"))
        assert set(fields) == {"product", "audience", "signing_algorithms", "frame_origins", "deployment_policy"}
        assert fields["deployment_policy"] in Registration.DeploymentPolicy.values


# --- manage.py register_platform --preset


def register(*more):
    printed = StringIO()
    call_command("register_platform", "--name=LMS", "--client-id=c-1", *more, stdout=printed)
    return printed.getvalue()


@pytest.mark.django_db
def test_the_command_needs_no_more_than_preset_and_address_reg_11():
    assert register("--preset=d2l", "--lms-url=school.brightspace.com").startswith("Connected: LMS\n")
    registration = Registration.objects.get()
    assert registration.issuer == "https://school.brightspace.com"
    assert registration.audience == "https://api.brightspace.com/auth/token"
    assert (registration.product, registration.deployment_policy) == ("desire2learn", "reject")


@pytest.mark.django_db
def test_what_is_said_goes_before_what_the_preset_knows():
    register(
        *("--preset=canvas", "--lms-url=https://school.instructure.com", "--unknown-deployments=auto"),
        *("--jwks-url=https://school.edu/jwks", "--product=my-canvas"),
    )
    registration = Registration.objects.get()
    assert (registration.jwks_url, registration.product) == ("https://school.edu/jwks", "my-canvas")
    assert (registration.deployment_policy, registration.auth_login_url) == (
        "auto",
        f"{SSO}/api/lti/authorize_redirect",
    )
    assert registration.frame_origins == ["https://*.instructure.com", "https://school.instructure.com"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--preset=moodle"], "--preset and --lms-url belong together"),
        (["--lms-url=https://lms.example"], "--preset and --lms-url belong together"),
        (["--preset=moodle", "--lms-url=ftp://x"], "--lms-url: must begin with"),
        (["--preset=openedx", "--lms-url=https://lms.example"], "--token-url is missing. The LMS shows it"),
        ([], "--issuer is missing.$"),
    ],
)
def test_what_is_missing_is_told_by_option(options, told):
    with pytest.raises(CommandError, match=told):
        register(*options)
    assert not Registration.objects.exists()
