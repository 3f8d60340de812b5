import gzip
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from structlog.testing import capture_logs

from lti.models import Launch, Login, Registration
from lti.proofs import hash_secret, unseal
from lti.sessions import COOKIE_PREFIX, cookie_name
from tests.lti.arrivals import Browser, attribute, connect

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.lti.doors")]


@pytest.fixture
def lms(moodle, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    connect(moodle)
    return moodle


@pytest.fixture
def browser(lms):
    return Browser(lms)


@pytest.fixture
def strict(lms):
    """A browser that keeps no cookie of ours inside the frame."""
    return Browser(lms, keeps_cookies=False)


# As Moodle's: it holds the person's own secret.
BACK = "http://localhost/mod/lti/return.php?course=2&sesskey=top-secret"
WAY_BACK = {"https://purl.imsglobal.org/spec/lti/claim/launch_presentation": {"return_url": BACK}}


def text(response):
    return response.content.decode()


def launch_id(response):
    return re.search(r"/l/([0-9a-f-]{36})/", response["Location"])[1]


# --- login


def test_the_first_login_is_a_page_that_sets_cookies_and_leads_on_by_itself_or_by_a_link(browser):
    """CK-01."""
    answer = browser.log_in("lin")

    auth_url = attribute(answer, "auth-url")
    assert auth_url.startswith(browser.lms.auth_url + "?")
    escaped = auth_url.replace("&", "&amp;")
    assert re.search(r'<noscript>\s*<meta http-equiv="refresh" content="0;url=([^"]+)">', text(answer))[1] == escaped
    assert f'id="continue" href="{escaped}"' in text(answer)
    assert len(answer.cookies) == 2
    for morsel in answer.cookies.values():
        assert morsel.key.startswith("__Host-lti_")
        assert "; Partitioned" in morsel.OutputString()
        assert "SameSite=None" in morsel.OutputString()
        assert "Secure" in morsel.OutputString()
        assert "HttpOnly" in morsel.OutputString()


def test_only_a_hash_of_what_the_browser_holds_is_stored(browser):
    answer = browser.log_in("lin")

    login = Login.objects.get()
    assert login.binding_hash == hash_secret(attribute(answer, "secret"))
    assert attribute(answer, "secret") not in attribute(answer, "auth-url")


def test_a_browser_that_was_seen_to_keep_cookies_is_redirected_at_once(browser):
    browser.log_in("lin")
    again = browser.log_in("lin")

    assert again.status_code == 302
    assert again["Location"].startswith(browser.lms.auth_url + "?")


def test_login_answers_are_not_kept_and_send_no_referrer(browser):
    """CORE-09."""
    first, second = browser.log_in("lin"), browser.log_in("lin")

    for answer in (first, second):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


def test_the_login_can_be_begun_again_in_a_window_of_its_own(browser):
    fields = browser.lms.login_form("lin", "careers") | {"lti_storage_target": "_parent", "extra": "1"}
    answer = browser.client.post("/lti/login/", fields)

    reopen = urlsplit(attribute(answer, "reopen-url"))
    assert reopen.path == "/lti/login/"
    wanted = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "lti_deployment_id", "client_id")
    assert {key: values[0] for key, values in parse_qs(reopen.query).items()} == {key: fields[key] for key in wanted}


def test_hostile_hints_stay_text(browser):
    fields = browser.lms.login_form("lin", "careers") | {"login_hint": '"><script>alert(1)</script>'}

    answer = browser.client.post("/lti/login/", fields)

    assert "<script>alert" not in text(answer)
    assert parse_qs(urlsplit(attribute(answer, "auth-url")).query)["login_hint"] == ['"><script>alert(1)</script>']


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_a_login_for_a_registration_that_is_not_active_is_refused_and_stored_nowhere(browser, status):
    Registration.objects.update(status=status)

    answer = browser.client.post("/lti/login/", browser.lms.login_form("lin", "careers"))

    assert answer.status_code == 403
    assert "not connected" in text(answer)
    assert Login.objects.count() == 0


# --- launch with cookies


def test_a_launch_with_its_cookie_goes_straight_to_the_page(browser):
    answer = browser.launch("lin", **WAY_BACK)

    launch = Launch.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/l/{launch.pk}/"
    proof = unseal(answer.cookies[cookie_name(launch.pk)].value)
    assert hash_secret(proof.secret) == launch.proof_hash
    assert proof.return_url == BACK
    assert "Lin" in text(browser.client.get(answer["Location"]))


def test_the_state_cookie_is_gone_after_the_launch(browser):
    answer = browser.launch("lin")

    gone = [morsel for name, morsel in answer.cookies.items() if name.startswith("__Host-lti_state_")]
    assert [morsel["max-age"] for morsel in gone] == [0]


def test_the_return_url_stands_in_no_column(browser):
    browser.launch("lin", **WAY_BACK)

    for model in apps.get_models():
        assert "top-secret" not in str(list(model.objects.values_list()))


def test_two_tabs_with_two_courses_do_not_mix(browser):
    careers = browser.launch("lin", "careers")
    office = browser.launch("lin", "office")

    assert "Careers 101" in text(browser.client.get(careers["Location"]))
    assert "Office Skills 2" in text(browser.client.get(office["Location"]))
    assert "Careers 101" in text(browser.client.get(careers["Location"]))


def test_two_logins_at_once_in_one_browser_do_not_mix(browser):
    careers, office = browser.arrive("lin", "careers"), browser.arrive("lin", "office")

    second, first = office.post(), careers.post()

    assert "Office Skills 2" in text(browser.client.get(second["Location"]))
    assert "Careers 101" in text(browser.client.get(first["Location"]))


def test_when_another_learner_launches_in_the_same_browser_the_first_ones_page_is_closed(browser):
    lin = browser.launch("lin")
    kai = browser.launch("kai")

    assert "Kai" in text(browser.client.get(kai["Location"]))
    left = browser.client.get(lin["Location"])
    assert left.status_code == 401
    assert "Lin" not in text(left)
    assert Launch.objects.get(pk=launch_id(lin)).ended_at is not None


def test_the_state_cookie_of_one_login_does_not_prove_another(lms):
    lin, max_ = Browser(lms), Browser(lms)
    arrival = lin.arrive("lin")
    max_.arrive("max", "office")

    answer = max_.client.post("/lti/launch/", arrival.fields)

    assert answer.status_code == 200
    assert 'data-lti-step="confirm"' in text(answer)
    assert not [name for name in answer.cookies if name.startswith(COOKIE_PREFIX)]
    assert Launch.objects.get().proof_hash == ""


def test_posting_a_launch_again_leads_back_to_the_course_and_launches_nothing(browser):
    """CORE-21."""
    arrival = browser.arrive("lin", **WAY_BACK)
    arrival.post()

    again = arrival.post()

    assert again.status_code == 401
    assert "Please open the activity again" in text(again)
    assert f'href="{BACK.replace("&", "&amp;")}&amp;lti_errormsg=Please+open+the+activity+again' in text(again)
    assert Launch.objects.count() == 1


def test_a_stranger_who_posts_a_used_launch_gets_no_link(browser):
    arrival = browser.arrive("lin", **WAY_BACK)
    arrival.post()

    again = Client().post("/lti/launch/", arrival.fields)

    assert again.status_code == 401
    assert "<a " not in text(again)


def test_the_launch_address_opened_by_hand_explains_itself(client):
    answer = client.get("/lti/launch/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "open the activity from your course" in text(answer)


# --- launch without cookies


def test_a_launch_without_its_cookie_waits_for_the_browsers_secret(strict):
    page = strict.launch("lin")

    assert page.status_code == 200
    assert attribute(page, "key") == f"lti_{strict.state}"
    assert Launch.objects.get().proof_hash == ""
    assert "Lin" not in text(page)
    assert strict.client.get(f"/l/{Launch.objects.get().pk}/").status_code == 401


def test_after_a_launch_that_lost_its_cookie_the_next_login_stores_the_secret_elsewhere_too(browser):
    browser.launch("lin")
    arrival = browser.arrive("lin")
    for name in [name for name in browser.client.cookies if "lti_state" in name]:
        del browser.client.cookies[name]

    assert 'data-lti-step="confirm"' in text(arrival.post())
    assert 'data-lti-step="login"' in text(browser.log_in("lin"))


def test_the_browsers_secret_opens_the_launch_and_gives_a_token(strict):
    answer = strict.confirm(strict.launch("lin"))

    told = answer.json()
    assert told["url"] == f"/l/{Launch.objects.get().pk}/"
    assert told["ended"] == []
    page = strict.client.get(told["url"], headers={"Authorization": f"Bearer {told['token']}"})
    assert "Lin" in text(page)
    assert answer.cookies[cookie_name(Launch.objects.get().pk)].value == told["token"]
    assert answer["Cache-Control"] == "no-store"


def refused(answer):
    assert 400 <= answer.status_code < 500
    assert "data-lti-notice" in text(answer)
    assert not [name for name in answer.cookies if name.startswith(COOKIE_PREFIX)]
    assert Launch.objects.get().proof_hash == ""
    return answer.status_code


def test_a_wrong_secret_opens_nothing(strict):
    assert refused(strict.confirm(strict.launch("lin"), secret="guessed")) == 401


def test_the_state_is_not_the_secret(strict):
    page = strict.launch("lin")

    assert refused(strict.confirm(page, secret=strict.state)) == 401


def test_another_launchs_secret_opens_nothing(lms):
    lin, max_ = Browser(lms, keeps_cookies=False), Browser(lms, keeps_cookies=False)
    page = lin.launch("lin")
    max_.log_in("max", "office")
    login_of_max = max_.arrive("max", "office")
    assert login_of_max.fields["state"] != lin.state

    assert refused(lin.confirm(page, secret=max_.secret)) == 401


def test_a_confirmation_works_once(strict):
    page = strict.launch("lin")
    strict.confirm(page)
    opened_with = Launch.objects.get().proof_hash

    again = strict.confirm(page)

    assert again.status_code == 401
    assert Launch.objects.get().proof_hash == opened_with


def test_a_confirmation_comes_too_late_after_the_logins_ten_minutes(strict):
    page = strict.launch("lin")
    Login.objects.update(expires_at=Login.objects.get().created_at - timedelta(minutes=1))

    assert refused(strict.confirm(page)) == 401


@pytest.mark.parametrize(
    ("headers", "content_type", "status"),
    [
        ({}, "application/json", 403),
        ({"Origin": "https://evil.example"}, "application/json", 403),
        ({"Origin": "null"}, "application/json", 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, "application/json", 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"}, "application/json", 403),
        ({"Origin": "http://testserver"}, "text/plain", 400),
    ],
)
def test_only_a_script_of_our_own_page_may_confirm(strict, headers, content_type, status):
    page = strict.launch("lin")
    sent = json.dumps({"ticket": attribute(page, "ticket"), "secret": strict.secret})

    answer = strict.client.post("/lti/confirm/", sent, content_type=content_type, headers=headers)

    assert refused(answer) == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"ticket": 1, "secret": 2}',
        b'{"ticket": "x", "secret": "y"}',
        b'{"ticket": "x", "secret": "y", "tokens": {}}',
        b'{"ticket": "\\ud800", "secret": "y"}',
    ],
)
def test_a_confirmation_that_makes_no_sense_is_refused(client, body):
    answer = client.post(
        "/lti/confirm/", body, content_type="application/json", headers={"Origin": "http://testserver"}
    )

    assert answer.status_code == 400
    assert "data-lti-notice" in text(answer)


def test_the_ticket_of_a_confirmation_can_not_be_made_or_swapped_by_hand(strict):
    page = strict.launch("lin")

    assert refused(strict.confirm(page, ticket=attribute(page, "ticket")[:-6] + "AAAAA=")) == 400


def test_a_tab_that_holds_somebody_elses_token_loses_it(strict):
    lins = strict.confirm(strict.launch("lin")).json()

    kais = strict.confirm(strict.launch("kai"), tokens=[lins["token"], "junk", 7]).json()

    lins_launch = Launch.objects.get(user__name__startswith="Lin")
    assert kais["ended"] == [str(lins_launch.pk)]
    assert lins_launch.ended_at is not None
    left = strict.client.get(lins["url"], headers={"Authorization": f"Bearer {lins['token']}"})
    assert left.status_code == 401


def test_ones_own_tokens_of_other_tabs_stay(strict):
    careers = strict.confirm(strict.launch("lin")).json()

    office = strict.confirm(strict.launch("lin", "office"), tokens=[careers["token"]]).json()

    assert office["ended"] == []
    page = strict.client.get(careers["url"], headers={"Authorization": f"Bearer {careers['token']}"})
    assert "Careers 101" in text(page)


def test_the_probe_tells_whether_cookies_came_back(browser):
    assert browser.client.get("/lti/cookie/").json() == {"kept": False}
    answer = browser.launch("lin")

    assert browser.client.get("/lti/cookie/").json() == {"kept": True}
    assert browser.client.get(f"/lti/cookie/{launch_id(answer)}/").json() == {"kept": True}
    assert browser.client.get("/lti/cookie/00000000-0000-0000-0000-000000000000/").json() == {"kept": False}


# --- refusals


def test_a_refusal_is_one_line_in_the_log_with_the_number_on_the_page_and_nothing_personal(browser):
    arrival = browser.arrive("lin")
    with capture_logs() as lines:
        answer = arrival.post(id_token="a.b.c")

    assert len(lines) == 1
    line = lines[0]
    registration = Registration.objects.get()
    assert {key: line[key] for key in ("event", "log_level", "reason", "registration")} == {
        "event": "launch_refused",
        "log_level": "warning",
        "reason": "token_malformed",
        "registration": str(registration.uuid),
    }
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", line["reference"])
    assert line["reference"] in text(answer)
    assert set(line) == {"event", "log_level", "reason", "reference", "registration", "detail"}
    assert answer["Cache-Control"] == "no-store"


def test_a_refusal_before_the_token_is_believed_links_nowhere(browser):
    answer = browser.arrive("lin").post(id_token="a.b.c")

    assert answer.status_code == 401
    assert "<a " not in text(answer)


def test_a_refusal_of_a_good_token_links_back_to_the_course_with_words(browser, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.refuse_launch"

    answer = browser.arrive("lin", **WAY_BACK).post()

    assert answer.status_code == 403
    link = re.search(r'<a class="lti-button" href="([^"]+)"', text(answer))[1].replace("&amp;", "&")
    query = parse_qs(urlsplit(link).query)
    assert link.startswith(BACK + "&")
    assert query["lti_errormsg"] == ["This activity is not available"]
    assert re.fullmatch(r"not_available \w{4}-\w{4}", query["lti_log"][0])
    assert not [name for name in answer.cookies if name.startswith(COOKIE_PREFIX)]


def test_what_the_lms_answers_instead_of_a_launch_is_told_calmly(browser):
    state = browser.arrive("lin").fields["state"]
    hostile = {"state": state, "error": "login_required", "error_description": "<script>alert(1)</script>"}

    answer = browser.client.post("/lti/launch/", hostile)

    assert answer.status_code == 401
    assert "log in to your learning platform" in text(answer)
    assert "<script>alert" not in text(answer)


@pytest.mark.parametrize("path", ["/lti/login/", "/lti/launch/"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nnot closed"),
        ("application/x-www-form-urlencoded; charset=latin-1", b"iss=%e9"),
        ("application/x-www-form-urlencoded", b"&".join(b"k%d=1" % n for n in range(2000))),
        ("application/x-www-form-urlencoded", b"iss=" + b"x" * 300_000),
        ("application/x-www-form-urlencoded", b"iss=%00&login_hint=%00&target_link_uri=%00&state=%00&id_token=%00"),
        ("application/x-www-form-urlencoded", b"iss=%ff%fe&login_hint=1&target_link_uri=1&state=%ff&id_token=%ff"),
        ("application/json", b'{"iss": 1}'),
        ("", b""),
    ],
)
def test_whatever_is_posted_the_answer_is_a_calm_page(client, path, content_type, body):
    answer = client.post(path, body, content_type=content_type)

    assert 400 <= answer.status_code < 500
    assert "data-lti-notice" in text(answer)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
@pytest.mark.parametrize("path", ["/lti/login/", "/lti/launch/", "/lti/confirm/"])
def test_other_methods_are_refused_calmly(client, path, method):
    answer = getattr(client, method)(path)

    assert answer.status_code == 405
    assert "data-lti-notice" in text(answer)


# --- headers


def all_addresses():
    """Every pattern, filled with something of the right shape."""
    samples = {"uuid": "00000000-0000-0000-0000-000000000000"}
    for pattern in walk(get_resolver("itpm_byte.urls").url_patterns):
        yield re.sub(r"<(?:(\w+):)?\w+>", lambda found: samples.get(found[1] or "str", "1"), pattern)


def walk(patterns, prefix="/"):
    for pattern in patterns:
        route = prefix + re.sub(r"[\^$]|\\Z", "", str(pattern.pattern)).replace(r"\.", ".")
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern.url_patterns, route)
        else:
            yield re.sub(r"\(\?P<(\w+)>[^)]*\)", "1", route)


@pytest.mark.urls("itpm_byte.urls")
def test_every_address_answers_with_security_headers():
    paths = sorted(set(all_addresses()))
    assert "/lti/launch/" in paths
    assert len(paths) > 20
    for path in paths:
        response = Client().get(path)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors" in policy, path
        assert "unsafe-inline" not in policy, path
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert "camera=()" in response["Permissions-Policy"], path
        assert response["Referrer-Policy"] in {"same-origin", "no-referrer"}, path
        assert response["Cross-Origin-Opener-Policy"] in {"unsafe-none", "same-origin"}, path
        is_for_frames = path.startswith(("/lti/", "/l/"))
        is_only_words = response.status_code >= 400 and "form-action 'none'" in policy
        is_shut = "frame-ancestors 'none'" in policy and response["X-Frame-Options"] == "DENY"
        assert is_for_frames or is_only_words or is_shut, path


def test_pages_on_the_way_in_may_be_framed_by_that_lms_alone(browser):
    """SEC-22."""
    first = browser.log_in("lin")
    launched = browser.launch("lin")
    page = browser.client.get(launched["Location"])

    for answer in (first, launched, page):
        assert f"frame-ancestors 'self' {browser.lms.url};" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_a_wait_for_the_secret_may_be_framed_by_that_lms_alone(strict):
    page = strict.launch("lin")

    assert f"frame-ancestors 'self' {strict.lms.url};" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page


# --- keys, words, cost


def test_our_public_keys_may_be_kept_for_an_hour_by_anybody(moodle, client):
    answer = client.get("/.well-known/jwks.json")

    assert [key["kid"] for key in answer.json()["keys"]] == ["test"]
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["Content-Type"] == "application/json"
    assert "Set-Cookie" not in answer


def test_refusals_speak_the_browsers_language_and_its_direction(client):
    answer = client.get("/lti/launch/", headers={"Accept-Language": "ar"})

    assert re.search(r'<html lang="ar"\s+dir="rtl">', text(answer))


def test_the_wait_for_the_secret_speaks_the_language_of_the_launch(strict):
    claim = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation"

    page = strict.launch("lin", **{claim: {"locale": "ar"}})

    assert re.search(r'<html lang="ar"\s+dir="rtl">', text(page))


@pytest.mark.parametrize(("person", "most"), [("lin", 7), ("kai", 9)])
def test_login_launch_and_page_of_known_and_new_learners_stay_within_their_statements(browser, person, most):
    browser.launch("lin")

    with CaptureQueriesContext(connection) as captured:
        answer = browser.launch(person)
        page = browser.client.get(answer["Location"])

    statements = [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert page.status_code == 200
    assert len(statements) <= most, statements  # Kai's are one more: Lin, who sat there before, is sent away
    assert not [sql for sql in statements if "django_session" in sql or "auth_user" in sql]


def test_pages_on_the_way_in_are_small(browser, strict):
    assert len(browser.log_in("lin").content) < 6000
    assert len(strict.launch("lin").content) < 6000
    scripts = [Path(finders.find(f"lti/{name}.js")) for name in ("binding", "stores", "messages", "tokens", "page")]
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) < 6000
