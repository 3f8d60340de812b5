from http.cookies import SimpleCookie

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from lti.framing import (
    FramingMiddleware,
    frame_origins,
    framed,
    framed_anywhere,
    is_of_lms,
    origin_of,
    posting_to,
)
from lti.models import Registration


def registration(**fields):
    values = {
        "issuer": "https://canvas.vendor.example",
        "auth_login_url": "https://sso.vendor.example/api/lti/authorize_redirect?x=1",
        "auth_token_url": "https://sso.vendor.example/login/oauth2/token",
    }
    return Registration(**values | fields)


def policy(response):
    """Directive to its values."""
    directives = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://lms.example/a?b#c", "https://lms.example"),
        ("http://localhost:8100", "http://localhost:8100"),
        ("https://LMS.example:8443/", "https://lms.example:8443"),
        ("https://*.vendor.example", "https://*.vendor.example"),
        ("https://user:pass@lms.example/", "https://lms.example"),
        ("javascript:alert(1)", ""),
        ("https://lms.example; script-src *", ""),
        ("https://a b/", ""),
        ("https://*", ""),
        ("*", ""),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_an_origin_is_named_only_if_a_policy_can_safely_name_it(url, origin):
    assert origin_of(url) == origin


def test_the_lms_may_frame_us_by_its_issuer_its_endpoints_and_the_origins_an_administrator_added():
    lms = registration(frame_origins=["https://*.school.example", "nonsense", 7])

    assert frame_origins(lms, "https://city.vendor.example/courses/1?sesskey=x") == [
        "https://*.school.example",
        "https://canvas.vendor.example",
        "https://city.vendor.example",
        "https://sso.vendor.example",
    ]


def test_a_framed_page_names_its_ancestors_and_is_kept_by_nobody():
    response = framed(HttpResponse(), registration(), form_action=["https://sso.vendor.example/x", "javascript:1"])

    assert policy(response)["frame-ancestors"] == [
        "'self'",
        "https://canvas.vendor.example",
        "https://sso.vendor.example",
    ]
    assert policy(response)["form-action"] == ["'self'", "https://sso.vendor.example"]
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert response.xframe_options_exempt is True


def test_words_for_anybody_may_be_framed_anywhere_but_send_no_form():
    response = framed_anywhere(HttpResponse())

    assert policy(response)["frame-ancestors"] == ["*"]
    assert policy(response)["form-action"] == ["'none'"]


def test_the_project_policy_itself_is_not_changed_by_framing(settings):
    framed(HttpResponse(), registration())

    assert settings.SECURE_CSP["frame-ancestors"] == ["'none'"]


def passed(response):
    return FramingMiddleware(lambda request: response)(RequestFactory().get("/"))


def test_cookies_for_frames_are_partitioned_and_others_are_not():
    """CK-02."""
    response = HttpResponse()
    response.set_cookie("framed", "1", samesite="None", secure=True)
    response.set_cookie("staff", "1", samesite="Lax", secure=True)

    sent = passed(response).cookies

    assert "Partitioned" in sent["framed"].OutputString()
    assert "Partitioned" not in sent["staff"].OutputString()


def test_a_cookie_is_deleted_in_the_partition_it_was_set_in():
    response = HttpResponse()
    response.delete_cookie("__Host-framed", samesite="None")

    assert "Partitioned" in passed(response).cookies["__Host-framed"].OutputString()


def test_partitioned_is_read_back_as_a_flag():
    passed(HttpResponse())

    assert SimpleCookie("a=1; Secure; Partitioned")["a"]["partitioned"] is True


def test_every_response_says_which_devices_it_may_use():
    assert "camera=()" in passed(HttpResponse())["Permissions-Policy"]


def test_a_page_may_post_to_one_more_origin_whichever_is_said_first():
    """DL-19: and then the LMS is told whose form it is."""
    lms = registration()
    before = framed(posting_to(HttpResponse(), "https://city.vendor.example/return?x=1"), lms)
    after = posting_to(framed(HttpResponse(), lms), "https://city.vendor.example/return?x=1")

    for response in (before, after):
        assert "form-action 'self' https://city.vendor.example;" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "form-action 'self';" in framed(HttpResponse(), lms)["Content-Security-Policy"]
    assert framed(HttpResponse(), lms)["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("https://canvas.vendor.example/x", True),
        ("https://beta.sso.vendor.example/x", True),
        ("https://a.school.example/x", True),
        ("https://city.vendor.example/x", False),
        ("https://vendor.example/x", False),
        ("https://notcanvas.vendor.example/x", False),
        ("https://canvas.vendor.example.evil.example/x", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_an_address_is_the_lmss_on_its_hosts_and_below_them(url, is_known):
    """DL-19."""
    assert is_of_lms(url, registration(frame_origins=["https://*.school.example"])) == is_known
