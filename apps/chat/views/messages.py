from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.chat.context import model_picker
from apps.chat.conversations import services
from apps.chat.message_tree import shown_message
from apps.chat.models import Conversation, Message
from apps.chat.replies.stop import stop
from apps.chat.summaries import titles
from apps.chat.views import composer, live, open_page, page_context, rejected_message
from apps.chat.views.submit import press, show_new_version, show_sent, submit
from apps.core import form_recovery
from apps.core.decorators import login_required
from apps.core.htmx import leave_for, see_other, wants_fragment
from apps.core.locale import Locale
from apps.server.admission.view_needs import takes_files, urgent
from apps.users.http import UserRequest, read_number

State = Message.State


@takes_files
@require_POST
@login_required(page="conversation")
def send_message(request: UserRequest, pk: int) -> HttpResponse:
    conversation = request.user.conversations.filter(pk=pk).first()
    if conversation is None:
        return rejected_message.conversation_gone(request)
    if kept := composer.stored_instead(request, conversation):
        return kept
    form = composer.message_form(request, conversation)
    return submit(
        request,
        form,
        lambda **sent: services.ask(conversation, **sent, composer=form.cleaned_data["key"]),
        partial(_show_rejected, request, conversation),
        partial(show_sent, request),
    )


def _show_rejected(
    request: UserRequest, conversation: Conversation, rejected: dict[str, Any], status: int
) -> HttpResponse:
    composer.store_rejected(request, conversation, status)
    page = "chat/_composer.html" if wants_fragment(request) else "chat/conversation.html"
    context = page_context.conversation_context(request.user, conversation)
    if wants_fragment(request):
        context["is_past"] = "past" in request.GET
    return render(request, page, {**context, **rejected}, status=status)


@require_safe
@vary_on_headers("HX-Request")
@login_required
def message(request: UserRequest, pk: int) -> HttpResponse:
    message = page_context.owned(request, pk)
    if not wants_fragment(request):
        form_recovery.move(request, request.path, message.conversation.get_absolute_url())
        return redirect(page_context.address_of(message))
    if message.is_reply:
        return _finished(request, message)
    shown = shown_message(message)
    return render(request, "chat/_message.html", {"shown": shown, "takes_focus": True})


@urgent
@require_safe
def stream_reply(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the reply as it is written, as server-sent events."""
    if not request.user.is_authenticated:
        if not request.htmx:
            return HttpResponse(status=401)
        return live.event_stream(live.closing())  # Any error would be tried again for ever.
    reply = page_context.owned(request, pk, role=Message.Role.ASSISTANT)
    if request.GET.get("attempt", str(reply.edition)) != str(reply.edition):
        return live.event_stream(live.closing())  # The page shows another text since.
    position = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return live.event_stream(live.events(reply, read_number(position), Locale.current()))


@urgent
@require_POST
@login_required(page="message", stays=True)
def stop_reply(request: UserRequest, pk: int) -> HttpResponse:
    reply = page_context.owned(request, pk, role=Message.Role.ASSISTANT)
    stop(reply)
    composer.store_draft(request, reply.conversation)
    if wants_fragment(request):
        reply.refresh_from_db()
        return _finished(request, reply)
    return see_other("conversation", reply.conversation_id)


@require_POST
@login_required(page="message", stays=True)
def answer_again(request: UserRequest, pk: int) -> HttpResponse:
    model = request.POST.get("other_model", "")
    return _new_version(request, pk, partial(services.answer_again, model=model))


@require_POST
@login_required(page="message", stays=True)
def continue_reply(request: UserRequest, pk: int) -> HttpResponse:
    return _new_version(request, pk, services.continue_reply)


@require_POST
@login_required(page="message", stays=True)
def show_version(request: UserRequest, pk: int) -> HttpResponse:
    message = page_context.owned(request, pk)
    services.show_version(message)
    composer.store_draft(request, message.conversation)
    message.conversation.refresh_from_db()
    if wants_fragment(request) and (context := open_page.changed_context(request, message)):
        return render(request, "chat/_conversation.html", context)
    return leave_for(request, page_context.address_of(message))


def _new_version(request: UserRequest, pk: int, make: Callable[[Message], Message]) -> HttpResponse:
    reply = page_context.owned(request, pk, role=Message.Role.ASSISTANT)
    composer.store_draft(request, reply.conversation)
    show = partial(show_new_version, request, reply, reply.conversation.tip_id)
    return press(request, reply.get_absolute_url(), lambda: make(reply), show)


def _finished(request: UserRequest, message: Message) -> HttpResponse:
    """Return the message in its final form, and the composer's buttons to go with it."""
    shown = shown_message(message)
    context = {
        "shown": shown,
        "conversation": message.conversation,
        "reply": page_context.in_progress([shown]),
        "picker": model_picker.picker(request.user),
        "awaits_title": message.state == State.DONE and titles.is_awaited(message),
        **page_context.growing([shown]),
        **page_context.context_window(message.conversation, message.first_seen),
    }
    return render(request, "chat/_finished.html", context)
