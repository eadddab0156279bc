"""How a person keeps order: names, pins, the archive, tags."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.chat.conversations import organize
from apps.chat.conversations.listing import paginate
from apps.chat.forms.organize import TagsForm, TitleForm
from apps.chat.views import composer, page_context
from apps.core.decorators import login_required
from apps.core.form_recovery import render_form
from apps.core.htmx import see_other, wants_fragment
from apps.users.http import UserRequest, posted, read_number


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rename_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    form = TitleForm(posted(request), initial={"title": conversation.title})
    if form.is_valid():
        organize.rename(conversation, form.cleaned_data["title"])
        return see_other(conversation)
    return render_form(request, "chat/rename_conversation.html", form, conversation=conversation)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tag_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    form = TagsForm(conversation, posted(request))
    if form.is_valid():
        organize.tag(conversation, form.names())
        return see_other(conversation)
    return render_form(request, "chat/tag_conversation.html", form, conversation=conversation)


@require_POST
@login_required(page="conversation", stays=True)
def arrange(request: UserRequest, pk: int, **changes: bool) -> HttpResponse:
    """Pin, unpin, archive or unarchive; the button that did it is answered with its opposite."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    organize.arrange(conversation, **changes)
    composer.store_draft(request, conversation)
    if wants_fragment(request):
        button = "_pin.html" if "is_pinned" in changes else "_archive.html"
        context = {"button": f"chat/{button}", "conversation": conversation}
        context |= page_context.list_context(request.user, conversation)
        return render(request, "chat/_organized.html", context)
    return see_other("archive") if "from_archive" in request.POST else see_other(conversation)


@require_safe
@login_required
def archive(request: UserRequest) -> HttpResponse:
    conversations = request.user.conversations.archived().only("user", "title", "updated_at")
    number = read_number(request.GET.get("page", "1"))
    archive_list, found = paginate(lambda start, end: list(conversations[start:end]), number)
    context = {
        **page_context.list_context(request.user),
        "archive_list": archive_list,
        "conversations": found,
    }
    return render(request, "chat/archive.html", context)
