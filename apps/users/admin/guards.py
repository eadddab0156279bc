"""Mixins of ModelAdmins through which rights could be taken or given."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.users.admin import rights
from apps.users.models import User


class GuardedRows:
    """A ModelAdmin in which rows that give more rights than one has are only looked at."""

    def guarded(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that this member of staff may change."""
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may: bool = super().has_change_permission(request, obj)  # type: ignore[misc]
        return may and self._is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return may and self._is_open(request, obj)

    def _is_open(self, request: HttpRequest, obj: Model | None) -> bool:
        return obj is None or self.guarded(request).filter(pk=obj.pk).exists()


class GrantsOwnRights:
    """A ModelAdmin whose forms offer only rights, groups and people within one's own rights."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        related = db_field.related_model if db_field.is_relation else None
        if field is not None and related in _OFFERED:
            field.queryset = _OFFERED[related](request.user)
        return field


def _permissions(staff: User) -> QuerySet[Permission]:
    return rights.grantable_permissions(staff).select_related("content_type")


_OFFERED: dict[Any, Any] = {
    Permission: _permissions,
    Group: rights.grantable_groups,
    User: rights.manageable_users,
}
