"""Two languages on one page: the Byte's own, and that of the buttons around it.

Both are marked wherever they meet, so that a screen reader speaks each as what it is and each runs its own way.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Languages written from right to left, and the scripts that say so of any other (BCP 47).
_LEFTWARD = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_LEFTWARD_SCRIPTS = frozenset({"arab", "aran", "hebr", "nkoo", "rohg", "syrc", "thaa"})


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Attributes for a tag, with a space before them; "" where what stands around says the same.

    `content` for the Byte's own words, `page` for what we say ourselves within them. One object for each pair of
    languages, told apart by being the same, which takes no time.
    """

    content: SafeString
    page: SafeString


def is_leftward(tag: str) -> bool:
    """Whether a language, by its BCP 47 tag, is written from right to left."""
    subtags = tag.lower().replace("_", "-").split("-")
    scripts = [subtag for subtag in subtags[1:] if len(subtag) == 4 and subtag.isalpha()]
    return scripts[0] in _LEFTWARD_SCRIPTS if scripts else subtags[0] in _LEFTWARD


def marks_for(content: str) -> Marks:
    """For a Byte in the language `content` on a page in the active language."""
    return _marks(content, get_language() or "en")


@lru_cache(maxsize=256)
def _marks(content: str, page: str) -> Marks:
    if content.lower() == page.lower():
        return Marks(SafeString(""), SafeString(""))
    own, around = is_leftward(content), is_leftward(page)
    inner = _attributes(content, is_turned=own != around, leftward=own)
    if _base(content) == _base(page):
        return Marks(inner, SafeString(""))
    return Marks(inner, _attributes(page, is_turned=own != around, leftward=around))


def _attributes(tag: str, *, is_turned: bool, leftward: bool) -> SafeString:
    if not is_turned:
        return format_html(' lang="{}"', tag)
    return format_html(' lang="{}" dir="{}"', tag, "rtl" if leftward else "ltr")


def _base(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]
