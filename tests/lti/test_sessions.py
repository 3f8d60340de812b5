import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.middleware.csrf import _unmask_cipher_token, get_token
from django.test import Client, RequestFactory
from django.utils import translation

from lti import sessions
from lti.csrf import form_token
from lti.models import Launch, Registration
from lti.proofs import hash_secret, unseal
from lti.sessions import SessionEnded, cookie_name, resolve
from tests.lti import cast
from tests.lti.cast import BACK, NOW

SECOND = "second-secret"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.lti.doors")]


def with_cookies(*launches, **proof_fields):
    request = RequestFactory().get("/")
    request.COOKIES = {cookie_name(one.pk): cast.sealed(one, **proof_fields) for one in launches}
    return request


def with_bearer(sealed):
    return RequestFactory().get("/", headers={"Authorization": f"Bearer {sealed}"})


def refused(request, launch_id, now=NOW):
    with pytest.raises(SessionEnded) as caught:
        resolve(request, launch_id, now=now)
    return caught.value


@pytest.fixture
def live(time_machine_now):
    """A browser that enforces CSRF like a real one."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def time_machine_now():
    with time_machine.travel(NOW, tick=False):
        yield


def token_on(page):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]


def keep(client, launch, **proof_fields):
    client.cookies[cookie_name(launch.pk)] = cast.sealed(launch, **proof_fields)


# --- who may


def test_the_cookie_of_a_launch_opens_its_session_in_one_query(django_assert_num_queries):
    lin = cast.launch("Lin")

    with django_assert_num_queries(1):
        found = resolve(with_cookies(lin), lin.pk, now=NOW)
        names = (
            found.user.name,
            found.membership.context.title,
            found.resource_link.resource_link_id,
            found.deployment.registration.issuer,
            found.deployment.institution.name,
        )

    assert names == ("Lin", "Careers", "link in careers", "https://lms.example", "lms.example")


def test_the_same_proof_as_a_bearer_token_opens_the_session():
    lin = cast.launch("Lin")

    assert resolve(with_bearer(cast.sealed(lin)), lin.pk, now=NOW) == lin


def test_without_a_proof_nobody_gets_in():
    lin = cast.launch("Lin")

    assert refused(RequestFactory().get("/"), lin.pk).reason == "missing"


def test_the_proof_of_one_launch_does_not_open_another_of_the_same_person():
    careers, history = cast.launch("Lin"), cast.launch("Lin", course="history")
    request = RequestFactory().get("/")
    request.COOKIES = {cookie_name(history.pk): cast.sealed(careers)}

    assert refused(request, history.pk).reason == "foreign"
    assert refused(with_bearer(cast.sealed(careers)), history.pk).reason == "foreign"


def test_a_proof_with_the_wrong_secret_is_foreign():
    lin = cast.launch("Lin")

    assert refused(with_cookies(lin, secret="guessed"), lin.pk).reason == "foreign"


def test_a_launch_that_was_never_proven_has_no_session():
    lin = cast.launch("Lin", proof_hash="")

    assert refused(with_cookies(lin, secret=""), lin.pk).reason == "foreign"


def test_a_bad_bearer_token_is_not_made_good_by_a_cookie():
    lin = cast.launch("Lin")
    request = with_cookies(lin)
    request.META["HTTP_AUTHORIZATION"] = "Bearer nonsense"

    assert refused(request, lin.pk).reason == "foreign"


def test_another_kind_of_authorization_proves_nothing():
    lin = cast.launch("Lin")
    request = RequestFactory().get("/", headers={"Authorization": f"Basic {cast.sealed(lin)}"})

    assert refused(request, lin.pk).reason == "foreign"


def test_an_ended_session_is_over_and_knows_the_way_back():
    lin = cast.launch("Lin", ended_at=NOW)

    ended = refused(with_cookies(lin), lin.pk)

    assert (ended.reason, ended.return_url) == ("ended", BACK)


@pytest.mark.parametrize("status", ["disabled", "pending"])
def test_switching_off_the_registration_ends_its_sessions_at_once(status):
    lin = cast.launch("Lin")
    Registration.objects.update(status=status)

    assert refused(with_cookies(lin), lin.pk).reason == "ended"


def test_switching_off_the_deployment_ends_its_sessions_at_once():
    lin = cast.launch("Lin")
    lin.deployment.status = "disabled"
    lin.deployment.save()

    assert refused(with_cookies(lin), lin.pk).reason == "ended"


def test_a_launch_that_was_cleaned_away_counts_as_expired():
    lin = cast.launch("Lin")
    request, launch_id = with_cookies(lin), lin.pk
    lin.delete()

    ended = refused(request, launch_id)

    assert (ended.reason, ended.return_url) == ("expired", BACK)


# --- how long


def test_a_session_expires_when_it_was_left_alone():
    lin = cast.launch("Lin")

    assert refused(with_cookies(lin), lin.pk, now=NOW + timedelta(hours=8)).reason == "expired"


def test_use_prolongs_a_session_and_writes_only_when_it_gains_ten_minutes(django_assert_num_queries):
    lin = cast.launch("Lin")

    with django_assert_num_queries(1):
        resolve(with_cookies(lin), lin.pk, now=NOW + timedelta(minutes=10))
    with django_assert_num_queries(2):
        later = resolve(with_cookies(lin), lin.pk, now=NOW + timedelta(minutes=11))

    lin.refresh_from_db()
    assert lin.expires_at == later.expires_at == NOW + timedelta(hours=8, minutes=11)


def test_no_session_lives_longer_than_three_times_its_length():
    lin = cast.launch("Lin", expires_at=NOW + timedelta(hours=23, minutes=30))

    later = resolve(with_cookies(lin), lin.pk, now=NOW + timedelta(hours=23))

    assert later.expires_at == NOW + timedelta(hours=24)


# --- who sits there now


def handed_over(request, launch):
    response = HttpResponse()
    proof = cast.proof(launch)
    sessions.hand_over(request, response, proof, sealed=cast.sealed(launch), now=NOW)
    return response


def gone(response):
    return {name for name, morsel in response.cookies.items() if morsel["max-age"] == 0}


def test_somebody_elses_launch_ends_the_sessions_of_who_sat_there_before():
    """SEC-12."""
    careers, history = cast.launch("Lin"), cast.launch("Lin", course="history")
    elsewhere = cast.launch("Lin", course="art")
    ada = cast.launch("Ada")

    response = handed_over(with_cookies(careers, history), ada)

    assert gone(response) == {cookie_name(careers.pk), cookie_name(history.pk)}
    assert unseal(response.cookies[cookie_name(ada.pk)].value).launch_id == ada.pk
    ended = set(Launch.objects.exclude(ended_at=None).values_list("pk", flat=True))
    assert ended == {careers.pk, history.pk}
    assert elsewhere.pk not in ended


def test_a_second_launch_of_the_same_person_leaves_the_first_tab_alone(django_assert_num_queries):
    careers, history = cast.launch("Lin"), cast.launch("Lin", course="history")
    request, proof, sealed = with_cookies(careers), cast.proof(history), cast.sealed(history)
    response = HttpResponse()

    with django_assert_num_queries(0):
        sessions.hand_over(request, response, proof, sealed=sealed, now=NOW)

    assert gone(response) == set()
    assert resolve(with_cookies(careers, history), careers.pk, now=NOW) == careers


def test_one_person_by_two_registrations_of_one_lms_is_not_somebody_else():
    first = cast.launch("Lin", at=cast.registration(client_id="one"))
    second = cast.launch("Lin", at=cast.registration(client_id="two"))

    assert gone(handed_over(with_cookies(first), second)) == set()


def test_the_same_sub_at_another_lms_is_somebody_else():
    here = cast.launch("Lin", at=cast.registration("lms.example"))
    there = cast.launch("Lin", at=cast.registration("other.example"))

    assert gone(handed_over(with_cookies(here), there)) == {cookie_name(here.pk)}


def test_a_browser_keeps_eight_launches_and_the_oldest_go_first():
    held = [
        cast.launch("Lin", course=f"course {n}", created_at=NOW + timedelta(minutes=n))
        for n in (3, 1, 2, 0, 4, 5, 6, 7)
    ]
    oldest = next(one for one in held if one.created_at == NOW)

    assert gone(handed_over(with_cookies(*held), cast.launch("Lin", course="newest"))) == {cookie_name(oldest.pk)}


def test_launch_cookies_together_stay_small_enough_for_a_web_server():
    held = [cast.launch("Lin", course=f"course {n}", created_at=NOW + timedelta(minutes=n)) for n in range(3)]
    request = with_cookies(*held, return_url="https://lms.example/?" + "x" * 1800)
    size = len(request.COOKIES[cookie_name(held[0].pk)])
    assert 2000 < size < 3000

    assert gone(handed_over(request, cast.launch("Lin", course="newest"))) == {cookie_name(held[0].pk)}


def test_launch_cookies_that_open_nothing_are_thrown_away():
    request = RequestFactory().get("/")
    request.COOKIES = {cookie_name(uuid.UUID(int=1)): "junk", "unrelated": "junk"}

    assert gone(handed_over(request, cast.launch("Lin"))) == {cookie_name(uuid.UUID(int=1))}


def test_the_launch_cookie_is_for_this_host_for_frames_and_not_for_scripts(live):
    """CK-20."""
    lin = cast.launch("Lin")
    morsel = handed_over(with_cookies(), lin).cookies[cookie_name(lin.pk)]

    flags = {key: morsel[key] for key in ("secure", "httponly", "samesite", "path", "max-age", "domain")}
    assert flags == {
        "secure": True,
        "httponly": True,
        "samesite": "None",
        "path": "/",
        "max-age": "",
        "domain": "",
    }
    assert morsel.key.startswith("__Host-")


def test_an_unproven_launch_is_opened_once():
    lin = cast.launch("Lin", proof_hash="")

    first = sessions.open_session(lin, return_url=BACK, now=NOW)
    second = sessions.open_session(lin, return_url=BACK, now=NOW)

    lin.refresh_from_db()
    assert lin.proof_hash == hash_secret(first.secret)
    assert second is None


# --- doors


def test_two_courses_in_two_tabs_of_one_browser_stay_apart(live):
    """CK-21."""
    careers, history = cast.launch("Lin"), cast.launch("Lin", course="history")
    keep(live, careers)
    keep(live, history)

    assert b"<title>Careers</title>" in live.get(f"/l/{careers.pk}/").content
    assert b"<title>History</title>" in live.get(f"/l/{history.pk}/").content


def test_a_door_gives_the_way_back_to_the_page_alone(live):
    lin = cast.launch("Lin")
    keep(live, lin)

    assert BACK.replace("&", "&amp;") in live.get(f"/l/{lin.pk}/").content.decode()


def test_a_page_without_any_proof_is_a_shell_that_holds_nothing_of_anybody(live):
    lin = cast.launch("Lin")

    response = live.get(f"/l/{lin.pk}/", headers={"Sec-Fetch-Dest": "iframe"})

    assert response.status_code == 401
    assert 'data-lti-step="shell"' in response.content.decode()
    assert "Lin" not in response.content.decode()
    assert "Careers" not in response.content.decode()
    assert "frame-ancestors 'self' https://lms.example;" in response["Content-Security-Policy"]


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}])
def test_a_script_without_a_proof_gets_words_and_no_shell(live, headers):
    lin = cast.launch("Lin")

    response = live.get(f"/l/{lin.pk}/", headers=headers)

    assert response.status_code == 401
    assert "data-lti-notice" in response.content.decode()
    assert "data-lti-step" not in response.content.decode()


def test_a_page_left_open_learns_that_its_session_was_closed_though_its_cookie_is_gone(live):
    lin = cast.launch("Lin", ended_at=NOW)

    response = live.post(f"/l/{lin.pk}/", headers={"Sec-Fetch-Dest": "empty"})

    assert response.status_code == 401
    assert "This session was closed" in response.content.decode()
    assert "Lin" not in response.content.decode()
    assert "frame-ancestors 'self' https://lms.example;" in response["Content-Security-Policy"]


def test_an_expired_session_says_so_and_links_back_to_the_course_each_time_it_is_asked(live):
    lin = cast.launch("Lin", expires_at=NOW)
    keep(live, lin)

    first, second = live.get(f"/l/{lin.pk}/"), live.get(f"/l/{lin.pk}/")

    assert (first.status_code, second.status_code) == (401, 401)
    assert "Your session has ended" in second.content.decode()
    assert f'href="{BACK.replace("&", "&amp;")}"' in second.content.decode()


def test_a_form_with_a_cookie_needs_the_csrf_token(live):
    lin = cast.launch("Lin")
    keep(live, lin)
    token = token_on(live.get(f"/l/{lin.pk}/"))

    without = live.post(f"/l/{lin.pk}/send/", {"note": "hello"})
    with_token = live.post(f"/l/{lin.pk}/send/", {"note": "hello", "csrfmiddlewaretoken": token})

    assert without.status_code == 403
    assert with_token["Location"] == f"/l/{lin.pk}/?note=hello"


def test_the_token_of_one_session_opens_no_other(live):
    lin, later = cast.launch("Lin"), cast.launch("Lin", course="history")
    keep(live, lin)
    keep(live, later, secret=SECOND)
    Launch.objects.filter(pk=later.pk).update(proof_hash=hash_secret(SECOND))
    token = token_on(live.get(f"/l/{lin.pk}/"))

    response = live.post(f"/l/{later.pk}/send/", {"note": "hello", "csrfmiddlewaretoken": token})

    assert response.status_code == 403


def test_each_page_masks_the_token_anew_as_django_does(live):
    """Compressed pages would otherwise tell it to whoever can measure them (BREACH)."""
    lin = cast.launch("Lin")
    request = with_cookies(lin)
    sealed_in = []

    @sessions.launch_required
    def page(request, launch):
        sealed_in.extend([form_token(request), form_token(request), get_token(request)])
        return HttpResponse()

    page(request, lin.pk)

    assert len(set(sealed_in)) == 3
    assert len({_unmask_cipher_token(token) for token in sealed_in}) == 1
    assert {len(token) for token in sealed_in} == {64}


def test_a_form_with_a_bearer_token_needs_none(live):
    lin = cast.launch("Lin")
    bearer = {"Authorization": f"Bearer {cast.sealed(lin)}"}

    response = live.post(f"/l/{lin.pk}/send/", {"note": "hello"}, headers=bearer)

    assert response["Location"] == f"/l/{lin.pk}/?note=hello"


def test_an_invalid_bearer_token_does_not_lift_the_csrf_check(live):
    lin = cast.launch("Lin")
    keep(live, lin)

    response = live.post(f"/l/{lin.pk}/send/", {"note": "hello"}, headers={"Authorization": "Bearer nonsense"})

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("locale", "accepted", "language"),
    [("fr-CA", "ar", "fr"), ("ar_EG", "fr", "ar"), ("tlh", "fr", "fr"), ("", "fr", "fr"), ("", "", "en")],
)
def test_a_page_speaks_the_language_of_the_launch_before_that_of_the_browser(live, locale, accepted, language):
    lin = cast.launch("Lin", locale=locale)
    keep(live, lin)

    response = live.get(f"/l/{lin.pk}/", headers={"Accept-Language": accepted})

    assert f'lang="{language}"' in response.content.decode()
    assert response["Content-Language"] == language


def test_one_learners_language_does_not_stay_for_the_next_request(live):
    lin = cast.launch("Lin", locale="ar")
    keep(live, lin)
    before = translation.get_language()

    live.get(f"/l/{lin.pk}/", headers={"Accept-Language": "en"})

    assert before == "en"
    assert translation.get_language() == "en"


def test_a_session_page_touches_neither_staff_sessions_nor_users(live, django_assert_num_queries):
    lin = cast.launch("Lin")
    keep(live, lin)

    with django_assert_num_queries(1):
        response = live.get(f"/l/{lin.pk}/")

    assert set(response.cookies) == set()
