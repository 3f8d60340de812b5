"""The sandbox takes registrations as strictly as Moodle and Canvas do; ours is to their liking (REG-20, REG-21)."""

import pytest

from lti import scopes
from lti.models import Registration
from lti.registering import dynamic_registration
from lti.registering.refusals import RegistrationRefused
from tests.lti.registering.steps import offered
from tests.lti.registering.test_dynamic_registration import NOW, make_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def _here(settings, keyset):
    """The tool that the sandbox knows is this process's."""
    settings.PUBLIC_URL = keyset.url


@pytest.mark.usefixtures("_here")
def test_moodle_takes_us_and_names_the_deployment_reg_20(moodle, keyset):
    outcome = dynamic_registration.register(make_link()[0], offered(moodle, keyset.url), now=NOW)
    registration = Registration.objects.get()
    assert (registration.issuer, registration.product) == (moodle.url, "moodle")
    assert (registration.auth_token_url, registration.audience) == (moodle.token_url, "")
    assert list(registration.deployments.values_list("deployment_id", flat=True)) == ["10"]
    assert (outcome.has_deployment, outcome.missing_scopes) == (True, ())
    assert moodle.journal.refusals == []


@pytest.mark.usefixtures("_here")
def test_moodle_renews_us_under_the_same_client_id_reg_08(moodle, keyset):
    offer = offered(moodle, keyset.url, how="update")
    first = dynamic_registration.register(make_link()[0], offer, now=NOW)
    # Its token for an update may be used for an hour.
    second = dynamic_registration.register(make_link()[0], offer, now=NOW)
    registration = Registration.objects.get()
    assert (first.is_new, second.is_new) == (True, False)
    assert (registration.client_id, registration.deployments.get().deployment_id) == (moodle.client_id, "9")
    assert moodle.store.registration["login_url"] == f"{keyset.url}/lti/login/{registration.uuid}/"
    assert moodle.store.registration["scopes"] == [
        *(scopes.LINEITEM, scopes.LINEITEM_READ, scopes.RESULT_READ, scopes.SCORE, scopes.ROSTER_READ)
    ]
    assert (moodle.store.registration["shares_names"], moodle.store.registration["shares_emails"]) == (True, False)


@pytest.mark.usefixtures("_here")
def test_a_token_of_moodle_works_once_and_its_words_come_through_reg_10(moodle, keyset):
    offer = offered(moodle, keyset.url)
    dynamic_registration.register(make_link()[0], offer, now=NOW)
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(make_link()[0], offer, now=NOW)
    assert (problem.value.reason, problem.value.said) == ("registration_refused", "token_already_used")


@pytest.mark.usefixtures("_here")
def test_moodle_refuses_a_domain_that_is_not_the_target_s_reg_06(moodle, keyset, monkeypatch):
    monkeypatch.setattr(dynamic_registration.tool, "domain", lambda: "other.example")
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(make_link()[0], offered(moodle, keyset.url), now=NOW)
    assert problem.value.said == "domain_targetlinkuri_mismatch"


@pytest.mark.usefixtures("_here")
def test_canvas_takes_us_and_leaves_deployments_for_later_reg_21(canvas, keyset):
    link = make_link(issuer=canvas.issuer, host="localhost")[0]
    outcome = dynamic_registration.register(link, offered(canvas, keyset.url), now=NOW)
    registration = Registration.objects.get()
    assert (registration.issuer, registration.product) == (canvas.issuer, "canvas")
    assert (registration.client_id, registration.audience) == ("10000000000043", "")
    assert (outcome.has_deployment, outcome.missing_scopes) == (False, ())
    assert (registration.deployment_policy, registration.status) == ("pending", "pending")
    assert canvas.journal.refusals == []


@pytest.mark.usefixtures("_here")
def test_canvas_is_not_believed_without_a_word_of_ours_reg_04(canvas, keyset):
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(make_link()[0], offered(canvas, keyset.url), now=NOW)
    assert (problem.value.reason, problem.value.said) == ("issuer_mismatch", canvas.issuer)


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("endpoint", ["openid-configuration", "registrations"])
@pytest.mark.parametrize("kind", ["status", "garbage", "empty", "reset"])
def test_an_lms_on_a_bad_day_leaves_nothing_half_done(moodle, keyset, endpoint, kind):
    link, offer = make_link()[0], offered(moodle, keyset.url)
    moodle.faults.add(endpoint, kind, times=1)
    with pytest.raises(RegistrationRefused):
        dynamic_registration.register(link, offer, now=NOW)
    assert not Registration.objects.exists()
    assert dynamic_registration.register(link, offer, now=NOW).is_new


@pytest.fixture
def playing(moodle, keyset):
    """playing("d2l"): the same sandbox as another LMS; a Moodle again afterwards."""

    def play(manner):
        moodle.play(manner, keyset.url)
        return moodle

    yield play
    moodle.play("moodle", keyset.url)


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    ("manner", "product", "audience", "algorithms"),
    [
        ("d2l", "desire2learn", "its own", ["RS256"]),
        ("sakai", "sakai", "", ["RS256"]),
        ("blackboard", "BlackboardLearn", "", ["RS256", "RS512"]),
    ],
)
def test_other_lmss_take_us_each_in_its_manner_reg_22_23_24(playing, keyset, manner, product, audience, algorithms):
    lms = playing(manner)
    link = make_link(issuer=lms.issuer, host="localhost")[0]
    assert dynamic_registration.register(link, offered(lms, keyset.url), now=NOW).has_deployment
    registration = Registration.objects.get()
    assert registration.product.lower().startswith(product[:5].lower())
    assert (registration.audience, registration.algorithms) == (lms.audience if audience else "", algorithms)
    assert lms.journal.refusals == []


@pytest.mark.usefixtures("_here")
def test_brightspace_reads_our_keys_while_it_registers_us_reg_23(playing, keyset, monkeypatch):
    lms = playing("d2l")
    monkeypatch.setattr(dynamic_registration.addresses, "keyset_url", lambda: "http://127.0.0.1:9/jwks")
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(
            make_link(issuer=lms.issuer, host="localhost")[0], offered(lms, keyset.url), now=NOW
        )
    assert "The keyset can not be read" in problem.value.said


@pytest.mark.usefixtures("_here")
def test_open_edx_has_no_registration_by_one_address_reg_24(playing, keyset):
    lms = playing("openedx")
    with pytest.raises(RegistrationRefused) as problem:
        dynamic_registration.register(make_link()[0], offered(lms, keyset.url), now=NOW)
    assert (problem.value.reason, problem.value.detail) == ("configuration_unreachable", "status 404")
