"""Following `Link: <…>; rel="next"` as LMSs really write it (AGS-16)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol
from urllib.parse import urljoin

MAX_PAGES = 200

# One link: an address in angle brackets, then everything up to the next one.
_LINK = re.compile(r"<([^>]*)>([^<]*)")
# A rel parameter: in straight, single or typographic quotes, or in none.
_REL = re.compile(r"""(?:^|[;\s])rel\s*=\s*(?:"([^"]*)"|'([^']*)'|[“”„]([^“”„]*)[“”]|([^\s;,"'“”]+))""", re.IGNORECASE)


class EndlessPages(Exception):
    """The LMS keeps sending us on: too many pages, one that we have seen already, or to what is no address."""


class Page(Protocol):
    @property
    def headers(self) -> Mapping[str, str]: ...


def link(header: str, rel: str = "next") -> str:
    """The address that a Link header names for `rel`, letter for letter but for `&amp;`; "" if there is none."""
    for url, parameters in _LINK.findall(_as_unicode(header)):
        named = _REL.search(parameters)
        names = next((group for group in named.groups() if group is not None), "") if named else ""
        if rel in names.lower().split():
            return str(url).strip().replace("&amp;", "&")
    return ""


def pages[P: Page](fetch: Callable[[str], P], url: str, *, limit: int = MAX_PAGES) -> Iterator[P]:
    """Page after page, each fetched when it is asked for. Raises EndlessPages."""
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) >= limit:
            raise EndlessPages(f"{len(seen)} pages")
        seen.add(url)
        page = fetch(url)
        yield page
        following = link(header(page.headers, "Link"))
        url = joined(url, following) if following else ""


def joined(url: str, following: str) -> str:
    """The address that `following` means on the page at `url`. Raises EndlessPages for what can't be an address."""
    try:
        return urljoin(url, following)
    except ValueError:
        raise EndlessPages("no address") from None


def header(headers: Mapping[str, str], name: str) -> str:
    """A header whatever its case; "" if it did not come."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def _as_unicode(value: str) -> str:
    """HTTP clients read headers as Latin-1; Moodle's typographic quotes are UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
