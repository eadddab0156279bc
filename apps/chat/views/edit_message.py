"""Another version of a question: what its writer asks instead."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from apps.chat.conversations import services
from apps.chat.forms.messages import MessageForm
from apps.chat.message_tree import shown_message
from apps.chat.models import Message
from apps.chat.views import composer, page_context, rejected_message
from apps.chat.views.submit import show_new_version, submit
from apps.core.decorators import login_required
from apps.core.htmx import see_other, wants_fragment
from apps.server.admission.view_needs import takes_files
from apps.users.http import UserRequest


@require_POST
@login_required(page="message", stays=True)
def open_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Lead a page without scripts to the form, and keep what stands in its composer."""
    question = page_context.owned(request, pk, role=Message.Role.USER)
    composer.store_draft(request, question.conversation)
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
    return submit(
        request,
        MessageForm(request.POST),
        partial(services.edit, question),
        partial(_render_form, request, question),
        partial(show_new_version, request, question, question.conversation.tip_id),
    )


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
