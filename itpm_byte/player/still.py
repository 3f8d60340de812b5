"""Pieces of a page that never change: rendered once per process, because Byte versions are frozen."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from itpm_byte.content.document import Card, PictureRef, Section

KEPT = 1024


@lru_cache(maxsize=KEPT)
def picture(picture: PictureRef) -> SafeString:
    """A picture below the fold: loaded when it comes near."""
    return render_to_string("player/picture.html", {"picture": picture, "lazy": True})


@lru_cache(maxsize=KEPT)
def card_words(card: Card, words_id: str) -> SafeString:
    return render_to_string("player/card_words.html", {"card": card, "words_id": words_id})


@lru_cache(maxsize=KEPT)
def head(section: Section) -> SafeString:
    """Heading, picture and first words of a part."""
    return render_to_string("player/part_head.html", {"section": section})
