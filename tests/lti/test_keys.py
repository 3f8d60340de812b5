import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import jwt
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from lti import keys
from lti.models import ToolKey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def kids(now):
    return [key["kid"] for key in keys.published(now=now)["keys"]]


def signed_by(now):
    return jwt.get_unverified_header(keys.sign({"a": 1}, now))["kid"]


def test_without_a_key_nothing_is_signed_and_the_key_set_is_empty():
    with pytest.raises(keys.NoKey, match="rotate_key"):
        keys.sign({}, NOW)
    assert keys.published(now=NOW) == {"keys": []}


def test_the_first_key_signs_at_once():
    key = keys.rotate(now=NOW)
    assert (key.activates_at, key.retires_at, signed_by(NOW)) == (NOW, None, key.kid)


def test_what_we_sign_can_be_checked_with_what_we_publish():
    keys.rotate(now=NOW)
    (jwk,) = keys.published(now=NOW)["keys"]
    token = keys.sign({"iss": "client"}, NOW)
    assert jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS256"]) == {"iss": "client"}
    assert sorted(jwk) == ["alg", "e", "kid", "kty", "n", "use"]
    assert (jwk["alg"], jwk["use"], jwk["kty"]) == ("RS256", "sig", "RSA")


def test_a_new_key_is_shown_a_day_before_it_signs_and_the_old_one_a_day_after():
    old = keys.rotate(now=NOW)
    new = keys.rotate(now=NOW)

    almost, then, later = NOW + DAY - timedelta(seconds=1), NOW + DAY, NOW + 2 * DAY
    assert [signed_by(moment) for moment in (NOW, almost, then, later)] == [old.kid, old.kid, new.kid, new.kid]
    assert [kids(moment) for moment in (NOW, almost, then)] == [[new.kid, old.kid]] * 3
    assert kids(later) == [new.kid]


def test_a_key_that_leaked_is_replaced_at_once_and_still_shown_for_a_day():
    old = keys.rotate(now=NOW)
    new = keys.rotate(now=NOW + DAY, overlap=timedelta(0))
    assert signed_by(NOW + DAY) == new.kid
    assert kids(NOW + DAY) == [new.kid, old.kid]
    assert kids(NOW + 2 * DAY) == [new.kid]


def test_rotating_twice_in_the_overlap_loses_no_key_that_signs():
    made = [keys.rotate(now=NOW), keys.rotate(now=NOW), keys.rotate(now=NOW + DAY / 2)]
    for hours in range(96):
        moment = NOW + timedelta(hours=hours)
        assert signed_by(moment) in kids(moment)
    assert signed_by(NOW + 3 * DAY) == made[2].kid
    assert len({key.kid for key in made}) == 3


def test_a_kid_is_the_keys_own_thumbprint():
    key = keys.rotate(now=NOW)
    needed = {name: key.public_jwk[name] for name in ("e", "kty", "n")}
    digest = hashlib.sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    assert key.kid == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_private_key_is_nowhere_in_the_clear():
    """SEC-18."""
    key = keys.rotate(now=NOW)
    assert "PRIVATE" not in str(ToolKey.objects.values().get())
    assert key.private_key_encrypted.startswith("gAAAA")


def test_ensure_makes_a_key_only_if_none_can_sign():
    keys.ensure(now=NOW)
    keys.ensure(now=NOW)
    assert ToolKey.objects.count() == 1
    ToolKey.objects.update(retires_at=NOW)
    keys.ensure(now=NOW)
    assert ToolKey.objects.count() == 2


def test_the_command_says_from_when_the_new_key_signs():
    first, second, third = StringIO(), StringIO(), StringIO()
    call_command("rotate_key", stdout=first)
    call_command("rotate_key", stdout=second)
    call_command("rotate_key", "--now", stdout=third)
    made = list(ToolKey.objects.order_by("pk"))
    for key, printed in zip(made, (first, second, third), strict=True):
        assert printed.getvalue() == f"New key {key.kid}, signs from {key.activates_at:%Y-%m-%d %H:%M} UTC.\n"
    assert made[1].activates_at - made[0].activates_at >= DAY
    assert made[2].activates_at <= timezone.now()


def test_the_key_set_is_served_to_everybody_with_a_cache_time():
    key = keys.rotate(now=timezone.now())
    answer = Client().get("/.well-known/jwks.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"keys": [key.public_jwk]}
    assert "public" in answer["Cache-Control"]
    assert "max-age=" in answer["Cache-Control"]
    assert not answer.cookies
