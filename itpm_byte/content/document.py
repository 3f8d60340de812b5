"""The typed sections of a Byte, as the doors show them.

`Byte.document` holds what the author wrote (Markdown, pictures by digest) as JSON; `Document.from_json` turns it into
frozen sections with safe HTML. Neither ever holds which option is right, the feedback or the explanation: these live
in Question and Choice rows only, so no page can give them away by mistake.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.urls import reverse
from django.utils.safestring import SafeString

from itpm_byte.content import markdown

# The shape of the stored JSON. Raise it when from_json must tell old rows from new ones.
FORMAT = 1
EXTENSIONS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PictureRef:
    """Where a picture is, what it shows in words, and its size in pixels, so that the page never jumps."""

    url: str
    alt: str
    width: int
    height: int

    @classmethod
    def from_json(cls, data: Json | None) -> Self | None:
        if data is None:
            return None
        arguments = {"digest": data["digest"], "extension": EXTENSIONS[data["media_type"]]}
        url = reverse("content:picture", kwargs=arguments)
        return cls(url=url, alt=data["alt"], width=data["width"], height=data["height"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What every section has. `id` is unique in the Byte and stays the same in later versions."""

    kind: ClassVar[str] = ""
    id: str
    title: str
    html: SafeString
    picture: PictureRef | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**_shared(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSection(Section):
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSection(Section):
    """The picture says it; `html` is its caption."""

    kind: ClassVar[str] = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSection(Section):
    """`html` leads in, `closing` sums up; both may be empty."""

    kind: ClassVar[str] = "list"
    items: tuple[SafeString, ...]
    closing: SafeString

    @classmethod
    def from_json(cls, data: Json) -> Self:
        items = tuple(markdown.inline(item) for item in data["items"])
        return cls(**_shared(data), items=items, closing=markdown.blocks(data.get("closing", "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    title: str
    html: SafeString
    traits: tuple[SafeString, ...]
    picture: PictureRef | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**_card(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsSection(Section):
    kind: ClassVar[str] = "cards"
    cards: tuple[Card, ...]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**_shared(data), cards=tuple(map(Card.from_json, data["cards"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Card):
    """One answer to choose. `key` is unique in its question and equals Choice.key."""

    key: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(key=data["key"], **_card(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSection(Section):
    """`answers` is 'single' or 'multiple'; `choose` is how many options the author says are right."""

    kind: ClassVar[str] = "question"
    question_key: str
    prompt: SafeString
    answers: str
    choose: int
    points: int
    options: tuple[Option, ...]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            **_shared(data),
            question_key=data["id"],
            prompt=markdown.inline(data["prompt"]),
            answers=data["answers"],
            choose=data["choose"],
            points=data["points"],
            options=tuple(map(Option.from_json, data["options"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with where it comes from. `display` is the number as people read it. '' means: not known."""

    label: str
    display: str
    unit: str
    source: str
    as_of: str
    picture: PictureRef | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        known = {name: "" if data[name] == "unknown" else data[name] for name in ("source", "as_of")}
        return cls(
            label=data["label"],
            display=data["display"],
            unit=data.get("unit", ""),
            picture=PictureRef.from_json(data.get("picture")),
            **known,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresSection(Section):
    kind: ClassVar[str] = "figures"
    figures: tuple[Figure, ...]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**_shared(data), figures=tuple(map(Figure.from_json, data["figures"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One next step. `url` and `link_text` are both set or both ''."""

    title: str
    html: SafeString
    url: str
    link_text: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        link = data.get("link", {})
        html = markdown.inline(data.get("text", ""))
        return cls(title=data["title"], html=html, url=link.get("url", ""), link_text=link.get("text", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsSection(Section):
    kind: ClassVar[str] = "actions"
    actions: tuple[Action, ...]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**_shared(data), actions=tuple(map(Action.from_json, data["actions"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSection(Section):
    """`scale` has five labels, from 1 (disagree most) to 5 (agree most)."""

    kind: ClassVar[str] = "feedback"
    statement: str
    scale: tuple[str, ...]
    comment_label: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        words = {"statement": data["statement"], "comment_label": data["comment_label"]}
        return cls(**_shared(data), scale=tuple(data["scale"]), **words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportSection(Section):
    kind: ClassVar[str] = "support"


_READERS: Mapping[str, Callable[[Json], Section]] = {
    section.kind: section.from_json
    for section in (
        TextSection,
        ListSection,
        PictureSection,
        CardsSection,
        QuestionSection,
        FiguresSection,
        ActionsSection,
        FeedbackSection,
        SupportSection,
    )
}


@dataclass(frozen=True, slots=True)
class Document:
    """All sections in reading order."""

    sections: tuple[Section, ...]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """`data` is Byte.document, which the loader has checked; KeyError when it is anything else."""
        return cls(tuple(_READERS[section["kind"]](section) for section in data["sections"]))

    @property
    def section_ids(self) -> tuple[str, ...]:
        return tuple(section.id for section in self.sections)

    @property
    def questions(self) -> tuple[QuestionSection, ...]:
        return tuple(section for section in self.sections if isinstance(section, QuestionSection))


def _shared(data: Json) -> dict[str, Any]:
    return {
        "id": data["id"],
        "title": data["title"],
        "html": markdown.blocks(data.get("text", "")),
        "picture": PictureRef.from_json(data.get("picture")),
    }


def _card(data: Json) -> dict[str, Any]:
    return {
        "title": data["title"],
        "html": markdown.blocks(data.get("text", "")),
        "traits": tuple(markdown.inline(trait) for trait in data.get("traits", ())),
        "picture": PictureRef.from_json(data.get("picture")),
    }
