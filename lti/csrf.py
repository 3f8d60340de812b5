"""CSRF on the pages of a session: the secret comes from the session's own proof, so no other cookie is needed (CK-24).

What forms hold, and how it is checked, is Django's; it knows the token by the name `csrfmiddlewaretoken`.
"""

import hashlib
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware

_LETTERS = CSRF_ALLOWED_CHARS.encode()
_LETTER_OF_BYTE = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
_PLACES = {letter: place for place, letter in enumerate(CSRF_ALLOWED_CHARS)}


class _ByProof(CsrfViewMiddleware):
    """For requests whose proof was found good, and stands in `_lti_proof`."""

    def _get_secret(self, request: HttpRequest) -> str:
        proof = request._lti_proof  # type: ignore[attr-defined]
        return hashlib.sha256(f"csrf {proof.secret}".encode()).hexdigest()[:CSRF_SECRET_LENGTH]

    def _set_csrf_cookie(self, request: HttpRequest, response: HttpResponse) -> None:
        """The proof is kept already."""

    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        """Only our own page can add a bearer token, so with one no other is needed."""
        if "HTTP_AUTHORIZATION" in request.META:
            return None
        return super().process_view(request, *view)


protected_by_proof = decorator_from_middleware(_ByProof)


def form_token(request: HttpRequest) -> str:
    """What `get_token` answers on a page of a session, in a tenth of the time: masked anew for each page."""
    mask = secrets.token_bytes(CSRF_SECRET_LENGTH)
    places = map(_PLACES.__getitem__, request.META["CSRF_COOKIE"])
    masked = bytes([_LETTERS[(place + byte) % len(_LETTERS)] for place, byte in zip(places, mask, strict=True)])
    return (mask.translate(_LETTER_OF_BYTE) + masked).decode("ascii")
