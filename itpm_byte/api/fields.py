"""What all shapes of the API are made of."""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, cast

from rest_framework import serializers
from rest_framework.fields import empty


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
    def _plan(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any]]]:
        return [(str(field.field_name), _reader(field), field.to_representation) for field in self._readable_fields]


def _reader(field: Any) -> Callable[[Any], Any]:
    if field.source == "*":
        return lambda row: row
    # What may be missing, or stands in a list of rows, is for the field itself.
    is_plain = field.default is empty and not isinstance(field, serializers.ListSerializer)
    return attrgetter(field.source) if is_plain else cast(Callable[[Any], Any], field.get_attribute)


class Points(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=4, **kwargs)


class Choices(serializers.ChoiceField):
    """Only its values are told, not the words for people."""
