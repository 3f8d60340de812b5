"""Who is meant by a pasted list of names, e-mails or ids of the LMS: lines, commas, semicolons, spreadsheet columns."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lti.models import Context, Membership, PlatformUser, Role

MOST_LETTERS = 40_000
MOST_ENTRIES = 500
_WITH_MAIL = re.compile(r"^(?P<name>[^<>]*)<(?P<mail>[^<>]+)>$")


class ListTooLong(ValueError):
    """More than MOST_LETTERS or MOST_ENTRIES."""


class Match(StrEnum):
    FOUND = "found"
    SEVERAL = "several"
    TWICE = "twice"
    NO_LEARNER = "no_learner"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Entry:
    """`text` is as it was pasted. FOUND has one person, SEVERAL those it may mean, TWICE who stood there before."""

    text: str
    match: Match
    people: tuple[PlatformUser, ...] = ()


def look(context: Context, pasted: str) -> list[Entry]:
    """Each entry of the list with whom it means among the course's people. One query. Raises ListTooLong.

    A line is one person where that finds somebody ("Tran, Lin" too), else commas part several. Case and accents' coding
    make no difference.
    """
    if len(pasted) > MOST_LETTERS:
        raise ListTooLong
    course = _Course(context)
    parts = [part for line in pasted.replace("\0", "").splitlines() for part in line.split(";")]
    entries: list[Entry] = []
    seen: set[int] = set()
    for text in (text for part in parts for text in _texts(part, course)):
        entries.append(_entry(text, course, seen))
        if len(entries) > MOST_ENTRIES:
            raise ListTooLong
    return entries


class _Course:
    """Everybody in the course by all that they may be called."""

    def __init__(self, context: Context) -> None:
        seats = Membership.objects.filter(context=context, user__is_anonymous=False).select_related("user")
        self._by_key: dict[str, dict[int, PlatformUser]] = defaultdict(dict)
        self.learners: set[int] = set()
        for seat in seats.order_by("user__name", "user"):
            if seat.role == Role.LEARNER and not seat.is_test_user:
                self.learners.add(seat.user_id)
            for called in filter(None, (seat.user.sub, seat.user.email, seat.user.name)):
                self._by_key[_key(called)][seat.user_id] = seat.user

    def called(self, text: str) -> dict[int, PlatformUser]:
        """By id, e-mail or name; "Tran, Lin" is "Lin Tran"."""
        last, comma, first = text.partition(",")
        found = self._by_key.get(_key(text))
        return found or (self._by_key.get(_key(f"{first} {last}"), {}) if comma else {})

    def meant(self, text: str) -> dict[int, PlatformUser]:
        """The cells of a spreadsheet's row, or name and address: the one that fits the fewest people."""
        with_mail = _WITH_MAIL.match(text.strip())
        cells = [with_mail["mail"], with_mail["name"]] if with_mail else text.split("\t")
        found = [people for people in map(self.called, cells) if people]
        return min(found, key=len, default={})


def _texts(part: str, course: _Course) -> Iterator[str]:
    if not part.strip():
        return
    if "," not in part or course.meant(part):
        yield part
        return
    yield from (text for text in part.split(",") if text.strip())


def _entry(text: str, course: _Course, seen: set[int]) -> Entry:
    shown, people = " ".join(text.split()), course.meant(text)
    learners = {key: person for key, person in people.items() if key in course.learners}
    if not learners:
        return Entry(shown, Match.NO_LEARNER if people else Match.NOBODY)
    if len(learners) > 1:
        return Entry(shown, Match.SEVERAL, tuple(learners.values()))
    ((key, person),) = learners.items()
    match = Match.TWICE if key in seen else Match.FOUND
    seen.add(key)
    return Entry(shown, match, (person,))


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).strip(' "').casefold().split())
