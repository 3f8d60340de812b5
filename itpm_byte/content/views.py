"""Pictures of published Bytes: public, never changing, harmless even when opened on their own."""

import gzip
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from itpm_byte.content.document import EXTENSIONS
from itpm_byte.content.models import Picture

MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    # A picture opened in a tab of its own is a document on our origin: it may style itself and do nothing else.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def picture(request: HttpRequest, digest: str, extension: str) -> HttpResponse:
    """One picture by the digest of its bytes. No session is asked for, one query, none when the browser has it."""
    media_type = MEDIA_TYPES[extension]
    is_gzipped = extension == "svg" and "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{digest}-gzip"' if is_gzipped else f'"{digest}"'
    headers = HEADERS | {"ETag": etag} | ({"Vary": "Accept-Encoding"} if extension == "svg" else {})
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    data = Picture.objects.filter(digest=digest, media_type=media_type).values_list("data", flat=True).first()
    if data is None:
        raise Http404("no such picture")
    body = bytes(data)
    if is_gzipped:
        body, headers = _compressed(body), headers | {"Content-Encoding": "gzip"}
    return HttpResponse(body, content_type=media_type, headers=headers)


@lru_cache(maxsize=128)
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
