"""Posted messages and buttons: each is checked, acts once, and is answered in one way.

Whatever is rejected leaves the form as it was sent, with the reasons; what was sent leads to its
reply: as a page of its own, or to htmx as the part that has changed, if the open page shows it.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from apps.chat.conversations import services
from apps.chat.forms.messages import MessageForm
from apps.chat.models import Conversation, Message
from apps.chat.views import composer, open_page, page_context, rejected_message, responses
from apps.core.exceptions import Refused
from apps.core.htmx import leave_for, retry_after, see_other, wants_fragment
from apps.users.http import UserRequest

ShowForm = Callable[[dict[str, Any], int], HttpResponse]


def submit(
    request: UserRequest,
    form: MessageForm,
    send: Callable[..., Message],
    show_form: ShowForm,
    show_reply: Callable[[Message], HttpResponse],
) -> HttpResponse:
    """Send a valid message, once, and show its reply; else show the form with the reasons."""
    if not form.is_valid():
        return show_form(composer.rejected_composer(form), form.kept.status)
    try:
        reply = send(**form.sent())
    except services.AlreadySent:
        return responses.sent_before(request, form)
    except Conversation.DoesNotExist:
        return rejected_message.conversation_gone(request)
    except responses.REFUSALS as error:
        status = responses.explain(error, form)
        rejected = show_form(composer.rejected_composer(form), status)
        return retry_after(rejected, error) if isinstance(error, Refused) else rejected
    return show_reply(reply)


def press(
    request: UserRequest,
    back: str,
    act: Callable[[], Any],
    show: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Do what a button asks for and show what it made; or say why it does nothing now."""
    try:
        made = act()
    except Conversation.DoesNotExist:
        return rejected_message.conversation_gone(request)
    except Refused as error:
        return responses.refuse(request, error, back)
    return show(made)


def show_started(request: UserRequest, reply: Message) -> HttpResponse:
    """Lead to the new conversation.

    It is a page of its own: Back and Forward go by the browser's history, which knows pages.
    """
    if not wants_fragment(request):
        return see_other("follow_conversation", reply.conversation_id)
    return leave_for(request, reply.conversation.get_absolute_url())


def show_sent(request: UserRequest, reply: Message) -> HttpResponse:
    """Show the message and its reply below those of the page."""
    if not wants_fragment(request) or "past" in request.GET:  # What comes next is not on the page.
        return show_started(request, reply)
    response = render(request, "chat/_sent.html", page_context.asked_context(request.user, reply))
    old_tip = reply.parent.parent_id if reply.parent else None
    return open_page.keep_first(request, response, reply.conversation, old_tip)


def show_new_version(
    request: UserRequest, replaced: Message, old_tip: int | None, reply: Message
) -> HttpResponse:
    """Show the new reply, and the edited message before it, in place of another version."""
    conversation = reply.conversation
    if not wants_fragment(request) or not open_page.shows_change(
        request, conversation, replaced.pk
    ):
        return show_started(request, reply)
    limit = 1 if replaced.is_reply else 2
    context = page_context.conversation_context(request.user, conversation, limit=limit)
    context["replaced"] = replaced.pk
    response = render(request, "chat/_new_version.html", context)
    return open_page.keep_first(request, response, conversation, old_tip)
