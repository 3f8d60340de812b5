import pytest

from lti import platform_storage
from lti.models import Registration
from tests.lti.arrivals import Browser, attribute, connect


@pytest.mark.parametrize(
    ("auth_url", "origin"),
    [
        ("https://moodle.school.example/mod/lti/auth.php?a=1", "https://moodle.school.example"),
        ("http://localhost:8001/lti/auth/", "http://localhost:8001"),
        ("https://canvas.instructure.com/api/lti/authorize_redirect", "https://sso.canvaslms.com"),
        ("https://canvas.beta.instructure.com/api/lti/authorize_redirect", "https://sso.beta.canvaslms.com"),
        ("https://canvas.test.instructure.com/api/lti/authorize_redirect", "https://sso.test.canvaslms.com"),
        ("https://sso.canvaslms.com/api/lti/authorize_redirect", "https://sso.canvaslms.com"),
        ("https://evil.example/canvas.instructure.com", "https://evil.example"),
        ("javascript:alert(1)", ""),
    ],
)
def test_messages_go_to_the_origin_of_the_authorization_address_and_at_canvas_to_the_host_that_answers_ck_17(
    auth_url, origin
):
    found = platform_storage.where(Registration(auth_login_url=auth_url), "_parent")

    assert found == {"storage_origin": origin, "storage_target": "_parent"}


@pytest.mark.parametrize("declared", ["_parent", "post_message_forwarding", ""])
@pytest.mark.django_db
@pytest.mark.urls("tests.lti.doors")
def test_login_confirmation_and_reload_know_whom_to_ask_though_only_the_login_says_it_ck_19(moodle, settings, declared):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    connect(moodle)
    moodle.remember(target=declared)
    browser = Browser(moodle, keeps_cookies=False)
    login, confirm = browser.log_in("lin"), browser.launch("lin")
    reload = browser.client.get(f"/l/{attribute(confirm, 'launch')}/")

    said = [(attribute(page, "storage-origin"), attribute(page, "storage-target")) for page in (login, confirm, reload)]
    assert said == [(moodle.url, declared)] * 3


@pytest.mark.django_db
def test_a_page_of_a_launch_that_nobody_knows_has_nobody_to_ask(client):
    page = client.get("/l/01234567-89ab-cdef-0123-456789abcdef/")

    assert (attribute(page, "storage-origin"), attribute(page, "storage-target")) == ("", "")
