"""A dry run as the page shows it: whose grade would be what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from itpm_byte.content.models import Byte
from itpm_byte.learning.dry_run import DryRun
from itpm_byte.learning.placements import COUNTING
from itpm_byte.learning.scoring import Counted, in_words

# The rest stands in the file.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """`query` asks for the same as a file; `version`: the one that would mark, if it is about marking."""

    found: DryRun
    query: str
    version: Byte | None = None
    is_marking: bool = False

    @classmethod
    def of_settings(cls, found: DryRun, settings: Mapping[str, object]) -> "Changes":
        return cls(found, urlencode({name: settings[name] for name in sorted(COUNTING) if name in settings}))

    @classmethod
    def of_marking(cls, found: DryRun, version: Byte | None) -> "Changes":
        return cls(found, urlencode({"by": version.version if version else "own"}), version, is_marking=True)

    @property
    def count(self) -> int:
        return len(self.found.changes)

    @property
    def rows(self) -> Iterator[Row]:
        for change in self.found.changes[:MOST_SHOWN]:
            yield Row(change.learner.display_name, _grade(change.before), _grade(change.after))

    @property
    def shown(self) -> int:
        return min(self.count, MOST_SHOWN)


def _grade(grade: Counted | None) -> str:
    if grade is None:
        return _("no grade")
    return _("%(points)s of %(possible)s") % {"points": in_words(grade.points), "possible": grade.possible}
