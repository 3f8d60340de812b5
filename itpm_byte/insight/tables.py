"""What a report shows: one definition of columns and rows behind page, file and API."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils.functional import Promise

# What a cell may hold. Times carry a zone; points are Decimals; None is "nothing to say", never zero.
type Cell = str | int | Decimal | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Column[R]:
    """`key` is the name in files and in the API and never changes; `label` is for people."""

    key: str
    label: str | Promise
    value: Callable[[R], Cell]


@dataclass(frozen=True)
class Table[R]:
    """A named list of columns over rows of one kind.

    The first `alike` columns say the same of two rows of which `of` says the same; where such rows come one after the
    other, a file writes these columns once.
    """

    name: str
    columns: tuple[Column[R], ...]
    alike: int = 0
    of: Callable[[R], object] = lambda _row: None

    @cached_property
    def values(self) -> tuple[Callable[[R], Cell], ...]:
        return tuple(column.value for column in self.columns)

    def cells(self, row: R) -> list[Cell]:
        return [value(row) for value in self.values]

    def records(self, rows: Iterable[R]) -> Iterator[dict[str, Cell]]:
        """Rows as {key: value}."""
        for row in rows:
            yield {column.key: column.value(row) for column in self.columns}
