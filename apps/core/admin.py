from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from apps.core.deleting import delete_with_files

# The admin's own scripts and styles are files of this site, without nonces.
ADMIN_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "connect-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": None,
    "trusted-types": None,
}


# What apps add to the context of the first page.
front_page: list[Callable[[HttpRequest], dict[str, Any]]] = []


class ParlorAdminSite(admin.AdminSite):
    site_header = site_title = "Parlor"
    index_title = _("Administration")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = dict(extra_context or {})
        for part in front_page:
            context |= part(request)
        return super().index(request, context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return csp_replace(ADMIN_POLICY)(super().admin_view(view, cacheable))


class DeletesFiles:
    """A ModelAdmin with which the files of deleted rows go, too."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_with_files(type(obj)._base_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        delete_with_files(queryset)


class NothingIsAdded:
    """A ModelAdmin of rows that only the site itself makes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
