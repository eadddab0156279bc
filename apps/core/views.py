import sys

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from apps.core import form_recovery
from apps.core.files import disk_space

READ_BYTES = 10_000_000  # At most, of a form that is too big to be taken.


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "core/home.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is missing or too old, in a page that htmx can show, too."""
    return render(request, "403.html", {"typed": _typed(request)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; what was typed into a form for a row that is gone is on the page."""
    typed = _typed(request) if request.resolver_match else []  # Else its body is not for us.
    return render(request, "404.html", {"typed": typed}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what could not be taken; what was typed is on the page, so that it is not lost."""
    if isinstance(exception, RequestDataTooBig):  # Nothing of it has been read.
        return HttpResponse(render_to_string("413.html", {"typed": _unread(request)}), status=413)
    return HttpResponse(render_to_string("400.html", {"typed": _typed(request)}), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer that a bug of ours was met, or a full disk; with what was typed."""
    error = sys.exception()
    status = 503 if disk_space.is_unstorable(error) else 500
    context = {"typed": _typed(request), "is_read_only": disk_space.is_read_only(error)}
    page = render_to_string(f"{status}.html", context)
    return HttpResponse(page, status=status)


def _unread(request: HttpRequest) -> list[tuple[str, bool]]:
    try:
        return form_recovery.typed_texts(QueryDict(request.read(READ_BYTES)))
    except (RequestDataTooBig, UnreadablePostError):  # It was so much that it was not kept.
        return []


def _typed(request: HttpRequest) -> list[tuple[str, bool]]:
    try:
        return form_recovery.typed_texts(request.POST)
    except (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return []
