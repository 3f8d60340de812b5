"""The list of Bytes that a teacher looks through: what was asked for, what was found, what is chosen so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from itpm_byte.authoring.forms import language_name
from itpm_byte.content import catalogue
from itpm_byte.content.catalogue import Offer

# More than anybody picks at once; a longer list is somebody's joke.
MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Row:
    offer: Offer
    is_chosen: bool
    languages: Sequence[tuple[str, str]]
    """Code and name of each."""


@dataclass(frozen=True)
class Shelf:
    """`rows` are what the words and the language leave, the chosen ones always among them."""

    words: str
    language: str
    rows: Sequence[Row]
    languages: Sequence[tuple[str, str]]
    count: int
    total: int
    chosen: Sequence[Offer]


def look(asked: QueryDict, *, language: str, now: datetime) -> Shelf:
    """`asked`: q (words), language, byte (slugs, repeated). `language` is the reader's. One query."""
    everything = catalogue.offers(now=now, language=language)
    words, wanted = asked.get("q", "")[:200], asked.get("language", "")
    slugs = set(asked.getlist("byte")[:MOST_AT_ONCE])
    found = catalogue.matching(everything, words, wanted)
    chosen = [offer for offer in everything if offer.slug in slugs]
    shown = [*chosen, *(offer for offer in found if offer.slug not in slugs)]
    rows = [Row(offer, offer.slug in slugs, [_named(code) for code in offer.languages]) for offer in shown]
    codes = sorted({code for offer in everything for code in offer.languages})
    return Shelf(words, wanted, rows, [_named(code) for code in codes], len(found), len(everything), chosen)


def _named(code: str) -> tuple[str, str]:
    return code, language_name(code)
