"""The parts of a Byte that look the same for everybody, rendered once per version, language and process."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from itpm_byte.content import reading
from itpm_byte.content.document import FeedbackSection, QuestionSection, Section, SupportSection
from itpm_byte.content.models import Byte
from itpm_byte.player import still
from itpm_byte.player.languages import Marks, marks_for

# Where the learner does something: `composition` renders them.
LIVE = (QuestionSection, FeedbackSection, SupportSection)
STILL = {
    "text": "player/sections/words.html",
    "list": "player/sections/words.html",
    "picture": "player/sections/words.html",
    "cards": "player/sections/cards.html",
    "figures": "player/sections/figures.html",
    "actions": "player/sections/actions.html",
}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One section on the page: `html` when it is the same for everybody, empty when the learner does something there.

    Made once, so that parts are told apart by being the same object, which takes no time.
    """

    section: Section
    html: SafeString

    @property
    def id(self) -> str:
        return self.section.id

    @property
    def title(self) -> str:
        return self.section.title

    @property
    def head(self) -> SafeString:
        """Heading, picture and first words of a part with empty `html`."""
        return still.head(self.section)


def parts_of(byte: Byte) -> tuple[Part, ...]:
    """All parts in reading order, in the active language. The first one opens the page."""
    return _parts(byte, byte.content_hash, marks_for(byte.language), get_language() or "")


@lru_cache(maxsize=64)
def _parts(byte: Byte, content_hash: str, marks: Marks, language: str) -> tuple[Part, ...]:
    # Models are equal when their ids are; the hash tells apart what tests and restored backups put under one id.
    parts: list[Part] = []
    pictures = 0
    for section in reading.rendered(byte).sections:
        if isinstance(section, LIVE):
            parts.append(Part(section, SafeString("")))
            continue
        pictures += section.picture is not None
        name = STILL[section.kind] if parts else "player/sections/opening.html"
        # Pictures change sides, so that a long page keeps moving.
        context = {"section": section, "byte": byte, "lang": marks, "is_mirrored": pictures % 2 == 0}
        parts.append(Part(section, render_to_string(name, context)))
    return tuple(parts)
