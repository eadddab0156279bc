from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.chat.conversations import sharing
from apps.chat.message_tree import branch_ids
from apps.chat.models import Attachment, Message, Share
from apps.chat.transfers.exports.text import messages_by_id
from apps.core.decorators import if_sharing, login_required
from apps.core.files.storage import send_file
from apps.core.htmx import see_other
from apps.users.http import UserRequest


@require_http_methods(["GET", "HEAD", "POST"])
@if_sharing
@login_required
def share_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    last = sharing.last_complete(conversation)
    if request.method == "POST" and last:
        share = sharing.share(conversation, last)
        return see_other(f"{reverse('shares')}#share-{share.pk}")
    context = {
        "conversation": conversation,
        "count": len(branch_ids(last.pk)) if last else 0,
        "is_growing": last != conversation.tip,
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "chat/share_conversation.html", context, status=status)


@require_safe
@if_sharing
@login_required
def shares(request: UserRequest) -> HttpResponse:
    rows = [(share, _link(request, share)) for share in sharing.shares_of(request.user)]
    return render(request, "chat/shares.html", {"shares": rows})


@require_POST
@if_sharing
@login_required(page="shares", stays=True)
def revoke_share(request: UserRequest, pk: int) -> HttpResponse:
    sharing.revoke(get_object_or_404(Share.objects.owned_by(request.user), pk=pk))
    return see_other("shares")


@require_safe
@if_sharing
def shared_conversation(request: HttpRequest, token: str) -> HttpResponse:
    """Show the conversation to anybody who has the link, as it was when the link was made."""
    share = _readable(token)
    ids = Paginator(branch_ids(share.tip_id), settings.CHAT_PAGE_SIZE)
    page = ids.get_page(request.GET.get("page"))
    context = {
        "share": share,
        "token": token,
        "page": page,
        "shared_messages": messages_by_id(list(page)),
        "demo_model": False,  # That note is for those who run the server.
    }
    response = render(request, "chat/shared_conversation.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@if_sharing
def shared_message_picture(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """Send the picture that a reply of the shared conversation is."""
    share = _readable(token)
    message = Message.objects.select_related("picture").filter(pk=pk).first()
    picture = message.shown_picture if message else None
    if picture is None or pk not in branch_ids(share.tip_id):
        raise Http404
    response = send_file(request, str(picture.result), "image/png", "picture.png")
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@if_sharing
def shared_reply_picture(
    request: HttpRequest, token: str, message_pk: int, pk: int
) -> HttpResponseBase:
    """Send a picture that stands in a reply of the shared conversation."""
    share = _readable(token)
    pictures = Attachment.objects.filter(
        message=message_pk, message__role=Message.Role.ASSISTANT, kind=Attachment.Kind.PICTURE
    )
    picture = get_object_or_404(pictures, pk=pk)
    if message_pk not in branch_ids(share.tip_id):
        raise Http404
    response = send_file(request, str(picture.file), picture.content_type, picture.name)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _readable(token: str) -> Share:
    share = sharing.find(token)
    if share is None:
        raise Http404
    return share


def _link(request: HttpRequest, share: Share) -> str:
    token = sharing.token_of(share)
    return request.build_absolute_uri(reverse("shared_conversation", args=[token])) if token else ""
