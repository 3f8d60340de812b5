"""What all shapes of the API are made of."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, cast

from rest_framework import serializers
from rest_framework.fields import empty

type Write = Callable[[Any], Any]


# For answers: what each field reads, and how it writes that, is worked out once for all rows of a page (REST framework
# asks each field of each row anew). Rows are objects, not dicts. No docstring: the description would repeat it.
class Shape(serializers.Serializer[Any]):
    def to_representation(self, instance: Any) -> dict[str, Any]:
        told = {}
        for name, read, write in self._plan:
            value = read(instance)
            told[name] = None if value is None else write(value)
        return told

    @cached_property
    def _plan(self) -> list[tuple[str, Callable[[Any], Any], Write]]:
        return [(str(field.field_name), _reader(field), _writer(field)) for field in self._readable_fields]


def _reader(field: Any) -> Callable[[Any], Any]:
    if field.source == "*":
        return lambda row: row
    # What may be missing, or stands in a list of rows, is for the field itself.
    is_plain = field.default is empty and not isinstance(field, serializers.ListSerializer)
    return attrgetter(field.source) if is_plain else cast(Callable[[Any], Any], field.get_attribute)


def _writer(field: Any) -> Write:
    """As the field itself writes, for values of the kinds that our rows hold."""
    if isinstance(field, Shape):
        return _once(field.to_representation)
    if isinstance(field, serializers.DateTimeField):
        return _time
    return _WRITERS.get(type(field)) or cast(Write, field.to_representation)


def _once(write: Write) -> Write:
    """Many rows of a page stand at the same course: it is written for the first, and shown by all."""
    written: dict[int, tuple[Any, Any]] = {}

    def told(value: Any) -> Any:
        # With the value itself, so that no other gets its place in memory meanwhile.
        found = written.get(id(value))
        if found is None:
            found = written[id(value)] = (value, write(value))
        return found[1]

    return told


def _time(moment: datetime) -> str:
    text = (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()
    return text.removesuffix("+00:00") + "Z"


def _points(points: Decimal) -> str:
    return f"{points:.4f}"


class Points(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=4, **kwargs)


class Choices(serializers.ChoiceField):
    """Only its values are told, not the words for people."""


# By the very class of a field: whatever else one does stays its own.
_WRITERS: dict[type, Write] = {
    serializers.CharField: str,
    serializers.IntegerField: int,
    serializers.BooleanField: bool,
    serializers.UUIDField: str,
    Choices: str,
    Points: _points,
}
