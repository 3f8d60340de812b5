"""Reads a Byte's file into plain data and remembers on which line everything stands.

YAML as JSON people expect it: `no` and `12:30` are words, dates are words, only true and false are truth values. No
aliases (a few lines of them can grow to gigabytes), no tags, no key twice.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from itpm_byte.content.problems import LoadFailed, Place, Problem, shortened, words_for

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12

_TAG = "tag:yaml.org,2002:"
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """`data` is what the file says; `problem` points at a place in it."""

    file: str
    data: Any
    lines: dict[Place, int] = field(repr=False)

    def problem(self, place: Place, message: str) -> Problem:
        """Points at the closest line known: for a missing field, the entry that lacks it."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known), words_for(place, self.data), message)


def read(path: Path) -> Source:
    """Raises LoadFailed when the file can't be read as UTF-8 YAML."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _failed(path.name, None, f"cannot be opened ({error.strerror}).") from error
    if len(content) > MAX_BYTES:
        raise _failed(path.name, None, f"is larger than {MAX_BYTES // 1024} kB. A Byte is short; split it.")
    try:
        return parse(content.decode("utf-8-sig"), file=path.name)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _failed(path.name, line, "is not UTF-8 text. Save the file as UTF-8.") from error


def parse(text: str, *, file: str) -> Source:
    """Raises LoadFailed with every key that stands twice, every tag, every unprintable character."""
    try:
        node = _load_nodes(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        message = f"has the unprintable character U+{int(error.character):04X}. Remove it."
        raise _failed(file, line, message) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"cannot be understood: {error.problem or error.context}. Check indents, quotes and colons."
        raise _failed(file, mark.line + 1 if mark else None, message) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML lets some mistakes through as they come, such as "\\UFFFFFFFF" in quotes.
        raise _failed(file, None, "cannot be understood: it holds a character or number out of range.") from error
    if node is None:
        raise _failed(file, None, "is empty.")
    reader = _Reader(file)
    data = reader.value(node, ())
    if reader.problems:
        raise LoadFailed(reader.problems)
    return Source(file, data, reader.lines)


def _failed(file: str, line: int | None, message: str) -> LoadFailed:
    return LoadFailed([Problem(file, line, "", message)])


class _Loader(yaml.SafeLoader):
    """The safe loader without its surprises; only its nodes are used."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.get_mark()
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*) are not used here", problem_mark=mark)
        if self.depth >= MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_DEPTH} levels inside each other", problem_mark=mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# What each kind of value looks like, and with which characters it can begin ('' for an empty value).
_SCALARS = {
    "bool": (re.compile(r"(?:true|false)\Z"), list("tf")),
    "null": (re.compile(r"(?:null|~|)\Z"), ["n", "~", ""]),
    "int": (re.compile(r"-?(?:0|[1-9][0-9]{0,14})\Z"), list("-0123456789")),
    "float": (re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}\Z"), list("-0123456789")),
}
for _kind, (_pattern, _beginnings) in _SCALARS.items():
    _Loader.add_implicit_resolver(_TAG + _kind, _pattern, _beginnings)


def _load_nodes(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


class _Reader:
    """Walks the nodes once: plain data, lines by place, problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(child, (*place, position)) for position, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag.startswith(_TAG):
            return self._scalar(node)
        self._complain(node, f"the tag '{shortened(node.tag)}' is not used here. Remove it.")
        return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a field name must be one word.")
                continue
            key = self._text(key_node)
            if key in data:
                self._complain(key_node, f"'{shortened(key)}' stands here twice. Keep one.")
            self.lines[*place, key] = key_node.start_mark.line + 1
            data[key] = self.value(value_node, (*place, key))
        return data

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind == "str":
            return self._text(node)
        if kind not in _SCALARS or not _SCALARS[kind][0].match(node.value):
            self._complain(node, f"the tag '{shortened(node.tag)}' is not used here. Remove it.")
            return None
        match kind:
            case "bool":
                return node.value == "true"
            case "int":
                return int(node.value)
            case "float":
                return float(node.value)
        return None

    def _text(self, node: yaml.ScalarNode) -> str:
        text = unicodedata.normalize("NFC", str(node.value).replace("\r\n", "\n"))
        if found := _NOT_TEXT.search(text):
            self._complain(node, f"has the unprintable character U+{ord(found.group()):04X}. Remove it.")
        return text.strip()

    def _complain(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, "", message))
