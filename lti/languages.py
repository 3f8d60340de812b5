"""Learners are spoken to in their language (lti.sessions); staff in English, as long as no one translates.

A page says the language that it is in: a screen reader that reads English words as French ones is of no help.
"""

import functools
from collections.abc import Callable
from typing import Any, Protocol

from django.utils import translation

STAFF_LANGUAGE = "en"


class WithHeaders(Protocol):
    """An HTTP response."""

    @property
    def headers(self) -> Any: ...


def in_english[**P, R: WithHeaders](view: Callable[P, R]) -> Callable[P, R]:
    """The view's page is English, whatever the browser or the LMS asks for."""

    @functools.wraps(view)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override(STAFF_LANGUAGE):
            response = view(*args, **kwargs)
            response.headers["Content-Language"] = STAFF_LANGUAGE
            return response

    return spoken
