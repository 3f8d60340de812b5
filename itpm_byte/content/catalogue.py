"""The Bytes that a teacher may choose from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from itpm_byte.content.models import Byte


@dataclass(frozen=True)
class Offer:
    """One Byte. `byte` is its version in the language that fits the reader best, `versions` are all, by language.

    `Byte.document` is deferred.
    """

    byte: Byte
    versions: tuple[Byte, ...]

    @property
    def slug(self) -> str:
        return self.byte.slug

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(version.language for version in self.versions)

    def in_language(self, language: str) -> Byte | None:
        return next((version for version in self.versions if version.language == language), None)


def offers(*, now: datetime, language: str = "", slugs: Iterable[str] | None = None) -> list[Offer]:
    """All published Bytes, or those of `slugs`, by title. One query. `language` is the reader's BCP 47 tag."""
    rows = Byte.objects.published(now=now).defer("document").order_by("slug", "language")
    if slugs is not None:
        rows = rows.filter(slug__in=list(slugs))
    by_slug: dict[str, list[Byte]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    found = [Offer(_fittest(versions, language), tuple(versions)) for versions in by_slug.values()]
    return sorted(found, key=lambda offer: (_plain(offer.byte.title), offer.slug))


def matching(found: Sequence[Offer], words: str, language: str = "") -> list[Offer]:
    """Those that have every word in title or objective, in any language, and a version in `language` if one is said.

    Case and accents don't matter.
    """
    wanted = _plain(words).split()
    return [
        offer
        for offer in found
        if (not language or language in offer.languages) and all(word in _text(offer) for word in wanted)
    ]


def only_slug(*, now: datetime) -> str:
    """The slug of the one published Byte; "" when there is none or a choice. One query."""
    slugs = list(Byte.objects.published(now=now).values_list("slug", flat=True).order_by("slug").distinct()[:2])
    return slugs[0] if len(slugs) == 1 else ""


def editions(slug: str, *, now: datetime) -> list[Byte]:
    """All published versions of a Byte, by language, newest first. One query; `document` is deferred."""
    published = Byte.objects.filter(slug=slug, published_at__lte=now).defer("document")
    return list(published.order_by("language", "-version"))


def _fittest(versions: Sequence[Byte], language: str) -> Byte:
    """As `Byte.objects.current` decides: the very language, else its base, else English, else any."""
    wanted = language.replace("_", "-").lower()
    for wish in (wanted, wanted.partition("-")[0], "en"):
        for version in versions:
            if version.language.lower() == wish:
                return version
    return versions[0]


def _text(offer: Offer) -> str:
    return _plain(" ".join(f"{version.title} {version.objective}" for version in offer.versions))


def _plain(text: str) -> str:
    letters = normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not 0x300 <= ord(letter) <= 0x36F)
