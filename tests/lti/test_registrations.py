from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from lti import registrations
from lti.models import Deployment, Institution, Registration, ToolKey
from lti.registering import tool
from lti.registrations import PlatformDetails

pytestmark = pytest.mark.django_db

MOODLE = {
    "name": "Example University",
    "issuer": "https://moodle.example.edu",
    "client_id": "abc123",
    "auth_url": "https://moodle.example.edu/mod/lti/auth.php",
    "token_url": "https://moodle.example.edu/mod/lti/token.php",
    "jwks_url": "https://moodle.example.edu/mod/lti/certs.php",
}


def register(*more, **changes):
    """Run the command as an operator would; answers what it printed."""
    printed = StringIO()
    options = {**MOODLE, **changes}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    call_command("register_platform", *arguments, *more, stdout=printed)
    return printed.getvalue()


def details(**changes):
    told = {
        "name": "LMS",
        "issuer": "https://lms.example",
        "client_id": "client",
        "auth_login_url": "https://lms.example/auth",
        "auth_token_url": "https://lms.example/token",
        "jwks_url": "https://lms.example/jwks",
    }
    return PlatformDetails(**{**told, **changes})


def test_the_command_prints_what_the_lms_administrator_must_enter(settings):
    settings.PUBLIC_URL = "https://byte.example"
    printed = register("--deployment-id=9")
    registration = Registration.objects.get()
    assert printed == (
        "Connected: Example University\n"
        "Enter this at the LMS:\n"
        "  Tool URL, target link URI: https://byte.example/lti/launch/\n"
        f"  Initiate login URL: https://byte.example/lti/login/{registration.uuid}/\n"
        "  Redirect URI: https://byte.example/lti/launch/\n"
        "  Public keyset URL: https://byte.example/.well-known/jwks.json\n"
        "  Deep linking URL, content selection URL: https://byte.example/lti/launch/\n"
        "  Domain: byte.example\n"
        "  Icon: https://byte.example/static/lti/tool.svg\n"
        "  Custom parameter of an activity that says which Byte: byte=it-project-manager\n"
        "  Custom parameter, if the LMS knows it: context_history=$Context.id.history\n"
        "  Custom parameter, if the LMS knows it: link_history=$ResourceLink.id.history\n"
        "  Services: AGS (line items, scores, results), NRPS\n"
        f"  Scopes: {' '.join(tool.SCOPES)}\n"
    )


def test_the_command_keeps_all_it_is_told():
    register(
        *("--deployment-id=9", "--deployment-id=10", "--default", "--allow-anonymous", "--any-azp"),
        *("--algorithm=RS256", "--algorithm=RS512", "--frame-origin=https://vanity.example"),
        *("--trusted-audience=other", "--unknown-deployments=pending"),
        audience="https://lms.example/token-audience",
        product="moodle",
        institution="School of Things",
    )
    registration = Registration.objects.get()
    assert (registration.issuer, registration.client_id, registration.name) == (
        "https://moodle.example.edu",
        "abc123",
        "Example University",
    )
    assert registration.auth_login_url == MOODLE["auth_url"]
    assert registration.auth_token_url == MOODLE["token_url"]
    assert registration.jwks_url == MOODLE["jwks_url"]
    assert (registration.audience, registration.product) == ("https://lms.example/token-audience", "moodle")
    assert (registration.status, registration.deployment_policy) == ("active", "pending")
    assert (registration.is_default, registration.allows_anonymous, registration.is_azp_strict) == (True, True, False)
    assert registration.algorithms == ["RS256", "RS512"]
    assert registration.frame_origins == ["https://vanity.example"]
    assert registration.trusted_audiences == ["other"]
    assert registration.institution.name == "School of Things"
    deployments = Deployment.objects.order_by("pk").values_list("deployment_id", "status", "institution__name")
    assert list(deployments) == [("9", "active", "School of Things"), ("10", "active", "School of Things")]


def test_without_more_words_the_defaults_are_strict():
    register()
    registration = Registration.objects.get()
    assert (registration.is_default, registration.allows_anonymous, registration.is_azp_strict) == (False, False, True)
    assert (registration.algorithms, registration.deployment_policy) == (["RS256"], "reject")
    assert registration.institution.name == "Example University"
    assert not Deployment.objects.exists()


def test_repeating_the_command_changes_nothing():
    register("--deployment-id=9")
    before = Registration.objects.values().get()
    printed = register("--deployment-id=9")
    assert printed.startswith("Updated: Example University\n")
    assert Registration.objects.values().get() == before
    assert (Deployment.objects.count(), Institution.objects.count(), ToolKey.objects.count()) == (1, 1, 1)


def test_repeating_it_with_other_values_changes_just_those():
    register("--deployment-id=9", "--default", product="moodle")
    uuid = Registration.objects.get().uuid
    register("--deployment-id=10", name="New name", auth_url="https://sso.example.edu/auth")
    registration = Registration.objects.get()
    assert (registration.uuid, registration.name) == (uuid, "New name")
    assert registration.auth_login_url == "https://sso.example.edu/auth"
    assert (registration.product, registration.is_default) == ("moodle", True)
    assert registration.institution.name == "Example University"
    assert Deployment.objects.count() == 2


def test_another_address_of_the_key_set_makes_the_old_keys_count_no_more():
    """CORE-43."""
    register()
    Registration.objects.update(jwks={"url": MOODLE["jwks_url"], "keys": []})
    register()
    assert Registration.objects.get().jwks is not None
    register(jwks_url="https://moodle.example.edu/new")
    assert Registration.objects.get().jwks is None


def test_another_client_id_or_issuer_is_another_registration():
    register()
    register(client_id="ABC123")
    register(issuer="https://moodle.example.edu/")
    assert Registration.objects.count() == 3


def test_a_new_default_takes_the_place_of_the_old_one():
    register("--default")
    register("--default", client_id="second")
    assert Registration.objects.get(is_default=True).client_id == "second"


def test_the_first_registration_makes_the_first_key():
    register()
    assert ToolKey.objects.count() == 1


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("auth_url", "http://moodle.example.edu/auth", "--auth-url: must begin with https://"),
        ("token_url", "https://10.0.0.1/token", "--token-url: must be reachable from the internet"),
        ("jwks_url", "https://localhost/jwks", "--jwks-url: must be reachable from the internet"),
        ("jwks_url", "moodle", "--jwks-url: must begin with https://"),
        ("issuer", "http://moodle.example.edu", "--issuer: Must be an https address"),
        ("issuer", "moodle", "--issuer: Must be an https address"),
        ("issuer", "https://moodle.example.edu/?a", "--issuer: Must be an https address"),
    ],
)
def test_in_production_addresses_are_public_and_https(settings, option, value, told):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    with pytest.raises(CommandError, match=told):
        register(**{option: value})
    assert not Registration.objects.exists()
    assert not Institution.objects.exists()


def test_in_development_this_machine_may_be_the_lms(settings):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = True
    urls = {name: f"http://localhost:9000/{name}" for name in ("auth_url", "token_url", "jwks_url")}
    register(issuer="http://localhost:9000", **urls)
    assert Registration.objects.get().jwks_url == "http://localhost:9000/jwks_url"


@pytest.mark.parametrize("value", ["HS256", "none", "RS1"])
def test_symmetric_or_no_signatures_can_not_be_allowed(value):
    with pytest.raises(CommandError, match=f"--algorithm: Not possible: {value}"):
        register(f"--algorithm={value}")


@pytest.mark.parametrize("value", ["", "é", "x" * 256])
def test_an_unfit_deployment_id_is_told_and_nothing_is_kept(value):
    with pytest.raises(CommandError, match="--deployment-id: 1 to 255 ASCII characters"):
        register(f"--deployment-id={value}")
    assert not Registration.objects.exists()


def test_institutions_of_the_same_name_are_one_and_any_script_has_a_name():
    registrations.enter(details(institution="مدرسة"))
    registrations.enter(details(client_id="second", institution="مدرسة"))
    registrations.enter(details(client_id="third", institution="学校"))
    assert sorted(Institution.objects.values_list("name", flat=True)) == sorted(["مدرسة", "学校"])


def test_what_a_column_can_not_hold_is_told():
    with pytest.raises(ValidationError) as problems:
        registrations.enter(details(name="x" * 201))
    assert list(problems.value.message_dict) == ["name"]


def test_the_database_keeps_one_default_for_an_issuer():
    first, _ = registrations.enter(details(optional={"is_default": True}))
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            institution=first.institution, issuer=first.issuer, client_id="second", is_default=True
        )
