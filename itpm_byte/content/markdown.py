"""From the little Markdown that content may use to safe HTML.

Allowed: paragraphs, bold and italic, lists, https links. Raw HTML shows as text. Pictures, headings and tables are
not text: they have fields of their own in the file.
"""

from collections.abc import Iterator
from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Start from nothing and name what is allowed, so that a new rule in the library changes nothing here.
_PARSER = MarkdownIt("zero", {"html": False}).enable(["emphasis", "link", "list", "newline", "escape", "entity"])


@cache
def _cleaner() -> nh3.Cleaner:
    """The second lock on the door: even a mistake in the Markdown parser lets no other tag or address through."""
    return nh3.Cleaner(
        tags={"p", "strong", "em", "ul", "ol", "li", "a", "br"},
        attributes={"a": {"href"}},
        url_schemes={"https"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def blocks(text: str) -> SafeString:
    """Paragraphs and lists as HTML; '' for ''."""
    return _safe(_PARSER.render(text)) if text else SafeString("")


def inline(text: str) -> SafeString:
    """One line as HTML without a paragraph around it; '' for ''."""
    return _safe(_PARSER.renderInline(text)) if text else SafeString("")


def _safe(html: str) -> SafeString:
    # nh3 has just removed everything that is not on the list above.
    return SafeString(_cleaner().clean(html).strip())  # nosec B703


def links(text: str) -> Iterator[str]:
    """The addresses of all links, as written."""
    for token in _all_tokens(_PARSER.parse(text)):
        if token.type == "link_open":
            yield str(token.attrs.get("href", ""))


def plain(text: str) -> str:
    """The words without marks, one block per line: for counting, and for places that show plain text."""
    lines = []
    for token in _PARSER.parse(text):
        if token.type == "inline":
            parts = [t.content if t.type == "text" else " " for t in token.children or () if t.type in _VISIBLE]
            lines.append("".join(parts).strip())
    return "\n".join(line for line in lines if line)


_VISIBLE = {"text", "softbreak", "hardbreak", "text_special"}


def _all_tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all_tokens(token.children or [])
