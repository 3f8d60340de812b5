"""Pages rendered once per process and language, with holes for what differs from one person to the next.

A template sees nothing but what it is given here, so two people get the same text only where all of it is the same.
"""

import html
import re
import secrets
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache

from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

KEPT = 2048
# Letters that no escaping changes, and that nobody can guess into a text of theirs.
_MARK = f"hole{secrets.token_hex(12)}"
_SPECIAL = re.compile("[&<>\"']").search
_HOLE = re.compile(_MARK + r"([a-z_]+)\.")


def fill(template: str, holes: Mapping[str, str], **same: Hashable) -> SafeString:
    """The rendered `template`: `holes` are escaped and put in each time, `same` decides which rendering that is.

    To the template a hole is a text that is never empty: what it asks with `if` must be in `same`.
    """
    pieces = list(_cut(template, get_language(), tuple(holes), tuple(same.items())))
    pieces[1::2] = [_escaped(holes[name]) for name in pieces[1::2]]
    return SafeString("".join(pieces))  # nosec B703 - the template's own text, and holes escaped


def in_a_row(pieces: Iterable[SafeString]) -> SafeString:
    """Safe pieces, one after the other."""
    return SafeString("".join(pieces))  # nosec B703 - safe already


def _escaped(text: str) -> str:
    """As `conditional_escape`, which asks first for kinds of text that no hole holds."""
    # Most texts have nothing to escape, and looking is quicker than five times replacing nothing.
    return html.escape(text) if _SPECIAL(text) and not isinstance(text, SafeString) else text


@lru_cache(maxsize=KEPT)
def _cut(
    template: str, language: str | None, holes: tuple[str, ...], same: tuple[tuple[str, Hashable], ...]
) -> tuple[str, ...]:
    """Text, name of a hole, text, name of a hole, … text. The active language must be `language`."""
    marks = {name: f"{_MARK}{name}." for name in holes}
    return tuple(_HOLE.split(get_template(template).render({**dict(same), **marks})))
