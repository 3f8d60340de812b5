"""How long reports take, for `/metrics`: pages and files of teachers and staff, and what programs read."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from lti.metrics import REPORT_SECONDS

# Address spaces of reports; a page is named as its address is.
REPORTS = {"reports", "office", "api"}


class ReportTimesMiddleware:
    """Counts what was asked for by GET and answered with 200; a file that is sent while it is read, to its end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or match.namespace not in REPORTS or request.method != "GET" or response.status_code != 200:
            return response
        seconds = REPORT_SECONDS.labels(f"{match.namespace}:{match.url_name}")
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            chunks: Any = response.streaming_content  # ours are never asynchronous
            response.streaming_content = _to_the_end(chunks, seconds.observe, begun)
        else:
            seconds.observe(time.perf_counter() - begun)
        return response


def _to_the_end(chunks: Iterable[bytes], observe: Callable[[float], None], begun: float) -> Iterator[bytes]:
    yield from chunks
    observe(time.perf_counter() - begun)
