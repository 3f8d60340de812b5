"""Signing anything a test wants: with the right key, a retired one, a stranger's, or none."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def header(token):
    return jwt.get_unverified_header(token)


def published(lms):
    (key,) = requests.get(lms.jwks_url, timeout=20).json()["keys"]
    return key


def verified(token, key):
    return jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], options={"verify_aud": False})


def test_the_published_key_verifies_what_was_signed(lms):
    key = published(lms)
    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
    token = lms.sign({"name": "badltilaunch"})
    assert header(token) == {"typ": "JWT", "alg": "RS256", "kid": key["kid"]}
    assert verified(token, key) == {"name": "badltilaunch"}


def test_a_payload_need_not_be_an_object(lms):
    payload = lms.sign(["not", "an", "object"]).split(".")[1]
    assert json.loads(urlsafe_b64decode(payload + "==")) == ["not", "an", "object"]


def test_header_fields_can_be_changed_and_left_out(lms):
    assert header(lms.sign({}, header={"kid": None, "jku": "https://evil.example/"})) == {
        "typ": "JWT",
        "alg": "RS256",
        "jku": "https://evil.example/",
    }


def test_a_strangers_signature_does_not_verify_under_the_current_kid(lms):
    token = lms.sign({"sub": "x"}, key="stranger")
    assert header(token)["kid"] == published(lms)["kid"]
    with pytest.raises(jwt.InvalidSignatureError):
        verified(token, published(lms))


def test_none_has_no_signature(lms):
    token = lms.sign({"sub": "x"}, key="none")
    assert header(token)["alg"] == "none"
    assert token.endswith(".")


def test_public_hmac_uses_the_public_key_as_secret(lms):
    token = lms.sign({"sub": "x"}, key="public-hmac")
    signed, _, signature = token.rpartition(".")
    pem = jwt.PyJWK(published(lms)).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert header(token)["alg"] == "HS256"
    assert urlsafe_b64decode(signature + "==") == hmac.new(pem, signed.encode(), hashlib.sha256).digest()


def test_after_a_rotation_only_the_new_key_is_published(lms):
    old = published(lms)
    lms.rotate_keys()
    assert published(lms)["kid"] != old["kid"]
    assert verified(lms.sign({"sub": "x"}), published(lms)) == {"sub": "x"}
    assert verified(lms.sign({"sub": "x"}, key="retired"), old) == {"sub": "x"}
    assert header(lms.sign({}, key="retired"))["kid"] == old["kid"]


def test_a_stranger_follows_a_rotation(lms):
    lms.sign({}, key="stranger")
    lms.rotate_keys()
    assert header(lms.sign({}, key="stranger"))["kid"] == published(lms)["kid"]
