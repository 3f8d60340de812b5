"""Sessions, log-in and messages are for the pages of staff: learners have none, and should not wait for them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

type Handler = Callable[[HttpRequest], HttpResponseBase]


class StaffPagesMiddleware:
    """Runs settings.STAFF_MIDDLEWARE, in its order, except at addresses that begin as settings.WITHOUT_STAFF says.

    Addresses that nobody thought of get all of it. For middleware without hooks but request and response.
    """

    def __init__(self, get_response: Handler) -> None:
        self._for_others = get_response
        self._for_staff = get_response
        for path in reversed(settings.STAFF_MIDDLEWARE):
            self._for_staff = import_string(path)(self._for_staff)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_open_to_staff = not request.path_info.startswith(settings.WITHOUT_STAFF)
        return self._for_staff(request) if is_open_to_staff else self._for_others(request)
