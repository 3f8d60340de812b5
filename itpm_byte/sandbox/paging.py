"""Lists in pages, and the Link header that names the next one: in the forms that LMSs really send (AGS-16)."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from itpm_byte.sandbox.lms import Lms
from itpm_byte.sandbox.service import Refused

POSITION = ("from", "page", "cursor", "type_id", "limit")


def page(lms: Lms, request: HttpRequest, rows: list[Any], url: str, *, form: str = "") -> tuple[list[Any], str]:
    """The rows that are asked for, and the Link header to answer with ("" when no more follow).

    `limit` asks for shorter pages; without it a page has the length that is usual at this LMS. `form` if it is not
    the form that is usual there.
    """
    form = form or lms.manner.link_form
    length = _number(request, "limit") or lms.manner.page_length
    if not length:
        return rows, ""
    first = _first(form, request, length)
    if first + length >= len(rows):
        return rows[first : first + length], ""
    kept = {name: value for name, value in request.GET.items() if name not in POSITION}
    query = urlencode(kept | _position(form, first + length, length))
    following = f"{url}{'&' if '?' in url else '?'}{query}"
    return rows[first : first + length], _header(form, url, following)


def _number(request: HttpRequest, name: str) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isdigit() else 0


def _first(form: str, request: HttpRequest, length: int) -> int:
    if form == "page number":
        return (max(_number(request, "page"), 1) - 1) * length
    if form != "cursor" or "cursor" not in request.GET:
        return _number(request, "from")
    try:
        return int(json.loads(base64.urlsafe_b64decode(request.GET["cursor"]))["From"])
    except (ValueError, KeyError, TypeError) as problem:
        # In lower case it is another text (AGS-16).
        raise Refused(400, "The cursor is not one that this LMS gave out") from problem


def _position(form: str, first: int, length: int) -> dict[str, Any]:
    if form == "page number":
        return {"limit": length, "page": first // length + 1}
    if form == "cursor":
        return {"limit": length, "cursor": base64.urlsafe_b64encode(json.dumps({"From": first}).encode()).decode()}
    return {"limit": length, "from": first}


def _header(form: str, url: str, following: str) -> str:
    match form:
        case "curly":
            # As PHP sends them: quotes as raw UTF-8 bytes, the address as if it were HTML.
            return f"<{following.replace('&', '&amp;')}>; rel=“next”".encode().decode("latin-1")
        case "unquoted":
            return f"<{following}>; rel=next"
        case "parameter first":
            return f'<{following}>; title="next page"; rel="next"'
        case "straight":
            return f'<{url}>; rel="current", <{following}>; rel="next", <{url}>; rel="first"'
        case _:
            return f'<{following}>; rel="next"'
