import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, connections

from lti import keysets
from lti.errors import KeysUnavailable
from lti.models import Registration
from tests.lti.platform import CURVE, FIRST, SECOND, SigningKey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def registration(platform):
    return platform.register()


def fresh(registration):
    """The row as another process reads it."""
    return Registration.objects.get(pk=registration.pk)


def find(registration, kid="first", *, now=NOW, algorithm="RS256"):
    return keysets.public_key(fresh(registration), kid, algorithm, now=now)


def numbers(key):
    return key.public_numbers() if key else None


def public(signing_key):
    return signing_key.private.public_key().public_numbers()


# --- how long a set is kept


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("max-age=600", timedelta(seconds=600)),
        ("public, max-age=3600, must-revalidate", timedelta(hours=1)),
        ("max-age=1", timedelta(minutes=5)),
        ("max-age=31536000", timedelta(hours=24)),
        ("no-store", timedelta(hours=2)),
        ("s-maxage=1", timedelta(hours=2)),
        ("max-age=soon", timedelta(hours=2)),
    ],
)
def test_a_set_is_kept_as_long_as_the_lms_says_between_five_minutes_and_a_day(platform, registration, header, kept):
    platform.publish(FIRST.jwk(), Cache_Control=header)
    find(registration)
    assert fresh(registration).jwks_expires_at == NOW + kept


def test_a_fresh_set_is_asked_for_once_by_all_processes(platform, registration):
    assert [numbers(find(registration)) for _ in range(3)] == [public(FIRST)] * 3
    assert platform.asked == 1


def test_a_fresh_set_costs_no_query(registration, django_assert_num_queries):
    find(registration)
    row = fresh(registration)
    with django_assert_num_queries(0):
        assert keysets.public_key(row, "first", "RS256", now=NOW)


def test_a_set_that_is_too_old_is_asked_for_again(platform, registration):
    find(registration)
    find(registration, now=NOW + timedelta(hours=2))
    assert platform.asked == 2


def test_an_old_set_goes_on_while_the_lms_is_down(platform, registration):
    find(registration)
    platform.answer.status = 500
    assert numbers(find(registration, now=NOW + timedelta(days=3))) == public(FIRST)
    assert platform.asked == 2


def test_an_lms_that_is_down_is_asked_once_a_minute(platform, registration):
    find(registration)
    platform.answer.status = 500
    later = NOW + timedelta(days=3)
    for moment in (later, later + timedelta(seconds=59), later + MINUTE):
        find(registration, now=moment)
    assert platform.asked == 3


def test_another_process_goes_on_with_the_old_set_while_one_asks(platform, registration):
    find(registration)
    later = NOW + timedelta(hours=2)
    # One process has taken its turn and waits for the LMS.
    Registration.objects.update(jwks_expires_at=later + MINUTE)
    assert numbers(find(registration, now=later)) == public(FIRST)
    assert platform.asked == 1


# --- failures


def test_a_failure_is_remembered_for_a_minute_and_nothing_is_stored(platform, registration):
    platform.answer.status = 500
    for moment in (NOW, NOW + timedelta(seconds=59)):
        with pytest.raises(KeysUnavailable):
            find(registration, now=moment)
    assert (platform.asked, fresh(registration).jwks) == (1, None)
    with pytest.raises(KeysUnavailable):
        find(registration, now=NOW + MINUTE)
    assert platform.asked == 2


def test_what_an_error_page_says_never_replaces_good_keys(platform, registration):
    find(registration)
    good = fresh(registration).jwks
    for body in (b'{"error": "down"}', b'{"keys": []}', b"<html>", b'{"keys": ["x"]}'):
        platform.answer.body = body
        later = NOW + timedelta(days=1)
        Registration.objects.update(jwks_expires_at=later, jwks_failed_at=None)
        assert numbers(find(registration, now=later)) == public(FIRST)
        assert fresh(registration).jwks == good


def test_no_redirect_is_followed(platform, registration):
    platform.answer.status, platform.answer.headers = 302, {"Location": f"{platform.url}/elsewhere"}
    with pytest.raises(KeysUnavailable):
        find(registration)
    assert platform.asked == 1


# --- unknown keys


def test_an_unknown_key_makes_us_look_once_a_minute(platform, registration):
    find(registration)
    for moment in (NOW + MINUTE, NOW + 2 * MINUTE - timedelta(seconds=1), NOW + 2 * MINUTE):
        assert find(registration, "nobody", now=moment) is None
    assert platform.asked == 3


def test_a_set_that_was_asked_for_just_now_is_not_asked_for_again(platform, registration):
    assert find(registration, "nobody") is None
    assert platform.asked == 1


def test_a_rotated_key_is_found_at_once_though_the_set_was_fresh(platform, registration):
    find(registration)
    platform.publish(SECOND.jwk())
    assert numbers(find(registration, "second", now=NOW + timedelta(seconds=5))) == public(SECOND)
    assert find(registration, "first", now=NOW + timedelta(seconds=6)) is None


def test_a_look_for_an_unknown_key_that_fails_leaves_the_keys_we_have(platform, registration):
    find(registration)
    platform.answer.status = 500
    assert find(registration, "nobody", now=NOW + MINUTE) is None
    assert numbers(find(registration, now=NOW + MINUTE)) == public(FIRST)


# --- several at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [False, True], ids=["first launch", "after a rotation"])
def test_a_class_that_arrives_at_once_asks_the_lms_once_and_all_get_the_new_key(platform, registration, is_known):
    if is_known:
        find(registration)
    platform.publish(SECOND.jwk())
    gate = threading.Barrier(6)

    def look():
        try:
            row = fresh(registration)
            gate.wait()
            return numbers(keysets.public_key(row, "second", "RS256", now=NOW + MINUTE))
        finally:
            connections.close_all()

    asked = platform.asked
    with ThreadPoolExecutor(6) as threads:
        found = [future.result() for future in [threads.submit(look) for _ in range(6)]]

    assert found == [public(SECOND)] * 6
    assert platform.asked == asked + 1


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_another_process_hears_of_its_failure(platform, registration):
    asked, second_waits = threading.Event(), threading.Event()

    def fail_when_the_second_waits():
        asked.set()
        second_waits.wait(10)
        platform.answer.status = 500

    platform.on_ask = fail_when_the_second_waits

    def ask(notice):
        try:
            with connection.execute_wrapper(notice):
                keysets.public_key(fresh(registration), "first", "RS256", now=NOW)
        except KeysUnavailable as problem:
            return str(problem)
        finally:
            connections.close_all()

    def second_has_looked(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        looks.append(sql)
        if len(looks) == 4:
            second_waits.set()
        return answer

    looks = []
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask, lambda execute, *query: execute(*query))
        asked.wait(10)
        second = threads.submit(ask, second_has_looked)
        assert (first.result(), second.result()) == ("status 500", "failed a moment ago")
    assert platform.asked == 1


# --- another address


def test_keys_from_another_address_do_not_count(platform, registration):
    find(registration)
    row = fresh(registration)
    row.jwks_url = f"{platform.url}/moved"
    assert keysets.stored_keys(row) is None


def test_after_a_change_of_address_it_is_asked_at_once(platform, registration):
    find(registration)
    platform.publish(SECOND.jwk())
    row = fresh(registration)
    row.jwks_url = f"{platform.url}/moved"
    keysets.forget(row)
    row.save()
    assert numbers(find(registration, "second")) == public(SECOND)


# --- which key


def test_of_several_keys_the_named_one_is_taken(platform, registration):
    platform.publish(SECOND.jwk(), CURVE.jwk(), FIRST.jwk())
    assert numbers(find(registration, "first")) == public(FIRST)
    assert numbers(find(registration, "curve", algorithm="ES256")) == public(CURVE)
    assert find(registration, "curve") is None
    assert find(registration, "first", algorithm="ES256") is None


def test_nothing_private_is_stored_by_mistake(platform, registration):
    platform.publish(FIRST.jwk(d="secret", p="secret", x5c=["long"]))
    find(registration)
    assert "secret" not in str(fresh(registration).jwks)
    assert "x5c" not in fresh(registration).jwks["keys"][0]


def test_a_key_that_is_too_short_to_be_safe_is_no_key(platform, registration):
    short = SigningKey("short", rsa.generate_private_key(public_exponent=65537, key_size=1024))
    platform.publish(short.jwk())
    assert find(registration, "short") is None


@pytest.mark.parametrize("jwk", [{"kid": "first"}, {"kid": "first", "kty": "RSA", "n": 5}, {"kid": "first", "kty": 5}])
def test_a_broken_key_is_no_key(platform, registration, jwk):
    platform.publish(jwk)
    assert find(registration) is None
