"""The page in the LMS's frame: it asks before it fetches, needs no cookie, and says what happened."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from lti.models import Registration, RegistrationLink
from lti.registering import links as registration_links
from lti.registering import views as registration_views
from lti.registering.dynamic_registration import TOOL
from lti.registering.openid_configuration import PLATFORM
from tests.lti.registering.test_dynamic_registration import JSON, Lms, school
from tests.lti.scripted import Said
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lms():
    made = Lms()
    with made.server:
        yield made


def make_link(**fields):
    fields = {"name": "Our <b>LMS</b>", "institution": school(), "now": timezone.now(), **fields}
    link, address = registration_links.make(**fields)
    return link, address.removeprefix("http://127.0.0.1:8000")


def opened(path, lms=None, **told):
    """As the LMS opens our page in its frame: another site, no cookies."""
    query = {"openid_configuration": f"{lms.server.url}/configuration", "registration_token": "t0k3n"} if lms else {}
    return Client(enforce_csrf_checks=True).get(f"{path}?{urlencode(query | told)}")


def state(answer):
    return read(answer).forms[0].fields["state"][0]


def read(answer):
    visitor = Visitor()
    stand_in = type(
        "Answer", (), {"url": "http://127.0.0.1:8000/", "text": answer.content.decode(), "status_code": 200}
    )
    return visitor.read(stand_in)


def confirmed(path, answer, **changes):
    return Client(enforce_csrf_checks=True).post(path, {"state": state(answer), **changes})


def policy_of(answer):
    parts = [part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, value in parts if name in {"frame-ancestors", "form-action", "script-src"}}


# --- before anything is fetched (REG-01, REG-02)


def test_opening_the_page_fetches_nothing_and_uses_nothing_up_reg_02(lms):
    link, path = make_link()
    before = RegistrationLink.objects.values().get()
    for _ in range(3):
        answer = opened(path, lms)
    assert (answer.status_code, lms.server.asked) == (200, [])
    assert RegistrationLink.objects.values().get() == before
    page = read(answer)
    assert lms.server.url.removeprefix("http://") in page.text
    assert "Our <b>LMS</b>" in page.text
    assert "approve it first" in page.text


def test_any_lms_may_show_the_page_in_its_frame_and_its_form_comes_to_us_only_sec_10(lms):
    _link, path = make_link()
    for answer in (opened(path, lms), opened(path), opened("/lti/register/unknown/", lms)):
        policy = policy_of(answer)
        assert (policy["frame-ancestors"], policy["form-action"]) == ("*", "'self'")
        assert "X-Frame-Options" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.cookies == {}


def test_a_link_opened_by_hand_says_where_to_paste_it():
    _link, path = make_link()
    answer = opened(path)
    assert answer.status_code == 200
    assert f'<code id="address">http://testserver{path}</code>' in answer.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_for_this_page(method):
    _link, path = make_link()
    assert getattr(Client(), method)(path).status_code == 405


# --- the whole way


def test_confirming_registers_without_any_cookie_and_says_what_to_do_next_reg_09(lms):
    link, path = make_link()
    answer = confirmed(path, opened(path, lms))
    assert answer.status_code == 200
    page = read(answer)
    assert "Registered" in page.text
    assert "waits for the people who run this service to approve it" in page.text
    assert "Switch the tool on in your learning platform" in page.text
    assert 'src="/static/lti/close.js"' in page.html
    assert "You can close this page now." in page.text
    registration = Registration.objects.get()
    link.refresh_from_db()
    assert (link.registration, registration.name) == (registration, "Our <b>LMS</b>")
    assert "Our &lt;b&gt;LMS&lt;/b&gt;" in page.html


@pytest.mark.parametrize(
    ("product", "words"),
    [
        ("moodle", "press Activate"),
        ("moodle", "show it in the activity chooser"),
        ("canvas", "enable the tool"),
        ("BlackboardLearn", "Send the deployment ID"),
        ("desire2learn", "organisation, user and link information"),
        ("sakai", "content item selector"),
    ],
)
def test_the_next_step_is_told_in_the_words_of_that_lms_reg_20_to_24(lms, product, words):
    _link, path = make_link()
    lms.changes = {PLATFORM: {"product_family_code": product, "messages_supported": []}}
    assert words in read(confirmed(path, opened(path, lms))).text


def test_what_the_lms_did_not_grant_is_told(lms):
    _link, path = make_link(is_preapproved=True)
    lms.answer = Said({"client_id": "c", "scope": "https://purl.imsglobal.org/spec/lti-ags/scope/score"}, headers=JSON)
    page = read(confirmed(path, opened(path, lms)))
    assert "know each other now" in page.text
    assert "lineitem, lineitem.readonly, result.readonly, contextmembership.readonly" in page.text
    assert "named no deployment" in page.text


def test_a_renewal_of_a_disabled_lms_says_that_it_stays_off(lms):
    for _ in range(2):
        _link, path = make_link(is_preapproved=True)
        page = read(confirmed(path, opened(path, lms)))
        Registration.objects.update(status="disabled")
    assert "Registration renewed" in page.text
    assert "is switched off here, and stays so" in page.text


# --- what goes wrong


def test_an_unknown_link_says_no_more_than_that(lms):
    answer = opened("/lti/register/wrong/", lms)
    assert answer.status_code == 404
    assert "not one of ours" in read(answer).text
    assert lms.server.asked == []


def test_a_used_link_is_gone(lms):
    _link, path = make_link()
    first = opened(path, lms)
    confirmed(path, first)
    for again in (opened(path, lms), confirmed(path, first)):
        assert again.status_code == 410
        assert "Each link works once" in read(again).text
    assert Registration.objects.count() == 1


def test_a_link_that_is_too_old_is_gone(lms):
    _link, path = make_link(now=timezone.now() - timedelta(days=8))
    assert opened(path, lms).status_code == 410


@pytest.mark.parametrize(
    "address", ["", "ftp://lms.example/", "https://user@lms.example/", "javascript:alert(1)", "http://[", "x" * 9000]
)
def test_an_unfit_address_is_refused_before_anything_is_asked_t7(address):
    _link, path = make_link()
    answer = opened(path, openid_configuration=address)
    assert answer.status_code == 400
    assert "<form" not in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["http://lms.example/c", "https://127.0.0.1/c", "https://169.254.169.254/c", "https://lms.example:8443/c"],
)
def test_in_production_http_private_addresses_and_odd_ports_are_refused_t7(address, settings):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    _link, path = make_link()
    answer = opened(path, openid_configuration=address)
    assert answer.status_code == 400
    assert "an address that this service does not talk to" in read(answer).text


def test_a_link_for_one_host_opens_for_no_other_reg_01(lms):
    _link, path = make_link(host="moodle.example.edu")
    answer = opened(path, lms)
    assert answer.status_code == 403
    assert "another learning platform" in read(answer).text
    assert lms.server.asked == []
    assert opened(path, openid_configuration="https://Moodle.example.edu/c").status_code == 200


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "é", "\x00", "t" * 9000])
def test_a_token_that_could_be_no_header_is_refused(lms, token):
    _link, path = make_link()
    assert opened(path, lms, registration_token=token).status_code == 400


def test_a_changed_or_old_page_registers_nothing(lms, monkeypatch):
    _link, path = make_link()
    _other, other_path = make_link()
    page = opened(path, lms)
    assert confirmed(path, page, state=state(page)[:-1] + "x").status_code == 400
    assert Client().post(path).status_code == 400
    assert confirmed(other_path, page).status_code == 400
    monkeypatch.setattr(registration_views, "STATE_SECONDS", -1)
    assert confirmed(path, page).status_code == 400
    assert lms.server.asked == []
    assert not RegistrationLink.objects.exclude(tries=0).exists()


def test_the_lms_s_own_words_are_shown_and_harmless_sec_09(lms):
    _link, path = make_link()
    lms.answer = Said({"error": "<img src=x onerror=alert(1)> too bad"}, status=400)
    answer = confirmed(path, opened(path, lms))
    assert answer.status_code == 502
    assert "<img" not in answer.content.decode()
    page = read(answer)
    assert "too bad" in page.text
    assert 'src="/static/lti/close.js"' in page.html


def test_the_log_has_the_reason_and_the_page_s_reference_and_no_token_sec_11(lms, caplog):
    _link, path = make_link()
    lms.answer = Said({"error": "secret words"}, status=400)
    with caplog.at_level("INFO"):
        page = read(confirmed(path, opened(path, lms)))
        confirmed(make_link()[1], opened(path, lms))
    token = path.split("/")[3]
    logged = "\n".join(str(record.msg) + record.getMessage() for record in caplog.records)
    assert "registration_refused" in logged
    assert page.html.split("<strong>")[-1].split("</strong>")[0] in logged
    for secret in ("t0k3n", "secret words"):
        assert secret not in logged
    # Django's own line about a 502 names the path; what is written does not.
    assert token in logged
    assert token not in hidden(logged)


def hidden(logged):
    from itpm_byte.logs import hide_links

    return hide_links(None, "", {"event": logged})["event"]


# --- Canvas's JSON (REG-21)


def test_canvas_reads_its_configuration_from_a_public_address_reg_21(settings):
    settings.PUBLIC_URL = "https://byte.example"
    answer = Client().get("/lti/canvas.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Vary" not in answer.headers or "Cookie" not in answer.headers["Vary"]
    told = answer.json()
    assert {name: told[name] for name in ("title", "oidc_initiation_url", "target_link_uri", "public_jwk_url")} == {
        "title": "ITPM Byte",
        "oidc_initiation_url": "https://byte.example/lti/login/",
        "target_link_uri": "https://byte.example/lti/launch/",
        "public_jwk_url": "https://byte.example/.well-known/jwks.json",
    }
    assert told["description"]
    assert len(told["scopes"]) == 5
    extension = told["extensions"][0]
    assert (extension["platform"], extension["domain"]) == ("canvas.instructure.com", "byte.example")
    assert (extension["tool_id"], extension["privacy_level"]) == ("itpm-byte", "name_only")
    placements = extension["settings"]["placements"]
    assert [each["placement"] for each in placements] == ["assignment_selection", "link_selection"]
    assert {each["message_type"] for each in placements} == {"LtiDeepLinkingRequest"}
    assert all(value.startswith("$") for value in told["custom_fields"].values())


def test_a_canvas_that_registers_itself_gets_its_own_words_reg_21(lms):
    _link, path = make_link()
    canvas = {
        "product_family_code": "canvas",
        "messages_supported": [{"type": "LtiDeepLinkingRequest", "placements": ["link_selection", "editor_button"]}],
    }
    lms.changes = {PLATFORM: canvas}
    confirmed(path, opened(path, lms))
    tool = lms.told[TOOL]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
    assert tool["https://canvas.instructure.com/lti/tool_id"] == "itpm-byte"
    assert [(each["type"], each["placements"]) for each in tool["messages"]] == [
        ("LtiDeepLinkingRequest", ["link_selection"])
    ]
