"""What is wrong with a file, in words that its author can act on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# Where in the data: keys and list positions from the top, such as ("sections", 6, "options", 0, "feedback").
type Place = tuple[str | int, ...]

# How one entry of a list is called, and which field names it best.
ENTRY_NAMES = {
    "sections": ("section", ("id",)),
    "options": ("option", ("key", "title")),
    "cards": ("card", ("title",)),
    "figures": ("figure", ("label",)),
    "actions": ("action", ("title",)),
    "items": ("item", ()),
    "traits": ("trait", ()),
    "scale": ("label", ()),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1; None when the whole file is meant."""

    file: str
    line: int | None
    where: str
    message: str

    def __str__(self) -> str:
        line = f" line {self.line}" if self.line else ""
        where = f", {self.where}" if self.where else ""
        return f"{self.file}{line}{where}: {self.message}"


class LoadFailed(Exception):
    """Nothing was stored. `problems` are all that were found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(map(str, self.problems)))


def words_for(place: Place, data: Any) -> str:
    """("sections", 6, "options", 0, "feedback") becomes "section 'quiz', option 'peter', feedback"."""
    words: list[str] = []
    here, list_name = data, ""
    for step in place:
        here = _inside(here, step)
        if isinstance(step, str):
            list_name = step
            if not isinstance(here, list) or step not in ENTRY_NAMES or place[-1] == step:
                words.append(step)
        else:
            words.append(_entry(list_name, step, here))
    return ", ".join(words)


def _entry(list_name: str, position: int, entry: Any) -> str:
    noun, naming_fields = ENTRY_NAMES.get(list_name, ("entry", ()))
    for name in naming_fields:
        if isinstance(entry, dict) and isinstance(entry.get(name), str) and entry[name]:
            return f"{noun} '{shortened(entry[name])}'"
    return f"{noun} {position + 1}"


def _inside(data: Any, step: str | int) -> Any:
    if isinstance(data, dict) and isinstance(step, str):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
        return data[step]
    return None


def shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """a; a or b; a, b or c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
