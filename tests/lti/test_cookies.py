"""The gate's cookies say what Django's own would say."""

import pytest
from django.http import HttpResponse
from django.http.cookie import SimpleCookie

from lti import cookies
from lti.proofs import new_secret

DJANGOS = {"path": "/", "secure": True, "httponly": True, "samesite": "None"}


def sent(response):
    """As a browser reads it: the attributes of each cookie, whatever their order."""
    return [set(morsel.OutputString().split("; ")) for morsel in response.cookies.values()]


@pytest.mark.parametrize("seconds", [None, 600])
def test_a_cookie_is_as_django_sets_it_but_for_the_date_of_old_browsers(seconds):
    ours, djangos, secret = HttpResponse(), HttpResponse(), new_secret()
    cookies.keep(ours, "__Host-lti_state_1", secret, seconds=seconds)
    djangos.set_cookie("__Host-lti_state_1", secret, max_age=seconds, **DJANGOS)
    djangos.cookies["__Host-lti_state_1"]["expires"] = ""
    assert sent(ours) == sent(djangos)
    assert isinstance(ours.cookies, SimpleCookie)


def test_a_cookie_is_forgotten_by_being_over_at_once():
    response = HttpResponse()
    cookies.keep(response, "__Host-lti_state_1", "secret", seconds=600)
    cookies.forget(response, "__Host-lti_state_1")
    assert sent(response) == [{"__Host-lti_state_1=", "Max-Age=0", "Path=/", "Secure", "HttpOnly", "SameSite=None"}]


@pytest.mark.parametrize("value", ["a b", "a;b", 'a"b', "a\nb", "ä", "a,b"])
def test_a_value_that_would_end_the_cookie_is_refused(value):
    response = HttpResponse()
    with pytest.raises(ValueError, match="no word"):
        cookies.keep(response, "name", value)
    assert not response.cookies


def test_names_are_checked_as_python_checks_them():
    with pytest.raises(Exception, match="Illegal key"):
        cookies.keep(HttpResponse(), "a;b", "")
