from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.chat.conversations import drafts, services
from apps.chat.models import Conversation, Message
from apps.chat.views import composer, page_context
from apps.chat.views.live import growing_page
from apps.chat.views.submit import show_started, submit
from apps.chat.views.trash import just_deleted
from apps.core.decorators import login_required
from apps.core.htmx import wants_fragment
from apps.core.text import clean_text
from apps.server.admission.view_needs import takes_files, urgent
from apps.users.http import UserRequest, read_number

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
        **page_context.list_context(user, tag=tag, number=number),
        "deleted": just_deleted(request),
        "starters": STARTERS,
        **_new_composer(request),
    }
    return render(request, "chat/chat_home.html", context)


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def new_conversation(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        return _start(request)
    return _render_new(request, _new_composer(request))


def _new_composer(request: UserRequest) -> dict[str, Any]:
    """Return the composer of a new chat: what the address names, was to be sent, or is a draft."""
    user = request.user
    text = request.GET.get("text", "")[:1000]
    if prompt_id := request.GET.get("prompt"):
        text = get_object_or_404(user.prompts, pk=read_number(prompt_id)).text
    recovered = {} if text else composer.recovered(request, reverse("new_conversation"))
    return {
        **composer.composer_context(user, text or drafts.new_draft(user)),
        **recovered,
        **composer.chosen_model(request.GET.get("model", "")),
    }


def _start(request: UserRequest) -> HttpResponse:
    if kept := composer.stored_instead(request, None):
        return kept
    form = composer.message_form(request)
    user = request.user
    return submit(
        request,
        form,
        lambda **sent: services.start_conversation(user, **sent, composer=form.cleaned_data["key"]),
        partial(_show_rejected, request),
        partial(show_started, request),
    )


def _show_rejected(request: UserRequest, rejected: dict[str, Any], status: int) -> HttpResponse:
    composer.store_rejected(request, None, status)
    return _render_new(request, rejected, status)


def _render_new(request: UserRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    page = "chat/_composer.html" if wants_fragment(request) else "chat/new_conversation.html"
    context = {
        "starters": STARTERS,
        **page_context.list_context(request.user),
        **composer.composer_context(request.user),
        **shown,
    }
    return render(request, page, context, status=status)


@require_safe
@vary_on_headers("HX-Request")
@login_required
def conversation(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if wants_fragment(request) and "before" in request.GET:
        return _earlier(request, conversation)
    context = _page_context(request, conversation)
    context |= composer.recovered(request, conversation.get_absolute_url())
    return render(request, "chat/conversation.html", context)


def _earlier(request: UserRequest, conversation: Conversation) -> HttpResponse:
    """Answer with the messages before a page, whose address from now on covers them, too."""
    last = _named(request, conversation, "before")
    context = page_context.messages_context(conversation, last_id=last.pk)
    first = context["shown_messages"][0].message
    until = _named(request, conversation, "until") if "until" in request.GET else None
    context |= {"last_id": last.pk, "until": until and until.pk}
    response = render(request, "chat/_earlier.html", context)
    if address := page_context.address_between(conversation, first.pk, until):
        response["HX-Replace-Url"] = address
    return response


def _page_context(request: UserRequest, conversation: Conversation) -> dict[str, Any]:
    """Return the newest messages, or those that the address names."""
    if "at" in request.GET:
        message = _named(request, conversation, "at")
        return page_context.context_around(request.user, conversation, message)
    if "from" in request.GET:
        first = _named(request, conversation, "from")
        until = _named(request, conversation, "until") if "until" in request.GET else None
        return page_context.context_between(request.user, conversation, first, until)
    if "before" in request.GET:
        last = _named(request, conversation, "before")
        return page_context.conversation_context(request.user, conversation, last_id=last.pk)
    return page_context.conversation_context(request.user, conversation)


def _named(request: UserRequest, conversation: Conversation, name: str) -> Message:
    """Return the message of the conversation whose id the address has under this name."""
    return get_object_or_404(conversation.messages, pk=read_number(request.GET.get(name, "")))


@urgent
@require_safe
@login_required
def follow_conversation(request: UserRequest, pk: int) -> HttpResponseBase:
    """Show the conversation in a page that stays open while a reply grows in it.

    The same page stands at this address afterwards: a redirect would lose the place on a reload,
    and on Back what was typed and not sent.
    """
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    context = page_context.conversation_context(request.user, conversation)
    if context["reply"] is None:
        return render(request, "chat/conversation.html", context)
    return growing_page(request, context)


@require_safe
@vary_on_headers("HX-Request")
@login_required
def conversation_title(request: UserRequest, pk: int) -> HttpResponse:
    """Give an open page the title that a model has found meanwhile."""
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    if not wants_fragment(request):
        return redirect(conversation)
    context = {
        "conversation": conversation,
        **page_context.list_context(request.user, conversation),
    }
    return render(request, "chat/_title.html", context)
