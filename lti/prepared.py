"""SQL that every launch and every page runs: compiled once per thread, then run with other values.

Django compiles a queryset anew each time, which for a join of ten tables costs many times what the database needs to
answer it. Only for the hot ways (docs/performance.md has the figures); everything else uses querysets as they are.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable
from django.db.models.sql import InsertQuery


class Slot(Expression):
    """Stands in a queryset for a value that is given at each run; `field` says how the database takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Prepared[M: models.Model]:
    """`build` makes the queryset from slots; `fields` are the model fields whose values the slots take.

    Rows are ordinary instances with the relations that the queryset selects. None is not a value: `= NULL` is never so.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], **fields: "Field[Any, Any]") -> None:
        self._build = build
        self._fields = fields
        self._kept = threading.local()

    def first(self, **values: Any) -> M | None:
        """The first row in the queryset's own order, or None."""
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: Any) -> list[M]:
        queryset, compiler, sql, parameters = self._of_this_thread()
        given = tuple(
            part.field.get_db_prep_value(values[part.name], compiler.connection) if isinstance(part, Slot) else part
            for part in parameters
        )
        compiler.as_sql = lambda *_args, **_kwargs: (sql, given)
        return list(ModelIterable(queryset))

    def _of_this_thread(self) -> tuple[models.QuerySet[M], Any, str, tuple[Any, ...]]:
        """Connections belong to threads, and a compiler is bound to its connection."""
        kept = getattr(self._kept, "compiled", None)
        if kept is None or kept[1].connection is not connections[kept[0].db]:
            queryset = self._build(**{name: Slot(name, field) for name, field in self._fields.items()})
            compiler: Any = queryset.query.get_compiler(using=queryset.db)
            sql, parameters = compiler.as_sql()
            # The same columns each time, so the same conversions.
            converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
            compiler.get_converters = lambda *_args: converters
            # django-stubs knows methods only as declared; this instance answers with its one compiler from now on.
            queryset.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
            kept = self._kept.compiled = (queryset, compiler, sql, tuple(parameters))
        return kept


def insert[M: models.Model](row: M) -> M:
    """Save a new row, as `row.save(force_insert=True)` does, for models without signals, parents and file fields."""
    using = row._state.db or DEFAULT_DB_ALIAS
    connection = connections[using]
    fields, sql, returned = _insertion(type(row), connection)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if returned is not None:
            setattr(row, returned.attname, cursor.fetchone()[0])
    row._state.adding, row._state.db = False, using
    return row


def _insertion(model: type[models.Model], connection: Any) -> tuple[list[Any], str, Any]:
    """Columns, SQL, and the field that the database fills in, if it does."""
    made = vars(_insertions).setdefault("made", {})
    kept = made.get(model)
    if kept is None or kept[0] is not connection:
        fields = [field for field in model._meta.local_concrete_fields if field is not model._meta.auto_field]
        query: Any = InsertQuery(model)
        query.insert_values(fields, [model()])
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = model._meta.db_returning_fields
        ((sql, _),) = compiler.as_sql()
        kept = made[model] = (connection, fields, sql, model._meta.auto_field)
    _, columns, statement, returned = kept
    return columns, statement, returned


_insertions = threading.local()
