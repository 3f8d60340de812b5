"""The language that a browser asks for, for pages that nothing better is known for."""

import functools
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers


class BrowserLanguageMiddleware:
    """Speaks as the browser asks; a session's pages then speak as its launch does.

    Django's LocaleMiddleware also asks addresses and cookies, of which none of ours names a language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        translation.activate(_asked_for(request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:500]))
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        if "Content-Language" not in response.headers:
            response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response


@functools.lru_cache(maxsize=1024)
def _asked_for(accepted: str) -> str:
    """The one of our languages that fits an Accept-Language header best."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(request)
