"""Queries whose SQL is made once: for what stands in the way of every reply.

Django makes the SQL of a queryset anew each time, which takes it some ten times as long as SQLite
takes to answer. On most pages that is nothing; where hundreds of replies begin at once it is a
fifth of all the work.

    @PreparedQuery
    def _newest() -> QuerySet[Message]:
        return Message.objects.filter(conversation=Parameter("conversation")).order_by("-pk")[:3]

    messages = _newest(conversation=conversation.pk)

What the function itself is given, and all that it looks up, becomes part of the SQL.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Expression
from django.db.models.sql import UpdateQuery
from django.db.transaction import mark_for_rollback_on_error

MOST_SHAPES = 32  # Of one function; what was not asked for lately is made again.

Row = TypeVar("Row")
Changes = dict[str, Any]  # By the name of the field.


class Parameter(Expression):
    """Stands in a prepared query for a value that each call gives, by default an id.

    An id is compared with `=`, in what has to hold together with the rest; it is never None.
    """

    def __init__(self, name: str, field: Any = None) -> None:
        super().__init__(output_field=field or models.BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", (self,)

    def prepared(self, value: Any, connection: Any) -> Any:
        """Return the value as the database takes it.

        Raise EmptyResultSet if it is a number that no row can have.
        """
        field = self.output_field
        if isinstance(field, models.IntegerField) and value is not None:
            least, most = connection.ops.integer_field_range(field.get_internal_type())
            if not least <= value <= most:
                raise EmptyResultSet
        return field.get_db_prep_value(value, connection)


class PreparedQuery(Generic[Row]):
    """Makes of a function that returns a queryset one that returns its rows, as a list.

    What the queryset would prefetch is not.
    """

    def __init__(self, build: "Callable[..., models.QuerySet[Any, Row]]") -> None:
        self._make = lru_cache(MOST_SHAPES)(partial(_select, build))

    def __call__(self, *shape: Hashable, **values: Any) -> list[Row]:
        """Ask with these values for the parameters; give `shape` to the function."""
        try:
            made = self._make(*shape)
            connection = connections[made.queryset.db]
            given = made.params_with(values, connection)
        except EmptyResultSet:
            return []
        compiler = copy(made.compiler)  # Of this call, and so of this thread.
        compiler.connection = connection
        compiler.as_sql = lambda *_: (made.sql, given)
        compiler.get_converters = lambda *_: made.converters
        query = _Like(made.queryset.query, get_compiler=lambda *_, **__: compiler)
        return list(made.queryset._iterable_class(_Like(made.queryset, query=query)))


class PreparedUpdate:
    """Makes of a function that returns a queryset and changes one that changes its rows."""

    def __init__(self, build: "Callable[..., tuple[models.QuerySet[Any], Changes]]") -> None:
        self._make = lru_cache(MOST_SHAPES)(partial(_update, build))

    def __call__(self, *shape: Hashable, **values: Any) -> int:
        """Change the rows; return how many there were. See PreparedQuery."""
        made = self._make(*shape)
        using = made.queryset.db
        connection = connections[using]
        with mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
            cursor.execute(made.sql, made.params_with(values, connection))
            return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class _Made:
    queryset: Any
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]  # What makes a column of a row a value, by the column's place.

    def params_with(self, values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
        return tuple(
            each.prepared(values[each.name], connection) if isinstance(each, Parameter) else each
            for each in self.params
        )


def _select(build: Callable[..., Any], *shape: Hashable) -> _Made:
    queryset = build(*shape)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, params = compiler.as_sql()
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    return _Made(queryset, compiler, sql, params, compiler.get_converters(columns))


def _update(build: Callable[..., Any], *shape: Hashable) -> _Made:
    queryset, changes = build(*shape)
    query = queryset.query.chain(UpdateQuery)
    query.add_update_values(changes)
    compiler = query.get_compiler(using=queryset.db)
    sql, params = compiler.as_sql()
    return _Made(queryset, compiler, sql, params, converters={})


class _Like:
    """Something like the original, but for some attributes."""

    def __init__(self, original: Any, **attributes: Any) -> None:
        self.__dict__ = attributes
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)
