"""The gate's cookies: kept in the frame of another site, for no script, on this host and over TLS only (CK-01, CK-24).

The framing middleware adds `Partitioned`. Set without what `HttpResponse.set_cookie` does for every kind of cookie
there may be, of which a launch has four: dates for browsers that know no Max-Age, and quotes for values that need them.
"""

import re
from http.cookies import Morsel
from typing import Any

from django.http.response import HttpResponseBase

_FIT = re.compile(r"[\w.=-]*", re.ASCII).fullmatch


def keep(response: HttpResponseBase, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set it in place of what the response held under this name; without `seconds` until the browser is closed.

    Raises ValueError for values that would need quotes.
    """
    if not _FIT(value):
        raise ValueError(f"The value for the cookie {name} is no word.")
    morsel: Any = Morsel()
    morsel.set(name, value, value)
    told = {"path": "/", "secure": True, "httponly": True, "samesite": "None"}
    dict.update(morsel, told if seconds is None else {**told, "max-age": seconds})
    # Past SimpleCookie, which would make a Morsel of a text of its own.
    dict.__setitem__(response.cookies, name, morsel)


def forget(response: HttpResponseBase, name: str) -> None:
    keep(response, name, "", seconds=0)
