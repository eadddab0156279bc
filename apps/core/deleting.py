"""Deleting rows together with the files that belong to them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import FileField, Model, QuerySet
from django.db.models.deletion import Collector

File = tuple[FileField, str]


def delete_with_files(rows: QuerySet[Any]) -> None:
    """Delete the rows, what refers to them, and once that is committed their files."""
    with transaction.atomic():
        collector = Collector(using=rows.db, origin=rows)
        collector.collect(rows)
        files = set(_files(collector))
        collector.delete()
        transaction.on_commit(partial(_remove_unused, files))


def _files(collector: Collector) -> Iterator[File]:
    """Yield the files that the rows name which are about to go."""
    for model, instances in collector.data.items():
        pks = [instance.pk for instance in instances]
        yield from _named(model, model._base_manager.filter(pk__in=pks))
    for queryset in collector.fast_deletes:
        yield from _named(queryset.model, queryset)


def _named(model: type[Model], rows: QuerySet[Any]) -> Iterator[File]:
    for field in model._meta.get_fields():
        if isinstance(field, FileField):
            names = rows.values_list(field.name, flat=True)
            yield from ((field, name) for name in names if name)


def _remove_unused(files: set[File]) -> None:
    for field, name in files:
        if not field.model._base_manager.filter(**{field.name: name}).exists():
            field.storage.delete(name)
