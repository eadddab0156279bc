"""What is shown in place of a page that cannot take a message: the message, to send it again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext

from apps.core import views

SENDING = {"new_conversation", "send_message", "edit_message"}


def conversation_gone(request: HttpRequest) -> HttpResponse:
    """Answer 404, with the message in a form that begins a new conversation."""
    _check_for_message(request)
    reason = gettext(
        "This conversation was deleted, or it belongs to someone else."
        " You can send your message in a new one."
    )
    return _not_sent(request, reason, reverse("new_conversation"), 404)


def button_gone(request: HttpRequest) -> HttpResponse:
    """Answer 404 to a button for something that is gone, with the message beside which it stood."""
    _check_for_message(request)
    reason = gettext("It was deleted, or it belongs to someone else.")
    return _not_sent(request, reason, request.path, 404)


def _check_for_message(request: HttpRequest) -> None:
    if not request.POST.get("message"):
        raise Http404


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is missing or too old; a message is shown with a new token."""
    if not request.POST.get("message"):
        return views.csrf_failure(request, reason)
    reason = gettext("The form was open for too long, or you have logged in again meanwhile.")
    return _not_sent(request, reason, request.path if _sends(request.path) else "", 403)


def _sends(path: str) -> bool:
    try:
        return resolve(path).url_name in SENDING
    except Resolver404:
        return False


def _not_sent(request: HttpRequest, reason: str, action: str, status: int) -> HttpResponse:
    context = {
        "reason": reason,
        "action": action,
        "text": request.POST.get("message", ""),
        "key": request.POST.get("key", ""),
    }
    return render(request, "chat/rejected_message.html", context, status=status)
