"""SQL that every launch and every page runs: compiled once per thread, then run with other values.

Django compiles a queryset anew each time, which for a join of ten tables costs many times what the database needs to
answer it. Only for the hot ways (docs/performance.md has the figures); everything else uses querysets as they are.
"""

import json
import re
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models
from django.db.models import BigIntegerField, BooleanField, Field, Func
from django.db.models.constants import OnConflict
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable
from django.db.models.sql import InsertQuery

from lti import durability
from lti.rows import Reader, Writer
from lti.statements import Statement


class Slot(Expression):
    """Stands in a queryset for a value that is given at each run; `field` says how the database takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Keys(Field[Any, Any]):
    """The field of a slot that takes a list of keys; for Among."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        keys = list(value)
        return json.dumps(keys) if connection.vendor == "sqlite" else keys


class Among(Func):
    """Among("placement_id", keys): is it one of those in a slot of Keys? They have one place, however many they are.

    As Unseen, PostgreSQL plans it once: for ten keys, whichever they are.
    """

    output_field = BooleanField()
    template = "%(expressions)s::bigint[])::bigint[])"
    arg_joiner = " = ANY((SELECT "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        joiner, template = " IN (SELECT value FROM json_each(", "%(expressions)s))"
        return self.as_sql(compiler, connection, arg_joiner=joiner, template=template, **context)


class Unseen(Func):
    """A slot for a key that PostgreSQL does not look at when it plans. Where it does look, it finds a plan for that key
    so much better than one for all that it makes a new one each time, which takes several times what the rows do."""

    output_field = BigIntegerField()
    template = "(SELECT %(expressions)s::bigint)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)


class Prepared[M: models.Model]:
    """`build` makes the queryset from slots; `fields` are the model fields whose values the slots take.

    Rows are ordinary instances with the relations that the queryset selects. None is not a value: `= NULL` is never so.
    `shares`: what the queryset locks (no_key=True) is locked by many at once; who changes it waits for all of them, and
    they for that one. Django has no FOR SHARE.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[M]], *, shares: bool = False, **fields: "Field[Any, Any]"
    ) -> None:
        self._build, self._shares = build, shares
        self._fields = fields
        self._kept = threading.local()

    def first(self, **values: Any) -> M | None:
        """The first row in the queryset's own order, or None."""
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[M]:
        return self._plan().run(values)

    def tuples(self, **values: Any) -> list[tuple[Any, ...]]:
        """For a queryset of values_list()."""
        return [tuple(row) for row in self._plan().read(values)]

    def _plan(self) -> "_Plan[M]":
        """Connections belong to threads, and a plan is bound to its connection."""
        kept: _Plan[M] | None = getattr(self._kept, "plan", None)
        if kept is None or kept.connection is not connections[kept.database]:
            slots = {name: Slot(name, field) for name, field in self._fields.items()}
            kept = self._kept.plan = _Plan(self._build(**slots), shares=self._shares)
        return kept


class _Plan[M: models.Model]:
    """What django.db.models.query.ModelIterable works out for each run, worked out once."""

    def __init__(self, queryset: Any, *, shares: bool) -> None:
        self.database = queryset.db
        self.connection: Any = connections[self.database]
        compiler: Any = queryset.query.get_compiler(using=self.database)
        sql, parameters = compiler.as_sql()
        if self.connection.vendor == "postgresql":
            sql, parameters = _with_constants(sql, parameters, self.connection)
            if shares:
                sql = sql.replace(" FOR NO KEY UPDATE", " FOR SHARE")
        self._statement, self._parameters = Statement(sql), list(enumerate(parameters))
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = list(compiler.get_converters(columns).items())
        has_instances = issubclass(queryset._iterable_class, ModelIterable)
        self._reader = Reader(compiler.klass_info, columns, self.database) if has_instances else None
        self._annotations = list(compiler.annotation_col_map.items())

    def run(self, values: dict[str, Any]) -> list[M]:
        return [self._instance(row) for row in self.read(values)]

    def read(self, values: dict[str, Any]) -> Iterator[list[Any]]:
        """Rows as columns, in Python's types."""
        given = {
            f"p{place}": part.field.get_db_prep_value(values[part.name], self.connection)
            if isinstance(part, Slot)
            else part
            for place, part in self._parameters
        }
        rows, _ = self._statement.run(self.connection, given)
        return map(self._converted, rows)

    def _converted(self, found: tuple[Any, ...]) -> list[Any]:
        row = list(found)
        for place, (converters, expression) in self._converters:
            value = row[place]
            if value is None:
                continue  # as every converter of ours answers
            for convert in converters:
                value = convert(value, expression, self.connection)
            row[place] = value
        return row

    def _instance(self, row: list[Any]) -> M:
        if self._reader is None:
            raise TypeError("A queryset of values has no instances: ask for `tuples`.")
        found: M = self._reader.read(row)
        vars(found).update((name, row[place]) for name, place in self._annotations)
        return found


def _with_constants(sql: str, parameters: Iterable[Any], connection: Any) -> tuple[str, list[Slot]]:
    """What is the same at each run is written out, so that a plan that PostgreSQL makes for all runs knows it."""
    connection.ensure_connection()
    parts = list(parameters)
    written = (
        "%s" if isinstance(part, Slot) else connection.ops.compose_sql("%s", [part]).replace("%", "%%")
        for part in parts
    )
    return re.sub("(?<!%)%s", lambda _: next(written), sql), [part for part in parts if isinstance(part, Slot)]


def insert[M: models.Model](row: M) -> M:
    """Save a new row, as `row.save(force_insert=True)` does, for models without signals, parents and file fields."""
    _insert(row, None)
    return row


def insert_unless_there(row: models.Model) -> bool:
    """Save a new row unless a unique constraint says that it is there already. Was it saved?"""
    return _insert(row, OnConflict.IGNORE)


def update(row: models.Model, *names: str) -> None:
    """Write these attributes of a row that is there, as `row.save(update_fields=names)` does."""
    connection = connections[row._state.db or DEFAULT_DB_ALIAS]
    key = (type(row), names)
    writer, statement = _kept(connection, key, lambda: _updating(*key, connection))
    _, written = statement.run(connection, writer.values(row, is_new=False))
    if written != 1:
        raise DatabaseError(f"{type(row).__name__} {row.pk} is gone")


def change(model: type[models.Model], key: Any, values: Mapping[str, Any], *, where: Mapping[str, Any]) -> bool:
    """Write these values into the row of this key, if it still is as `where` says. Was it? None never is."""
    statement, (given,) = _changes(model, [(key, values)], where)
    _, written = statement.run(connections[DEFAULT_DB_ALIAS], given)
    return bool(written)


def change_each(model: type[models.Model], rows: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
    """Write values into several rows by key, all of the same names; on PostgreSQL without waiting for each answer."""
    if rows:
        statement, given = _changes(model, rows, {})
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.executemany(statement.sql, given)


def _changes(
    model: type[models.Model], rows: Sequence[tuple[Any, Mapping[str, Any]]], where: Mapping[str, Any]
) -> tuple[Statement, list[dict[str, Any]]]:
    connection = connections[DEFAULT_DB_ALIAS]
    names, conditions = tuple(rows[0][1]), tuple(where)
    writer, statement = _kept(
        connection, (model, names, conditions), lambda: _updating(model, names, connection, where=conditions)
    )
    given = [
        {
            f"p{place}": field.get_db_prep_save(value, connection)
            for place, (field, value) in enumerate(
                zip(writer.fields, [*values.values(), key, *where.values()], strict=True)
            )
        }
        for key, values in rows
    ]
    return statement, given


def _insert(row: models.Model, on_conflict: OnConflict | None) -> bool:
    using = row._state.db or DEFAULT_DB_ALIAS
    connection = connections[using]
    key = (type(row), on_conflict, durability.is_awaited())
    writer, statement, returned = _kept(connection, key, lambda: _insertion(*key, connection))
    rows, written = statement.run(connection, writer.values(row, is_new=True))
    if returned is not None:
        if not rows:
            return False
        setattr(row, returned.attname, rows[0][0])
    elif written == 0:
        return False
    row._state.adding, row._state.db = False, using
    return True


def _insertion(
    model: type[models.Model], on_conflict: OnConflict | None, is_awaited: bool, connection: Any
) -> tuple[Writer, Statement, Any]:
    """What takes the values, SQL, and the field that the database fills in, if it does."""
    fields = [field for field in model._meta.local_concrete_fields if field is not model._meta.auto_field]
    query: Any = InsertQuery(model, on_conflict=on_conflict)
    query.insert_values(fields, [model()])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = model._meta.db_returning_fields
    ((sql, _),) = compiler.as_sql()
    if connection.vendor == "postgresql" and not is_awaited:
        sql = durability.not_awaited(sql)
    return Writer(fields, connection), Statement(sql), model._meta.auto_field


def _updating(
    model: type[models.Model], names: tuple[str, ...], connection: Any, *, where: tuple[str, ...] = ()
) -> tuple[Writer, Statement]:
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    conditions: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in where)]
    columns = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    wanted = " AND ".join(f"{quote(field.column)} = %s" for field in conditions)
    # Names of our own models only; values are never part of it.
    sql = f"UPDATE {quote(model._meta.db_table)} SET {columns} WHERE {wanted}"  # noqa: S608  # nosec
    return Writer([*fields, *conditions], connection), Statement(sql)


def _kept[T](connection: Any, key: Hashable, make: Callable[[], T]) -> T:
    """What was made for this key and this thread's connection."""
    made: dict[Hashable, tuple[Any, T]] = vars(_statements).setdefault("made", {})
    kept = made.get(key)
    if kept is None or kept[0] is not connection:
        kept = made[key] = (connection, make())
    return kept[1]


_statements = threading.local()
