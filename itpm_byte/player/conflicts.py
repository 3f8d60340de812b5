"""Two did the same at once and the database kept the second out: 409 and calm words, never an error of ours (500)."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from itpm_byte.player.views import site
from lti.conflicts import is_conflict

log = structlog.get_logger(__name__)


class ConflictMiddleware:
    """For views of pages; the API has the same rule in `api.problems`. What was begun is rolled back by then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not is_conflict(problem):
            return None
        # Whole: if nobody else was there, it is a mistake of ours.
        log.error("conflict", exc_info=problem)
        return site.conflict(request)
