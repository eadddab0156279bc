import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from apps.core import form_recovery
from apps.core.decorators import login_required
from apps.core.text import clean_name, read_number
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.forms import ConvertForm, CreateForm, PictureForm
from apps.ghibli_converter.models import NAME_CHARS, Picture
from apps.ghibli_converter.pagination import list_pictures
from apps.ghibli_converter.views import submit
from apps.ghibli_converter.views.page_context import read_ids
from apps.server.admission.view_needs import takes_files
from apps.users.http import UserRequest

FORMS: dict[str, type[PictureForm]] = {"convert": ConvertForm, "create": CreateForm}


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def gallery(request: UserRequest) -> HttpResponse:
    """Show the person's pictures, and the form with which another is made."""
    if request.method == "POST":
        form_class = FORMS.get(request.POST.get("kind", ""), ConvertForm)
        form = form_class(request.POST, request.FILES)
        return submit.ask(request, form, lambda: _begin(request, form), _page)
    form_class = FORMS.get(request.GET.get("make", ""), ConvertForm)
    form = form_class(initial={"key": uuid.uuid4()})
    return _page(request, form_recovery.restore(request, form))


def _begin(request: UserRequest, form: PictureForm) -> Picture:
    if not isinstance(form, ConvertForm):
        return ghibli_converter.create(request.user, form.text, **form.wishes)
    photo = form.cleaned_data["photo"]
    name = clean_name(photo.name or "", NAME_CHARS) or gettext("Photo")
    return ghibli_converter.convert(request.user, photo, name, form.text, **form.wishes)


def _page(request: UserRequest, form: PictureForm, status: int = 200) -> HttpResponse:
    is_conversion = isinstance(form, ConvertForm)
    action = reverse("gallery") if is_conversion else f"{reverse('gallery')}?make=create"
    context = {"form": form, "is_conversion": is_conversion, "action": action, **_listed(request)}
    return render(request, "ghibli_converter/gallery.html", context, status=status)


def _listed(request: UserRequest) -> dict[str, Any]:
    only_favourites = "favourites" in request.GET
    own = request.user.pictures.all()
    rows = own.filter(is_favourite=True) if only_favourites else own
    before, after = (read_number(request.GET.get(name, "")) for name in ("before", "after"))
    return {
        "page": list_pictures(rows, before, after),
        "only_favourites": only_favourites,
        "deleted": _just_deleted(request),
    }


def _just_deleted(request: UserRequest) -> list[int]:
    """Return the pictures that the page before has deleted, unless they are restored."""
    ids = read_ids(request.GET.get("deleted", "").split("."))
    if not ids:
        return []
    in_trash = Picture.with_trash.filter(user=request.user, pk__in=ids).in_trash()
    return list(in_trash.values_list("pk", flat=True))
