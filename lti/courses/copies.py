"""Which link a new one was copied from (OTH-08). Pure: what the LMS said and what we know go in, an origin comes out.

In this order: the id of the teacher's pick, which travels in the link's custom parameters, or in the grade column's
resource id; the LMS's history of the link; its history of the course (or its notice of the copy, OTH-09), with the
same title there. The last one only suggests. What is of another tenant never gets here as a candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from lti.values import ID_LENGTH, is_storable

# LMSs name every ancestor; more than these help nobody.
MOST_ANCESTORS = 50


class By(StrEnum):
    """How an origin was found."""

    PICK = "pick"
    LINK_HISTORY = "link history"
    COURSE_HISTORY = "course history"


@dataclass(frozen=True)
class Clues:
    """What is known about a new link. Histories are ids, nearest ancestor first."""

    title: str = ""
    context_id: str = ""
    pick: str = ""
    link_history: tuple[str, ...] = ()
    context_history: tuple[str, ...] = ()

    @property
    def are_any(self) -> bool:
        return bool(self.pick or self.link_history or self.context_history)


@dataclass(frozen=True)
class Candidate:
    """A known activity of the same tenant. `key` is the caller's own; `pick` the id in its grade column, or ""."""

    key: int
    link_id: str
    context_id: str
    title: str
    pick: str = ""


@dataclass(frozen=True)
class Origin:
    """`is_certain`: settings may be taken over at once. Else somebody has to say that it is so."""

    key: int
    by: By

    @property
    def is_certain(self) -> bool:
        return self.by is not By.COURSE_HISTORY


def clues(custom: Mapping[str, str], *, title: str, context_id: str, told_origins: Sequence[str] = ()) -> Clues:
    """From a launch's custom parameters (OTH-07) and from what a notice told of the course."""
    told = tuple(origin for origin in told_origins if isinstance(origin, str))
    course = (*history(custom.get("context_history", "")), *told)
    return Clues(
        title=title,
        context_id=context_id,
        pick=custom.get("pick", ""),
        link_history=history(custom.get("link_history", "")),
        context_history=tuple(dict.fromkeys(origin for origin in course if origin != context_id))[:MOST_ANCESTORS],
    )


def history(value: str) -> tuple[str, ...]:
    """Ids in the order the LMS gave, each URL-encoded, with commas between (OTH-07); "" and "$…" are none (CORE-30)."""
    if value.startswith("$"):
        return ()
    found = (unquote(part.strip()) for part in value.split(",")[: MOST_ANCESTORS * 2])
    usable = (part for part in found if part and len(part) <= ID_LENGTH and is_storable(part))
    return tuple(dict.fromkeys(usable))[:MOST_ANCESTORS]


def resolve(known: Clues, candidates: Sequence[Candidate]) -> Origin | None:
    """The activity that the new one was copied from, None if nothing points to one. `candidates` oldest first."""
    same_pick = [candidate for candidate in candidates if known.pick and candidate.pick == known.pick]
    if same_pick:
        return Origin(_nearest(known, same_pick).key, By.PICK)
    for link_id in known.link_history:
        for candidate in candidates:
            if candidate.link_id == link_id:
                return Origin(candidate.key, By.LINK_HISTORY)
    same_title = [candidate for candidate in candidates if _is_same(candidate.title, known.title)]
    for context_id in known.context_history:
        for candidate in same_title:
            if candidate.context_id == context_id:
                return Origin(candidate.key, By.COURSE_HISTORY)
    return None


def in_old_course(known: Clues, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Activities of the nearest ancestor course that has any, for somebody to choose from."""
    for context_id in known.context_history:
        found = [candidate for candidate in candidates if candidate.context_id == context_id]
        if found:
            return found
    return []


def _nearest(known: Clues, candidates: Sequence[Candidate]) -> Candidate:
    """Of several with the same pick: the LMS's own word, then the same course, its ancestors, the oldest."""
    courses = (known.context_id, *known.context_history)

    def distance(candidate: Candidate) -> tuple[int, int]:
        return _place(candidate.link_id, known.link_history), _place(candidate.context_id, courses)

    return min(candidates, key=distance)


def _place(value: str, values: Sequence[str]) -> int:
    return values.index(value) if value in values else len(values)


def _is_same(one: str, other: str) -> bool:
    """The same words; LMSs mark copies within a course."""
    return bool(one.strip()) and _plain(one) == _plain(other)


def _plain(title: str) -> str:
    words = " ".join(title.casefold().split())
    return words.removesuffix("(copy)").removesuffix("- copy").removeprefix("copy of ").strip()
