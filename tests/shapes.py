"""What secrets look like, whatever they were made for; no random text looks so by chance."""

import re
from base64 import urlsafe_b64decode

SEALED = re.compile(r"gAAAA[\w-]{16,}")
PRIVATE_KEY = re.compile(r"PRIVATE KEY|\bMII[A-Za-z0-9+/]{40,}")


def has_signed(text: str) -> bool:
    """Whether a JWT or what Django signs is in it, or only its head: a JSON object, which is readable once decoded."""
    heads = re.findall(r"eyJ[\w-]{13}", text)
    return any(all(32 <= byte < 127 for byte in urlsafe_b64decode(head)) for head in heads)
