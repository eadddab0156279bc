from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.chat.conversations import trash
from apps.chat.conversations.listing import paginate
from apps.chat.models import Conversation, ConversationQuerySet
from apps.chat.views import page_context
from apps.core.decorators import login_required
from apps.core.htmx import see_other
from apps.users.http import UserRequest, read_number


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if request.method == "POST":
        trash.put_in(conversation)
        home = see_other("chat_home")
        home["Location"] += f"?deleted={pk}"  # There it can be restored at once.
        return home
    context = {"conversation": conversation, "days": settings.TRASH_DAYS}
    return render(request, "chat/delete_conversation.html", context)


def just_deleted(request: UserRequest) -> Conversation | None:
    """Return the conversation that was deleted by the page before, unless it is restored."""
    if pk := read_number(request.GET.get("deleted", "")):
        return _in_trash(request).filter(pk=pk).first()
    return None


@require_safe
@login_required
def trash_page(request: UserRequest) -> HttpResponse:
    number = read_number(request.GET.get("page", "1"))
    found = _in_trash(request).only("title", "deleted_at")
    archive_list, conversations = paginate(lambda start, end: list(found[start:end]), number)
    context = {
        **page_context.list_context(request.user),
        "archive_list": archive_list,
        "conversations": conversations,
        "days": settings.TRASH_DAYS,
    }
    return render(request, "chat/trash.html", context)


@require_POST
@login_required(page="trash", stays=True)
def restore_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(_in_trash(request), pk=pk)
    trash.restore(conversation)
    return see_other(conversation)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erase_conversation(request: UserRequest, pk: int) -> HttpResponse:
    """Delete one conversation of the trash for good."""
    conversation = get_object_or_404(_in_trash(request), pk=pk)
    if request.method == "POST":
        trash.empty(request.user, _in_trash(request).filter(pk=pk))
        messages.success(request, _("The conversation is deleted for good."))
        return see_other("trash")
    return render(request, "chat/erase_conversation.html", {"conversation": conversation})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def empty_trash(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        trash.empty(request.user, _in_trash(request))
        messages.success(request, _("The trash is empty."))
        return see_other("trash")
    return render(request, "chat/empty_trash.html", {"count": _in_trash(request).count()})


def _in_trash(request: UserRequest) -> ConversationQuerySet:
    return Conversation.with_trash.filter(user=request.user).in_trash()
