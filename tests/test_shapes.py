"""What looks like a secret is seen, cut off as well; what is merely random is not."""

import secrets
import time

import jwt
from django.core import signing

from tests import shapes


def test_signed_tokens_are_seen_whole_and_cut_off():
    token = jwt.encode({"sub": "lin"}, "s" * 64, algorithm="HS256")
    assert shapes.has_signed(f"?state={token}")
    assert shapes.has_signed(token[:18])
    assert shapes.has_signed(signing.dumps({"lin": time.time()}))


def test_random_addresses_are_not_though_three_letters_are_the_same():
    assert not any(shapes.has_signed(f"eyJ{secrets.token_bytes(300).hex()}") for _ in range(100))
    assert not shapes.has_signed("ilaunch26_cdUNeyJ8NSqCzOzZf0al-BLZCYS6Ia7M06N1LXWkKzQ")
