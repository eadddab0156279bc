from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.chat import services, unsent
from apps.chat.forms import MessageForm
from apps.chat.views import pages
from apps.chat.views.follow import growing_page
from apps.chat.views.requests import UserRequest, login_required_to_send, read_number
from apps.chat.views.trash import just_deleted
from apps.core.access import login_required
from apps.core.htmx import see_other, wants_fragment
from apps.core.text import clean_text

STARTERS = (
    _("Explain how tides work to a ten-year-old."),
    _("Plan a weekend in a city I have never been to."),
    _("Help me write a kind but firm e-mail to my landlord."),
    _("Write a Python function that finds duplicate files."),
)


@require_safe
@login_required
def chat_home(request: UserRequest) -> HttpResponse:
    user, tag = request.user, None
    if name := request.GET.get("tag", ""):
        tag = get_object_or_404(user.tags, name=clean_text(name))
    number = read_number(request.GET.get("page", "1"))
    context = {
        **pages.list_context(user, tag=tag, number=number),
        "deleted": just_deleted(request),
        "starters": STARTERS,
        **pages.composer_context(user),
    }
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
@vary_on_headers("HX-Request")
@login_required
def conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if before := request.GET.get("before", ""):
        last = get_object_or_404(conversation.messages, pk=read_number(before))
        if wants_fragment(request):
            context = pages.messages_context(conversation, last_id=last.pk)
            return render(request, "chat/_earlier.html", {**context, "last_id": last.pk})
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
