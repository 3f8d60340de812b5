"""SELECTs that every launch and every page runs: compiled to SQL once per thread, then run with other values.

Django compiles a queryset anew each time, which for a join of ten tables costs many times what the database needs to
answer it. Only for the hot ways (docs/performance.md has the figures); everything else uses querysets as they are.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections, models
from django.db.models import Field
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable


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
            # django-stubs knows methods only as declared; this instance answers with its one compiler from now on.
            queryset.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
            kept = self._kept.compiled = (queryset, compiler, sql, tuple(parameters))
        return kept
