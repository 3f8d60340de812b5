"""The pretend LMS's signing keys: the current one, those it retired, and a stranger's for forged tokens."""

import json
import uuid
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


class SigningKey:
    def __init__(self, kid: str, private: rsa.RSAPrivateKey) -> None:
        self.kid = kid
        self.private = private

    @classmethod
    def new(cls) -> "SigningKey":
        return cls(uuid.uuid4().hex[:20], rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def from_pem(cls, kid: str, pem: str) -> "SigningKey":
        return cls(kid, cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(pem.encode(), password=None)))

    def pem(self) -> str:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def jwk(self, algorithm: str = "RS256", *, names_algorithm: bool = True) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        key = {"kty": "RSA", "use": "sig", "kid": self.kid, "n": found["n"], "e": found["e"]}
        return key | ({"alg": algorithm} if names_algorithm else {})


class Keyring:
    def __init__(self, current: SigningKey | None = None) -> None:
        self.current = current or SigningKey.new()
        self.retired: SigningKey | None = None
        self.overlaps = False
        self._stranger: SigningKey | None = None

    def rotate(self, *, overlaps: bool = False) -> None:
        """From now on the new key signs. Only it is published, so that tokens of the old one are no longer believed.

        `overlaps`: the old one stays published beside it, as LMSs do that lose no launch.
        """
        self.retired, self.current, self.overlaps = self.current, SigningKey.new(), overlaps

    def stranger(self) -> SigningKey:
        """A key nobody publishes, that claims the current key's kid."""
        if self._stranger is None or self._stranger.kid != self.current.kid:
            self._stranger = SigningKey(self.current.kid, SigningKey.new().private)
        return self._stranger

    def jwks(self, algorithm: str = "RS256", *, names_algorithm: bool = True) -> dict[str, Any]:
        shown = [self.current, self.retired] if self.overlaps else [self.current]
        return {"keys": [key.jwk(algorithm, names_algorithm=names_algorithm) for key in shown if key is not None]}

    def sign(
        self, claims: Any, *, header: dict[str, Any] | None = None, key: str = "current", algorithm: str = "RS256"
    ) -> str:
        """A compact JWS of `claims`.

        `key`: current, retired, stranger (unknown key under the current kid), public-hmac (HS256 with the public key
        as secret) or none (alg none, no signature). `header` changes header fields; a None takes the field out.
        """
        signer = self._signer(key)
        named = {"public-hmac": "HS256", "none": "none"}.get(key, algorithm)
        head = {"typ": "JWT", "alg": named, "kid": signer.kid} | (header or {})
        head = {name: value for name, value in head.items() if value is not None}
        payload = json.dumps(claims, separators=(",", ":")).encode()
        signing_input = _encode(json.dumps(head, separators=(",", ":")).encode()) + b"." + _encode(payload)
        return (signing_input + b"." + _encode(self._signature(key, signer, signing_input, algorithm))).decode()

    def _signer(self, key: str) -> SigningKey:
        if key == "stranger":
            return self.stranger()
        return self.retired or self.current if key == "retired" else self.current

    @staticmethod
    def _signature(key: str, signer: SigningKey, signing_input: bytes, algorithm: str) -> bytes:
        if key == "none":
            return b""
        if key == "public-hmac":
            # The library refuses a public key as an HMAC secret, which is exactly the forgery wanted here.
            hmac_key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
            return hmac_key.sign(signing_input, signer.public_pem())
        signed: bytes = jwt.algorithms.get_default_algorithms()[algorithm].sign(signing_input, signer.private)
        return signed


def _encode(raw: bytes) -> bytes:
    return jwt.utils.base64url_encode(raw)
