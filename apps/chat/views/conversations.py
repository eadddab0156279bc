from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.chat import services, unsent
from apps.chat.conversation_lists import list_conversations
from apps.chat.forms import MessageForm
from apps.chat.views import pages
from apps.chat.views.follow import growing_page
from apps.chat.views.requests import UserRequest, login_required_to_send, read_number
from apps.core.access import login_required
from apps.core.htmx import see_other, wants_fragment

STARTERS = (
    _("Explain how tides work to a ten-year-old."),
    _("Plan a weekend in a city I have never been to."),
    _("Help me write a kind but firm e-mail to my landlord."),
    _("Write a Python function that finds duplicate files."),
)


@require_safe
@login_required
def chat_home(request: UserRequest) -> HttpResponse:
    page, groups = list_conversations(request.user, request.GET.get("page"))
    context = {"page": page, "groups": groups, "starters": STARTERS}
    context |= pages.composer_context(request.user)
    return render(request, "chat/chat_home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required_to_send
@login_required
def new_conversation(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        return _start(request)
    return _render_new(request, _begun(request))


def _begun(request: UserRequest) -> dict[str, Any]:
    """Return the text and the model that the address of a new conversation asks for."""
    text = request.GET.get("text", "")[:1000]
    if prompt_id := request.GET.get("prompt"):
        text = get_object_or_404(request.user.prompts, pk=read_number(prompt_id)).text
    text = unsent.take_unsent(request) or text
    return {"text": text, **pages.chosen_model(request.GET.get("model", ""))}


def _start(request: UserRequest) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _render_new(request, pages.refused_composer(form), status=422)
    try:
        reply = services.start_conversation(request.user, **form.sent())
    except services.AlreadySent:
        return pages.sent_before(request, form)
    except pages.REFUSALS as error:
        status = pages.explain(error, form)
        refused = _render_new(request, pages.refused_composer(form), status)
        return pages.retry_after(refused, error)
    if not wants_fragment(request):
        return see_other("follow_conversation", reply.conversation_id)
    context = pages.asked_context(request.user, reply)
    response = render(request, "chat/_started.html", context)
    response["HX-Push-Url"] = reply.conversation.get_absolute_url()
    return response


def _render_new(request: UserRequest, composer: dict[str, Any], status: int = 200) -> HttpResponse:
    page = "chat/_composer.html" if wants_fragment(request) else "chat/new_conversation.html"
    context = {
        "starters": STARTERS,
        **pages.list_context(request.user),
        **pages.composer_context(request.user),
        **composer,
    }
    return render(request, page, context, status=status)


@require_safe
@login_required
def conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    last_id = request.GET.get("before", "")
    if last_id:
        last = get_object_or_404(conversation.messages, pk=read_number(last_id))
        context = pages.conversation_context(request.user, conversation, last_id=last.pk)
    else:
        conversation.draft = unsent.take_unsent(request) or conversation.draft
        context = pages.conversation_context(request.user, conversation)
    return render(request, "chat/conversation.html", context)


@require_safe
@login_required
def follow_conversation(request: UserRequest, pk: int) -> HttpResponseBase:
    """Show the conversation in a page that stays open while a reply grows in it."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    context = pages.conversation_context(request.user, conversation)
    if context["reply"] is None:
        return redirect(conversation)
    return growing_page(request, context)


@require_safe
@vary_on_headers("HX-Request")
@login_required
def conversation_title(request: UserRequest, pk: int) -> HttpResponse:
    """Give an open page the title that a model has found meanwhile."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if not wants_fragment(request):
        return redirect(conversation)
    context = {"conversation": conversation, **pages.list_context(request.user, conversation)}
    return render(request, "chat/_title.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if request.method == "POST":
        services.delete_conversation(conversation)
        return see_other("chat_home")
    return render(request, "chat/delete_conversation.html", {"conversation": conversation})
