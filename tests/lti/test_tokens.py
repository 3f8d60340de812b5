"""Access tokens: how they are asked for, kept, shared and dropped (AGS-01 … AGS-06)."""

from datetime import timedelta

import jwt
import pytest
from django.utils import timezone

from lti import scopes, tokens
from lti.models import AccessToken, Deployment, Registration
from lti.outcomes import ServiceProblem, Verdict
from tests.lti.course import course_at, make_course
from tests.lti.scripted import TOKEN, Said, ScriptedLms

pytestmark = pytest.mark.django_db

SCORE = [scopes.SCORE]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def ask(lms: ScriptedLms, now, wanted=None, **registration):
    course = make_course(url=lms.url, **registration)
    return course, tokens.bearer(course.deployment, wanted or SCORE, now=now)


def refused(deployment, now, wanted=None) -> "tokens.Outcome":
    with pytest.raises(ServiceProblem) as problem:
        tokens.bearer(deployment, wanted or SCORE, now=now)
    return problem.value.outcome


def test_a_token_is_asked_for_as_the_security_framework_says(key, keyset, now):
    with ScriptedLms(lambda asked: TOKEN) as lms:
        course, token = ask(lms, now, [scopes.SCORE, scopes.LINEITEM])

    (asked,) = lms.asked
    assert token == "t0k3n-of-the-lms"
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    assert set(asked.form) == {"grant_type", "client_assertion_type", "client_assertion", "scope"}
    assert asked.form["grant_type"] == "client_credentials"
    assert asked.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert asked.form["scope"] == f"{scopes.LINEITEM} {scopes.SCORE}"


def test_the_assertion_names_us_the_token_address_and_the_deployment_for_less_than_five_minutes(key, keyset, now):
    with ScriptedLms(lambda asked: TOKEN) as lms:
        course, _ = ask(lms, now)

    claims, header = assertion(lms, keyset)
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "test"}
    assert claims["iss"] == claims["sub"] == course.registration.client_id
    assert claims["aud"] == f"{lms.url}/token"
    assert claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] == "9"
    # Moodle refuses an iat that is one second ahead of its clock.
    assert int(now.timestamp()) - 30 == claims["iat"]
    assert 0 < claims["exp"] - claims["iat"] <= 300


def assertion(lms: ScriptedLms, keyset, number: int = 0):
    token = lms.asked[number].form["client_assertion"]
    options = {"verify_aud": False, "verify_iat": False}
    claims = jwt.decode(token, jwt.PyJWK(keyset.jwk).key, algorithms=["RS256"], options=options)
    return claims, jwt.get_unverified_header(token)


def test_an_lms_with_an_audience_of_its_own_gets_that_one_as_a_string(key, keyset, now):
    """CORE-44."""
    with ScriptedLms(lambda asked: TOKEN) as lms:
        ask(lms, now, audience="https://api.brightspace.com/auth/token")

    assert assertion(lms, keyset)[0]["aud"] == "https://api.brightspace.com/auth/token"


def test_a_slash_at_the_end_of_the_token_address_stays_as_it_was_stored(key, keyset, now):
    with ScriptedLms(lambda asked: TOKEN) as lms:
        url = f"{lms.url}/token/?x=1"
        ask(lms, now, auth_token_url=url)

    assert (lms.asked[0].path, assertion(lms, keyset)[0]["aud"]) == ("/token/?x=1", url)


def test_every_assertion_has_an_id_of_its_own(key, keyset, now):
    with ScriptedLms(lambda asked: TOKEN) as lms:
        course, _ = ask(lms, now)
        tokens.bearer(course.deployment, [scopes.RESULT_READ], now=now)

    assert assertion(lms, keyset, 0)[0]["jti"] != assertion(lms, keyset, 1)[0]["jti"]


def test_a_token_is_asked_for_once_and_shared(moodle, now):
    course = course_at(moodle)
    first = tokens.bearer(course.deployment, SCORE, now=now)

    assert tokens.bearer(Deployment.objects.get(), SCORE, now=now + timedelta(minutes=58)) == first
    assert len(moodle.journal.entries("token")) == 1


def test_a_token_is_replaced_a_minute_before_it_runs_out(moodle, now):
    course = course_at(moodle)
    first = tokens.bearer(course.deployment, SCORE, now=now)
    moodle.shift_clock(3600)

    assert tokens.bearer(course.deployment, SCORE, now=now + timedelta(minutes=59)) != first


def test_the_order_of_scopes_does_not_matter_but_other_scopes_are_another_token(moodle, now):
    course = course_at(moodle)
    both = [scopes.SCORE, scopes.LINEITEM]
    assert tokens.bearer(course.deployment, both, now=now) == tokens.bearer(course.deployment, both[::-1], now=now)
    assert tokens.bearer(course.deployment, SCORE, now=now) != tokens.bearer(course.deployment, both, now=now)
    assert len(moodle.journal.entries("token")) == 2


def test_deployments_of_one_registration_do_not_share_tokens(key, now):
    with ScriptedLms(lambda asked: TOKEN) as lms:
        course, _ = ask(lms, now)
        other = Deployment.objects.create(
            registration=course.registration, institution=course.deployment.institution, deployment_id="10"
        )
        tokens.bearer(other, SCORE, now=now)

    assert len(lms.asked) == 2


def test_the_database_never_holds_a_readable_token(moodle, now):
    token = tokens.bearer(course_at(moodle).deployment, SCORE, now=now)

    assert token not in str(AccessToken.objects.values())


def test_a_token_that_our_own_keys_cannot_read_any_more_is_replaced(moodle, now, settings):
    course = course_at(moodle)
    tokens.bearer(course.deployment, SCORE, now=now)
    AccessToken.objects.update(token_encrypted="gAAAAABunreadable")
    tokens.bearer(course.deployment, SCORE, now=now)

    assert len(moodle.journal.entries("token")) == 2


def test_moodles_json_is_understood_although_it_is_called_html(key, now):
    html = Said(TOKEN.body, headers={"Content-Type": "text/html; charset=utf-8"})
    with ScriptedLms(lambda asked: html) as lms:
        assert ask(lms, now)[1] == "t0k3n-of-the-lms"


@pytest.mark.parametrize(
    ("said", "minutes"),
    [(3600, 59), ("3600", 59), (None, 59), ("soon", 59), (90, 0.75), (10**12, 1439), (True, 1 / 120)],
)
def test_the_lifetime_is_read_however_it_is_written(key, now, said, minutes):
    with ScriptedLms(lambda asked: Said(TOKEN.body | {"expires_in": said})) as lms:
        ask(lms, now)

    assert AccessToken.objects.get().expires_at == now + timedelta(minutes=minutes)


def test_what_the_lms_grants_is_remembered_and_a_part_is_enough_where_any_will_do(key, now):
    """AGS-03."""
    with ScriptedLms(lambda asked: Said(TOKEN.body | {"scope": scopes.LINEITEM_READ})) as lms:
        ask(lms, now, [scopes.LINEITEM, scopes.LINEITEM_READ])

    assert AccessToken.objects.get().granted_scopes == [scopes.LINEITEM_READ]


def test_a_token_without_the_right_that_is_needed_is_no_token(key, now):
    with ScriptedLms(lambda asked: Said(TOKEN.body | {"scope": scopes.LINEITEM_READ})) as lms:
        course = make_course(url=lms.url)
        outcome = refused(course.deployment, now)

    assert (outcome.verdict, outcome.code) == (Verdict.FINAL, "scope_missing")


def test_while_one_process_asks_the_others_are_told_to_come_back(moodle, now):
    course = course_at(moodle)
    AccessToken.objects.all().delete()
    tokens.bearer(course.deployment, SCORE, now=now)
    AccessToken.objects.update(token_encrypted="", lease_until=now + timedelta(seconds=20))
    outcome = refused(course.deployment, now)

    assert (outcome.verdict, outcome.delay) == (Verdict.BUSY, timedelta(seconds=1))
    assert len(moodle.journal.entries("token")) == 1


def test_a_process_that_died_while_asking_blocks_nobody_for_long(moodle, now):
    course = course_at(moodle)
    tokens.bearer(course.deployment, SCORE, now=now)
    AccessToken.objects.update(token_encrypted="", lease_until=now)

    assert tokens.bearer(course.deployment, SCORE, now=now) != ""


def test_a_failed_request_frees_the_way_for_the_next_one(moodle, now):
    course = course_at(moodle)
    moodle.faults.add("token", "status", status=503, times=1)
    outcome = refused(course.deployment, now)

    assert (outcome.verdict, outcome.code, outcome.is_strike) == (Verdict.RETRY, "token_unavailable", True)
    assert AccessToken.objects.get().lease_until is None
    assert tokens.bearer(course.deployment, SCORE, now=now) != ""


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said({"error": "invalid_client"}, 400), "token_refused"),
        (Said({"error": "invalid_scope"}, 401), "token_refused"),
        (Said({"error": "the 'aud' is invalid"}, 400), "token_refused"),
        (Said(b"<h1>Bad Request</h1>", 400), "token_unavailable"),
        (Said(b"<h1>Not found</h1>", 404), "token_unavailable"),
        (Said({"token": "other word"}), "token_unavailable"),
        (Said({"access_token": ""}), "token_unavailable"),
        (Said(["access_token"]), "token_unavailable"),
        (Said(b"\xff\xfe", 200), "token_unavailable"),
        (Said({}, 429), "rate_limited"),
        (Said(b"", 302, {"Location": "https://elsewhere.example/"}), "token_unavailable"),
    ],
)
def test_every_trouble_of_the_token_service_passes_but_is_told_apart(key, now, said, code):
    with ScriptedLms(lambda asked: said) as lms:
        outcome = refused(make_course(url=lms.url).deployment, now)

    assert (outcome.verdict, outcome.code, outcome.status, len(lms.asked)) == (Verdict.RETRY, code, said.status, 1)


def test_the_token_services_retry_after_is_kept(key, now):
    with ScriptedLms(lambda asked: Said({}, 503, {"Retry-After": "90"})) as lms:
        outcome = refused(make_course(url=lms.url).deployment, now)

    assert outcome.delay == timedelta(seconds=90)


def test_nothing_secret_is_logged_when_a_token_is_refused(key, now, caplog):
    with ScriptedLms(
        lambda asked: Said({"error": "invalid_client", "error_description": asked.body.decode()}, 400)
    ) as lms:
        refused(make_course(url=lms.url).deployment, now)

    assert "lti.token_refused" in caplog.text
    assert "invalid_client" in caplog.text
    assert lms.asked[0].form["client_assertion"] not in caplog.text


def test_a_dropped_token_is_asked_for_anew(moodle, now):
    course = course_at(moodle)
    first = tokens.bearer(course.deployment, SCORE, now=now)
    tokens.drop(course.deployment, SCORE, first)

    assert tokens.bearer(course.deployment, SCORE, now=now) != first


def test_a_newer_token_of_another_process_is_not_dropped_with_the_old_one(moodle, now):
    course = course_at(moodle)
    newer = tokens.bearer(course.deployment, SCORE, now=now)
    tokens.drop(course.deployment, SCORE, "the one before")

    assert tokens.bearer(course.deployment, SCORE, now=now) == newer
    assert Registration.objects.get().services_failures == 0
