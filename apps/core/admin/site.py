from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from apps.core.files.deletion import delete_with_files
from apps.server.admission.view_needs import hashes_password

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
# What apps ask of staff before a page is shown: None, or an answer in its place.
gates: list[Callable[[HttpRequest], HttpResponse | None]] = []


class OfferedFilters(ChangeList):
    """A list that is filtered only by what its page offers.

    Django takes any lookup of the model from the address. Whoever may see a list could find out
    what no page shows them, letter by letter: `?password__startswith=`, `?text__contains=`.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        filters = super().get_filters(request)
        dates = (f"{self.date_hierarchy}__{part}" for part in ("gte", "lt", "month", "day"))
        others = filters[2].keys() - set(dates if self.date_hierarchy else ())
        if others:
            raise DisallowedModelAdminLookup(f"No filter of this list: {', '.join(sorted(others))}")
        return filters


class Discreet:
    """What holds for each ModelAdmin of the site, whoever wrote it."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferedFilters

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Count what goes along with the rows, without naming it: its titles are people's own."""
        tree, *rest = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return [row for row in tree if not isinstance(row, list)], *rest


class ParlorAdminSite(admin.AdminSite):
    site_header = site_title = "Parlor"
    index_title = _("Administration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        base = admin_class or ModelAdmin
        discreet = type(base.__name__, (Discreet, base), {"__module__": base.__module__})
        super().register(model_or_iterable, discreet, **options)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = dict(extra_context or {})
        for part in front_page:
            context |= part(request)
        return super().index(request, context)

    @hashes_password
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().login(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        shown = view if view == self.logout else _gated(view)
        return csp_replace(ADMIN_POLICY)(super().admin_view(shown, cacheable))


def _gated(view: Any) -> Any:
    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        answers = (gate(request) for gate in gates)
        return next(filter(None, answers), None) or view(request, *args, **kwargs)

    return gated


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
