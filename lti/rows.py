"""How rows become instances, and instances rows, where that happens with every request: as Django does it, without
signals and without asking each field anew what it is."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable


def plainly[M: models.Model](queryset: models.QuerySet[M]) -> models.QuerySet[M]:
    """The same rows, made by Reader: a third of the time. What is prefetched beside them is made as it says itself."""
    found = queryset.all()
    found._iterable_class = _PlainRows  # as QuerySet.values() does it
    return found


class _PlainRows(ModelIterable[Any]):
    def __iter__(self) -> Iterator[Any]:
        queryset: Any = self.queryset
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        results = compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        reader = Reader(compiler.klass_info, columns, queryset.db)
        annotations = list(compiler.annotation_col_map.items())
        for row in compiler.results_iter(results):
            found = reader.read(row)
            for name, place in annotations:
                setattr(found, name, row[place])
            yield found


class Reader:
    """Makes a row an instance, with those beside it, as Django's `from_db` and RelatedPopulator do.

    For models without signals, parents, and fields whose attributes do anything when they are set.
    """

    def __init__(self, info: dict[str, Any], columns: list[Any], database: str) -> None:
        self._model, self._database = info["model"], database
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self._own = slice(first, last)
        self._names = [column.target.attname for column in columns[first:last]]
        self._key = first + self._names.index(self._model._meta.pk.attname)
        self._beside = [
            (Reader(beside, columns, database), beside["local_setter"], beside["remote_setter"])
            for beside in info.get("related_klass_infos", ())
        ]

    def read(self, row: list[Any]) -> Any:
        if row[self._key] is None:
            return None
        found = self._model.__new__(self._model)
        found._state = state = ModelState()
        state.adding, state.db = False, self._database
        # What is deferred is not there; Django then asks for it.
        vars(found).update(zip(self._names, row[self._own], strict=True))
        for reader, put_beside, put_back in self._beside:
            other = reader.read(row)
            put_beside(found, other)
            if other is not None:
                put_back(other, found)
        return found


def new[M: models.Model](model: type[M], **values: Any) -> M:
    """As `model(**values)`, a row that is not saved yet; relations are given as instances or by their key.

    For models without signals. Raises TypeError for names that are none of its fields.
    """
    blank = _blank(model)
    row = model.__new__(model)
    row._state = state = ModelState()
    columns = vars(row)
    columns.update(blank.constant)
    for name, make in blank.made:
        columns[name] = make()
    for name, value in values.items():
        relation = blank.relations.get(name)
        if relation is None:
            columns[name] = value
        elif value is not None:
            columns[relation.attname] = getattr(value, relation.target_field.attname)
            state.fields_cache[name] = value
            if not relation.remote_field.multiple:
                relation.remote_field.set_cached_value(value, row)
    if len(columns) != blank.size:
        raise TypeError(f"{model.__name__} has no {sorted(set(values) - set(blank.relations) - set(blank.constant))}")
    return row


class _Blank:
    """What a new row holds before anything is said about it."""

    def __init__(self, model: type[models.Model]) -> None:
        fields: list[Any] = list(model._meta.concrete_fields)
        given = {field: field.get_default() for field in fields}
        # What differs each time, or could be changed in place, is made each time.
        is_made = {
            field: callable(field.default) or not isinstance(value, _UNCHANGING) for field, value in given.items()
        }
        self.constant = {field.attname: value for field, value in given.items() if not is_made[field]}
        self.made: list[tuple[str, Callable[[], Any]]] = [
            (field.attname, field.get_default) for field in fields if is_made[field]
        ]
        self.relations: dict[str, Any] = {field.name: field for field in fields if field.is_relation}
        self.size = len(fields) + 1  # and `_state`


_blank = cache(_Blank)
_UNCHANGING = (str, bytes, int, float, bool, datetime, type(None))


class Writer:
    """Takes an instance's values for the places p0, p1, … of a statement, one for each of `fields`."""

    def __init__(self, fields: list[Any], connection: Any) -> None:
        self.fields, self._connection = fields, connection
        self._is_sqlite = connection.vendor == "sqlite"
        self._places = [
            (f"p{place}", field, _has_its_own_say(field), _PLAIN.get(field.get_internal_type(), _NOTHING))
            for place, field in enumerate(fields)
        ]

    def values(self, row: models.Model, *, is_new: bool) -> dict[str, Any]:
        """The values as the database takes them: mostly there is nothing to convert."""
        values = {}
        for place, field, has_its_own_say, plain in self._places:
            value = field.pre_save(row, is_new) if has_its_own_say else getattr(row, field.attname)
            kind = type(value)
            if kind not in plain or (kind is datetime and value.tzinfo is not UTC):
                values[place] = field.get_db_prep_save(value, self._connection)
            elif kind is datetime and self._is_sqlite:
                values[place] = value.replace(tzinfo=None).isoformat(" ")  # as Django has it keep moments
            else:
                values[place] = value
        return values


def _has_its_own_say(field: Any) -> bool:
    """Does the field itself decide what is saved, as moments of the last change do?"""
    if isinstance(field, models.DateField | models.TimeField):
        return bool(field.auto_now or field.auto_now_add)
    return type(field).pre_save is not models.Field.pre_save


_NOTHING: frozenset[type] = frozenset()
_TEXT, _NUMBER = frozenset({str}), frozenset({int, type(None)})
# The types whose values need none of Django's conversions; moments only in UTC.
_PLAIN: dict[str, frozenset[type]] = {
    **dict.fromkeys(("CharField", "TextField"), _TEXT),
    **dict.fromkeys(("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"), _NUMBER),
    "BooleanField": frozenset({bool}),
    "DateTimeField": frozenset({datetime, type(None)}),
}
