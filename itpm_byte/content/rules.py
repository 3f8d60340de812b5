"""What makes a Byte impossible to publish. What only makes it worse is in lint.

Works on data that fits the schema, so that each rule can say where it is broken.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from itpm_byte.content import markdown
from itpm_byte.content.problems import Place, Problem
from itpm_byte.content.source import Source

# Fields in which Markdown works; everything else is plain text.
MARKDOWN_FIELDS = {"text", "closing", "items", "traits", "prompt", "explanation", "feedback"}

type Section = Mapping[str, Any]


def problems(source: Source) -> Iterator[Problem]:
    """Every broken rule."""
    sections: list[Section] = source.data["sections"]
    if not any(section["kind"] == "question" for section in sections):
        yield source.problem(("sections",), "has no question. Add a section of kind question.")
    if sections[0]["kind"] not in {"text", "picture"} or "picture" not in sections[0]:
        yield source.problem(("sections", 0), "the opening is a text with one picture, its cover, and nothing else.")
    yield from _repeated(source, ("sections",), "id")
    yield from _only_once(source, sections)
    for position, section in enumerate(sections):
        place: Place = ("sections", position)
        if section["kind"] == "question":
            yield from _question(source, section, place)
        for number, action in enumerate(section.get("actions", ())):
            if "link" in action and not is_https(action["link"]["url"]):
                message = "is not a web address that begins with https://."
                yield source.problem((*place, "actions", number, "link", "url"), message)
    for where, text in markdown_texts(source.data):
        yield from _markdown(source, where, text)


def markdown_texts(data: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """All texts in which Markdown works, with their places."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from markdown_texts(value, (*place, name))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from markdown_texts(value, (*place, position))
    elif isinstance(data, str):
        name = next((step for step in reversed(place) if isinstance(step, str)), "")
        # A link's words are plain text although they are called text, too.
        if name in MARKDOWN_FIELDS and place[-2:-1] != ("link",):
            yield place, data


def is_https(url: str) -> bool:
    """A web address that names a host, and no user."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and "." in host.strip(".") and "@" not in parts.netloc


def _repeated(source: Source, place: Place, name: str) -> Iterator[Problem]:
    entries = source.data
    for step in place:
        entries = entries[step]
    seen = set()
    for position, entry in enumerate(entries):
        if entry[name] in seen:
            yield source.problem((*place, position, name), f"'{entry[name]}' is taken. Give each its own {name}.")
        seen.add(entry[name])


def _only_once(source: Source, sections: list[Section]) -> Iterator[Problem]:
    for kind in ("feedback", "support"):
        for position in [at for at, section in enumerate(sections) if section["kind"] == kind][1:]:
            yield source.problem(("sections", position), f"there is a section of kind {kind} before. Keep one.")


def _question(source: Source, question: Section, place: Place) -> Iterator[Problem]:
    yield from _repeated(source, (*place, "options"), "key")
    declared = question["right_options"]
    right = sum(option["right"] for option in question["options"])
    if right != declared:
        yield source.problem((*place, "right_options"), f"says {declared}, but right: true stands {right}×.")
    elif right == len(question["options"]):
        yield source.problem((*place, "options"), "at least one option must be wrong.")
    if question["answers"] == "single" and declared != 1:
        message = f"says {declared}, but answers: single means one right option. Write answers: multiple."
        yield source.problem((*place, "right_options"), message)


def _markdown(source: Source, place: Place, text: str) -> Iterator[Problem]:
    for url in markdown.links(text):
        if not is_https(url):
            yield source.problem(place, f"the link to '{url}' does not begin with https://.")
    if "![" in text:
        yield source.problem(place, "a picture can't stand in a text. Use the section's picture field.")
