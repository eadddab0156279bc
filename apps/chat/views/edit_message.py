"""Another version of a question: what its writer asks instead."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from apps.chat.conversations import services
from apps.chat.forms.messages import MessageForm
from apps.chat.message_tree import shown_message
from apps.chat.models import Conversation, Message
from apps.chat.views import composer, open_page, page_context, rejected_message, responses
from apps.core.decorators import login_required
from apps.core.htmx import leave_for, see_other, wants_fragment
from apps.server.admission.view_needs import takes_files
from apps.users.http import UserRequest


@require_POST
@login_required(page="message", stays=True)
def open_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Lead a page without scripts to the form, and keep what stands in its composer."""
    question = page_context.owned(request, pk, role=Message.Role.USER)
    composer.keep_typed(request, question.conversation)
    return see_other(f"{reverse('edit_message', args=[pk])}#edited-{pk}")


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@login_required
def edit_message(request: UserRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _edit(request, pk)
    question = page_context.owned(request, pk, role=Message.Role.USER)
    editing = composer.composer_context(request.user, question.content)
    editing |= composer.recovered(request, request.path)
    return _render_form(request, question, editing)


def _edit(request: UserRequest, pk: int) -> HttpResponse:
    questions = Message.objects.owned_by(request.user).filter(pk=pk, role=Message.Role.USER)
    question = questions.select_related("conversation").first()
    if question is None:
        return rejected_message.conversation_gone(request)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _render_form(request, question, composer.refused_composer(form), 422)
    old_tip = question.conversation.tip_id
    try:
        reply = services.edit(question, **form.sent())
    except services.AlreadySent:
        return responses.sent_before(request, form)
    except Conversation.DoesNotExist:
        return rejected_message.conversation_gone(request)
    except responses.REFUSALS as error:
        status = responses.explain(error, form)
        refused = _render_form(request, question, composer.refused_composer(form), status)
        return responses.retry_after(refused, error)
    return _edited(request, pk, reply, old_tip)


def _render_form(
    request: UserRequest, question: Message, editing: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Show the form in place of the message, alone or in the page of its conversation."""
    editing["pk"] = question.pk
    if wants_fragment(request):
        context: dict[str, Any] = {"shown": shown_message(question)}
        page = "chat/_message.html"
    else:
        context = page_context.context_around(request.user, question.conversation, question)
        page = "chat/conversation.html"
    return render(request, page, {**context, "editing": editing}, status=status)


def _edited(request: UserRequest, pk: int, reply: Message, old_tip: int | None) -> HttpResponse:
    conversation = reply.conversation
    if not wants_fragment(request):
        return see_other("follow_conversation", conversation.pk)
    if not open_page.shows_change(request, conversation, pk):
        return leave_for(request, conversation.get_absolute_url())
    context = page_context.conversation_context(request.user, conversation, limit=2)
    response = render(request, "chat/_new_version.html", {**context, "replaced": pk})
    return open_page.keep_first(request, response, conversation, old_tip)
