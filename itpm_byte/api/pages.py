"""What all views of programs share: read the question, page, answer, with ETag and the limit's headers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http.response import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_etags
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from itpm_byte.api import cursors, filters
from itpm_byte.api.bodies import SmallJson
from itpm_byte.api.models import ApiToken
from itpm_byte.api.token_session import HasScope, TokenSession
from lti.languages import in_english
from lti.models import Institution

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500
# Changes that were under way when a page was read show up late. Whoever asks from this long before misses none.
OVERLAP = timedelta(minutes=1)
PAGING = frozenset({"cursor", "limit"})


class ProgramView(APIView):
    """A view for tokens with `scope`."""

    authentication_classes = [TokenSession]
    permission_classes = [HasScope]
    parser_classes = [SmallJson]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "options"]
    scope: ClassVar[str]

    @in_english
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request._request, "limit_headers", {}).items():
            done.headers.setdefault(name, value)
        done.headers.setdefault("Cache-Control", "private, no-cache")
        done.headers["Vary"] = "Authorization"
        return done

    @property
    def token(self) -> ApiToken:
        return cast(ApiToken, self.request.auth)  # HasScope has made sure

    @property
    def institution(self) -> Institution:
        return self.token.institution


def answer(request: Request, body: Mapping[str, Any]) -> HttpResponse:
    """200, or 304 for who has it already."""
    content = JSONRenderer().render(body)
    return _told(request, content, stands_for=content)


def _told(request: Request, content: bytes, *, stands_for: bytes) -> HttpResponse:
    """`stands_for`: what the ETag is of."""
    etag = f'W/"{hashlib.sha256(stands_for).hexdigest()[:32]}"'
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    headers = {"ETag": etag}
    if etag.removeprefix("W/") in known or "*" in known:
        return Response(status=304, headers=headers)
    media = str(request.accepted_media_type)
    if ";" in media:  # with an indent, for people
        content = JSONRenderer().render(json.loads(content), media)
    return HttpResponse(content, content_type=JSONRenderer.media_type, headers=headers)


@dataclass(frozen=True)
class Question:
    """What a list was asked for: filters by name, how many, changed since when, and from where."""

    filters: Mapping[str, str]
    limit: int
    since: datetime | None
    cursor: cursors.Cursor
    fingerprint: str
    path: str

    def following(self, after: tuple[Any, ...] | None) -> str | None:
        """The address of the next page."""
        if after is None:
            return None
        sealed = cursors.seal(cursors.Cursor(after, self.cursor.synced_until), asked=self.fingerprint)
        asked = {**self.filters, "limit": str(self.limit), "cursor": sealed}
        return f"{settings.PUBLIC_URL}{self.path}?{urlencode(asked)}"


def read_question(request: Request, *, known: set[str], allows_since: bool, institution: int) -> Question:
    """Refuses what it does not know: a filter with a typing mistake must not answer with everything."""
    asked = {name: values[-1] for name, values in request.query_params.lists()}
    names = known | PAGING | ({"updated_since"} if allows_since else set())
    if unknown := sorted(asked.keys() - names):
        raise exceptions.ValidationError({name: ["There is no such filter here."] for name in unknown})
    if empty := sorted(name for name, value in asked.items() if not value):
        raise exceptions.ValidationError({name: ["It is empty."] for name in empty})
    narrowing = {name: value for name, value in asked.items() if name not in PAGING}
    mark = cursors.fingerprint(request.path, institution, narrowing)
    begin = cursors.Cursor((), timezone.now() - OVERLAP)
    return Question(
        filters=narrowing,
        limit=_limit(asked.get("limit")),
        since=_since(narrowing.get("updated_since")),
        cursor=cursors.unseal(asked["cursor"], asked=mark) if "cursor" in asked else begin,
        fingerprint=mark,
        path=request.path,
    )


def listed(request: Request, question: Question, rows: Any, after: tuple[Any, ...] | None) -> HttpResponse:
    written = JSONRenderer().render(rows)
    end = {
        "next": question.following(after),
        "synced_until": question.cursor.synced_until.isoformat().replace("+00:00", "Z"),
    }
    # Rows are written once; `end` is another text each time, and who has these rows has them.
    content = b'{"results":%b,%b' % (written, JSONRenderer().render(end)[1:])
    return _told(request, content, stands_for=b"[%b,%b]" % (written, b"true" if after else b"false"))


def _limit(said: str | None) -> int:
    if said is None:
        return DEFAULT_LIMIT
    if not (said.isascii() and said.isdigit() and len(said) < 9 and 1 <= int(said) <= LARGEST_LIMIT):
        raise exceptions.ValidationError({"limit": [f"A whole number from 1 to {LARGEST_LIMIT}."]})
    return int(said)


def _since(said: str | None) -> datetime | None:
    try:
        return cast(datetime | None, filters.TimeField(required=False).clean(said))
    except ValidationError as wrong:
        raise exceptions.ValidationError({"updated_since": wrong.messages}) from wrong
