"""Deleting rows together with the files that belong to them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import FileField, Model, QuerySet
from django.db.models.deletion import Collector

BATCH = 500  # Names in one query.


def delete_with_files(rows: QuerySet[Any]) -> None:
    """Delete the rows, what refers to them, and once that is committed their files."""
    with transaction.atomic():
        collector = Collector(using=rows.db, origin=rows)
        collector.collect(rows)
        names: dict[FileField, set[str]] = {}
        for field, name in _files(collector):
            names.setdefault(field, set()).add(name)
        collector.delete()
        for field in names:
            transaction.on_commit(partial(remove_unnamed, names[field], [field]))


def delete_one_by_one(rows: QuerySet[Any]) -> int:
    """Delete the rows with their files so that others can write meanwhile; count them."""
    deleted = 0
    while (pk := rows.values_list("pk", flat=True).first()) is not None:
        delete_with_files(rows.filter(pk=pk))  # Unless it is none of them any more.
        deleted += 1
    return deleted


def remove_unnamed(names: Iterable[str], fields: Sequence[FileField]) -> None:
    """Remove those of the files that no row names in one of the fields."""
    storage, rest = fields[0].storage, iter(names)
    while batch := set(islice(rest, BATCH)):
        for field in fields:
            rows = field.model._base_manager.filter(**{f"{field.name}__in": batch})
            batch.difference_update(rows.values_list(field.name, flat=True))
        for name in batch:
            storage.delete(name)


def _files(collector: Collector) -> Iterator[tuple[FileField, str]]:
    """Yield the files that the rows name which are about to go."""
    for model, instances in collector.data.items():
        pks = [instance.pk for instance in instances]
        yield from _named(model, model._base_manager.filter(pk__in=pks))
    for queryset in collector.fast_deletes:
        yield from _named(queryset.model, queryset)


def _named(model: type[Model], rows: QuerySet[Any]) -> Iterator[tuple[FileField, str]]:
    for field in model._meta.get_fields():
        if isinstance(field, FileField):
            names = rows.values_list(field.name, flat=True)
            yield from ((field, name) for name in names if name)
