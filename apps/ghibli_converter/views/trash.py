from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.decorators import login_required
from apps.core.htmx import see_other
from apps.ghibli_converter import recovery
from apps.ghibli_converter import services as ghibli_converter
from apps.ghibli_converter.models import Picture, PictureQuerySet
from apps.ghibli_converter.pagination import PAGE_SIZE
from apps.ghibli_converter.views.page_context import chosen
from apps.users.http import UserRequest


@require_POST
@login_required(page="gallery", stays=True)
def delete_pictures(request: UserRequest) -> HttpResponse:
    """Put the chosen pictures into the trash; the gallery then offers to restore them."""
    ids = ghibli_converter.delete(request.user.pictures.filter(pk__in=chosen(request)))
    if not ids:
        messages.warning(request, _("Choose the pictures to delete first."))
        return see_other("gallery")
    return see_other(f"{reverse('gallery')}?deleted={'.'.join(map(str, ids))}")


@require_safe
@login_required
def gallery_trash(request: UserRequest) -> HttpResponse:
    page = Paginator(_in_trash(request), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "days": settings.TRASH_DAYS}
    return render(request, "ghibli_converter/trash.html", context)


@require_POST
@login_required(page="gallery_trash", stays=True)
def restore_pictures(request: UserRequest) -> HttpResponse:
    """Restore the chosen pictures; or ask, if the button beside was pressed, before they go."""
    if "erase" in request.POST:
        ids = urlencode({"picture": chosen(request)}, doseq=True)
        return see_other(f"{reverse('erase_pictures')}?{ids}")
    count = ghibli_converter.restore(_in_trash(request).filter(pk__in=chosen(request)))
    if count:
        sentence = ngettext("{n} picture is restored.", "{n} pictures are restored.", count)
        messages.success(request, sentence.format(n=count))
        return see_other("gallery")
    messages.warning(request, _("Choose the pictures to restore first."))
    return see_other("gallery_trash")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erase_pictures(request: UserRequest) -> HttpResponse:
    """Delete the chosen pictures of the trash for good, or all of them, after asking."""
    is_all = "all" in (request.POST or request.GET)
    rows = _in_trash(request)
    rows = rows if is_all else rows.filter(pk__in=chosen(request))
    ids = [] if is_all else list(rows.values_list("pk", flat=True))
    count = rows.count()
    if not count:
        messages.warning(request, _("Choose the pictures to delete first."))
        return see_other("gallery_trash")
    if request.method == "POST":
        recovery.empty(rows, request.user.pk)
        sentence = ngettext(
            "{n} picture is deleted for good.", "{n} pictures are deleted for good.", count
        )
        messages.success(request, sentence.format(n=count))
        return see_other("gallery_trash")
    context = {"is_all": is_all, "ids": ids, "count": count}
    return render(request, "ghibli_converter/erase_pictures.html", context)


def _in_trash(request: UserRequest) -> PictureQuerySet:
    return Picture.with_trash.filter(user=request.user).in_trash()
