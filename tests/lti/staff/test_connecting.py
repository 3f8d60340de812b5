"""Sue makes a link, or connects an LMS by hand with presets (REG-01, REG-11)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lti.models import Institution, Registration, RegistrationLink, ToolKey
from lti.proofs import hash_secret
from tests.lti.staff.test_pages import ROOT, page_of, words

pytestmark = pytest.mark.django_db

DETAILS = {
    "name": "Our Moodle",
    "issuer": "https://moodle.example.edu",
    "client_id": "c-1",
    "deployment_ids": "9 10",
    "auth_login_url": "https://moodle.example.edu/mod/lti/auth.php",
    "auth_token_url": "https://moodle.example.edu/mod/lti/token.php",
    "jwks_url": "https://moodle.example.edu/mod/lti/certs.php",
    "deployment_policy": "reject",
}


@pytest.fixture
def sue():
    client = Client()
    client.force_login(User.objects.create_superuser("sue"))
    return client


def values(answer):
    """What the form's fields hold, by name."""
    found = re.findall(r'<input type="(?:text|url)" name="(\w+)"(?: value="([^"]*)")?', answer.content.decode())
    return dict(found)


# --- a link


LINK = {"name": "Our Moodle", "days": "7", "deployment_policy": "pending"}


def test_the_link_is_shown_once_and_works_reg_01(sue):
    answer = sue.post(f"{ROOT}link/", LINK)
    address = re.search(r'<code id="address">(.*?)</code>', answer.content.decode())[1]
    made = RegistrationLink.objects.get()
    assert hash_secret(address.rstrip("/").rpartition("/")[2]) == made.token_hash
    assert "Copy it now: it is not shown again." in words(answer)
    assert (made.name, made.institution.name, made.created_by.username) == ("Our Moodle", "Our Moodle", "sue")
    assert (made.is_preapproved, made.expires_at - made.created_at) == (False, timedelta(days=7))
    assert address not in sue.get(ROOT).content.decode()
    assert Client().get(address).status_code == 200


def test_a_link_is_made_for_an_institution_that_is_known(sue):
    school = Institution.objects.create(name="School", slug="other-slug")
    sent = {**LINK, "institution": school.pk, "is_preapproved": "on", "days": "1", "deployment_policy": "auto"}
    answer = sue.post(f"{ROOT}link/", {**sent, "host": "Moodle.example.edu"})
    made = RegistrationLink.objects.get()
    assert (made.institution, made.is_preapproved, made.deployment_policy) == (school, True, "auto")
    assert made.host == "moodle.example.edu"
    assert "Afterwards it is active at once." in words(answer)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "This field is required."),
        ({"host": "https://moodle.example.edu/"}, "A host alone"),
        ({"issuer": "https://canvas.instructure.com"}, "Say which host may use this issuer."),
        ({"days": "400"}, "Select a valid choice."),
        ({"deployment_policy": "perhaps"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_link_is_told(sue, changes, told):
    answer = sue.post(f"{ROOT}link/", LINK | changes)
    assert (answer.status_code, RegistrationLink.objects.count()) == (400, 0)
    assert told in words(answer)


def test_which_issuers_are_accepted_from_other_hosts_is_there_to_read_reg_04(sue):
    text = words(sue.get(f"{ROOT}link/"))
    assert "https://canvas.instructure.com sso.canvaslms.com, *.instructure.com" in text
    assert "https://blackboard.com developer.blackboard.com, developer.anthology.com" in text


# --- by hand


def test_preset_and_address_lead_to_a_filled_form_reg_11(sue):
    answer = sue.get(f"{ROOT}by-hand/", {"preset": "d2l", "lms_url": "school.brightspace.com"}, follow=True)
    address = answer.redirect_chain[0][0]
    assert re.fullmatch(rf"{ROOT}by-hand/[0-9a-f-]{{36}}/\?preset=d2l&lms_url=school.brightspace.com", address)
    filled = values(answer)
    assert filled["issuer"] == "https://school.brightspace.com"
    assert filled["auth_token_url"] == "https://auth.brightspace.com/core/connect/token"
    assert filled["audience"] == "https://api.brightspace.com/auth/token"
    uuid = address.split("/")[4]
    assert f"http://127.0.0.1:8000/lti/login/{uuid}/" in words(answer)
    assert answer.content.decode().count("data-copy=") == 12


def test_canvas_shows_the_address_of_its_json_reg_21(sue):
    answer = sue.get(f"{ROOT}by-hand/", {"preset": "canvas", "lms_url": "school.instructure.com"}, follow=True)
    assert "http://127.0.0.1:8000/lti/canvas.json" in words(answer)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"preset": "moodle", "lms_url": ""}, "This field is required."),
        ({"preset": "moodle", "lms_url": "ftp://x"}, "must begin with https://"),
        ({"preset": "other", "lms_url": "https://lms.example"}, "Select a valid choice."),
    ],
)
def test_what_leads_nowhere_is_told(sue, sent, told):
    answer = sue.get(f"{ROOT}by-hand/", sent)
    assert answer.status_code == 200
    assert told in words(answer)


def test_what_the_lms_answered_is_entered_under_the_login_address_that_was_shown_core_03(sue):
    uuid = uuid4()
    address = f"{ROOT}by-hand/{uuid}/?preset=moodle&lms_url=https://moodle.example.edu"
    answer = sue.post(address, DETAILS, follow=True)
    assert "Our Moodle is connected." in words(answer)
    made = Registration.objects.get()
    assert answer.redirect_chain == [(page_of(made), 302)]
    assert (made.uuid, made.status, made.product) == (uuid, "active", "moodle")
    assert sorted(made.deployments.values_list("deployment_id", flat=True)) == ["10", "9"]
    assert made.institution.name == "Our Moodle"
    assert ToolKey.objects.count() == 1
    # Who comes back to a page that is done with sees what became of it.
    assert sue.get(address).headers["Location"] == page_of(made)


def test_everything_may_be_typed(sue):
    sue.post(f"{ROOT}by-hand/{uuid4()}/", DETAILS | {"audience": "https://lms.example/aud"})
    made = Registration.objects.get()
    assert (made.audience, made.product, made.frame_origins) == ("https://lms.example/aud", "", [])


def test_blackboard_s_keyset_is_filled_in_from_the_client_id_reg_22(sue):
    address = f"{ROOT}by-hand/{uuid4()}/?preset=blackboard&lms_url=https://learn.school.edu"
    answer = sue.get(address)
    assert values(answer)["jwks_url"] == ""
    sue.post(address, {**values(answer), "name": "Learn", "client_id": "app-1", "deployment_policy": "pending"})
    made = Registration.objects.get()
    assert made.jwks_url == "https://developer.blackboard.com/api/v1/management/applications/app-1/jwks.json"
    assert (made.frame_origins, made.deployment_policy) == (["https://learn.school.edu"], "pending")
    assert made.algorithms == ["RS256", "RS512"]


def test_open_edx_asks_for_the_block_s_id_and_fills_both_addresses_reg_24(sue):
    address = f"{ROOT}by-hand/{uuid4()}/?preset=openedx&lms_url=https://courses.school.edu"
    answer = sue.get(address)
    assert values(answer)["own_id"] == ""
    sent = {**values(answer), "name": "Courses", "client_id": "c", "deployment_ids": "1", "deployment_policy": "reject"}
    assert "The learning platform shows this address" in words(sue.post(address, sent))
    sue.post(address, sent | {"own_id": "block-1"})
    made = Registration.objects.get()
    assert made.auth_token_url == "https://courses.school.edu/api/lti_consumer/v1/token/block-1"
    assert made.jwks_url == "https://courses.school.edu/api/lti_consumer/v1/public_keysets/block-1"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": "moodle"}, "Must be an https address without query"),
        ({"jwks_url": "ftp://lms.example/"}, "must begin with https://"),
        ({"jwks_url": ""}, "The learning platform shows this address"),
        ({"deployment_ids": "é"}, "1 to 255 ASCII characters."),
        ({"client_id": ""}, "This field is required."),
    ],
)
def test_what_can_not_be_kept_is_told_at_its_field(sue, changes, told):
    answer = sue.post(f"{ROOT}by-hand/{uuid4()}/", DETAILS | changes)
    assert (answer.status_code, Registration.objects.count()) == (400, 0)
    assert told in words(answer)


def test_what_is_connected_already_is_not_overwritten(sue):
    sue.post(f"{ROOT}by-hand/{uuid4()}/", DETAILS)
    answer = sue.post(f"{ROOT}by-hand/{uuid4()}/", DETAILS | {"name": "Other"})
    assert "are connected already" in words(answer)
    assert Registration.objects.get().name == "Our Moodle"
