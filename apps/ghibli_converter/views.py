from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.access import login_required


@require_safe
@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "ghibli_converter/gallery.html")
