"""A filter of the admin's lists by person, with a search where there are many people."""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.options import ModelAdmin
from django.db.models import Exists, Field, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from apps.core.text import clean_text, one_line
from apps.users.models import User

MOST_SHOWN = 20  # People; beyond that one looks for somebody by name.


class UserFilter(RelatedFieldListFilter):
    """Filter the rows by the person they belong to, of whom only those who have rows are shown."""

    template = "admin/user_filter.html"

    def __init__(
        self,
        field: "Field[Any, Any]",
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: "ModelAdmin[Any]",
        field_path: str,
    ) -> None:
        self.model = model
        self.search_parameter = f"{field_path}__search"  # Before the base class takes the choices.
        self.search = one_line(clean_text(params.get(self.search_parameter, [""])[-1]))
        super().__init__(field, request, params, model, model_admin, field_path)
        self.used_parameters.pop(self.search_parameter, None)  # It chooses people, not rows.
        self.other_parameters = [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in (self.search_parameter, "p")  # Another page of another list.
        ]

    def expected_parameters(self) -> list[str | None]:
        return [*super().expected_parameters(), self.search_parameter]

    def has_output(self) -> bool:
        return True

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> list[tuple[str, Any]]:
        rows = self.model._base_manager.filter(**{self.field_path: OuterRef("pk")})
        found = self._found(User.objects.filter(Exists(rows)))[: MOST_SHOWN + 1]
        people = [(str(user.pk), user.get_username()) for user in found]
        self.has_more = len(people) > MOST_SHOWN
        self.is_searched = self.has_more or bool(self.search)
        return people[:MOST_SHOWN] + self._chosen(people[:MOST_SHOWN])

    def _found(self, people: QuerySet[User]) -> QuerySet[User]:
        for word in self.search.split():
            people = people.filter(
                Q(username__icontains=word)
                | Q(email__icontains=word)
                | Q(display_name__icontains=word)
            )
        return people.only("username").order_by("username")

    def _chosen(self, shown: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return who is chosen, if they are not among those shown."""
        keys = {key for key in self.lookup_val or [] if key.isdecimal() and len(key) < 19}
        chosen = keys - {key for key, _ in shown}
        people = User.objects.filter(pk__in=chosen).only("username")
        return [(str(user.pk), user.get_username()) for user in people]
