"""A checked file, taken apart: what doors may show, what only scoring may know, and what tells versions apart."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itpm_byte.content.document import FORMAT
from itpm_byte.content.pictures import PictureFile

DEFAULT_PASS_MARK = 60
DEFAULT_POINTS = 1

# Fields that pages get, by the kind of what holds them. A new field stays secret until somebody writes it down here.
_SHARED = {"id", "kind", "title", "text", "picture"}
PUBLIC_FIELDS = {
    "text": _SHARED,
    "picture": _SHARED,
    "support": _SHARED,
    "list": _SHARED | {"items", "closing"},
    "cards": _SHARED | {"cards"},
    "question": _SHARED | {"prompt", "answers", "options"},
    "figures": _SHARED | {"figures"},
    "actions": _SHARED | {"actions"},
    "feedback": _SHARED | {"statement", "scale", "comment_label"},
}
PUBLIC_OPTION_FIELDS = {"key", "title", "text", "traits", "picture"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a version is made of, before it has a number. `questions` hold everything, right answers included."""

    fields: dict[str, Any]
    document: dict[str, Any]
    questions: tuple[Mapping[str, Any], ...]
    pictures: tuple[PictureFile, ...]
    content_hash: str
    points_possible: int


def drafted(data: Mapping[str, Any], pictures: Mapping[str, PictureFile]) -> Draft:
    """`data` has passed all checks; `pictures` holds every picture it names, by file name."""
    content = _with_defaults(_with_digests(data, pictures))
    questions = [section for section in content["sections"] if section["kind"] == "question"]
    return Draft(
        fields={name: value for name, value in content.items() if name != "sections"},
        document={"format": FORMAT, "sections": [_public(section) for section in content["sections"]]},
        questions=tuple(questions),
        pictures=tuple({picture.digest: picture for picture in pictures.values()}.values()),
        content_hash=_hash(content),
        points_possible=sum(question["points"] for question in questions),
    )


def _with_digests(data: Any, pictures: Mapping[str, PictureFile]) -> Any:
    """The same data, with pictures by their bytes and not by their file names."""
    if isinstance(data, list):
        return [_with_digests(entry, pictures) for entry in data]
    if not isinstance(data, Mapping):
        return data
    return {
        name: _picture(value, pictures[value["file"]]) if name == "picture" else _with_digests(value, pictures)
        for name, value in data.items()
    }


def _picture(data: Mapping[str, Any], file: PictureFile) -> dict[str, Any]:
    size = {"width": file.width, "height": file.height}
    return {"digest": file.digest, "media_type": file.media_type, "alt": data["alt"], **size}


def _with_defaults(content: dict[str, Any]) -> dict[str, Any]:
    """Leaving a field out and writing its default are the same content."""
    numbers = {"minutes": int(content["minutes"]), "pass_mark": int(content.get("pass_mark", DEFAULT_PASS_MARK))}
    sections = [
        section | {"points": int(section.get("points", DEFAULT_POINTS)), "right_options": int(section["right_options"])}
        if section["kind"] == "question"
        else section
        for section in content["sections"]
    ]
    return content | numbers | {"sections": sections}


def _public(section: dict[str, Any]) -> dict[str, Any]:
    public = {name: value for name, value in section.items() if name in PUBLIC_FIELDS[section["kind"]]}
    if section["kind"] == "question":
        public |= {"choose": section["right_options"], "points": section["points"]}
        public["options"] = [
            {name: value for name, value in option.items() if name in PUBLIC_OPTION_FIELDS}
            for option in section["options"]
        ]
    return public


def _hash(content: dict[str, Any]) -> str:
    """Of canonical JSON: sorted names, no spaces, so that only what learners meet makes a new version."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
