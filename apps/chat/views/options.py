"""What steers the model: the options of a conversation, and a person's preferences."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from apps.chat.context import system_prompt
from apps.chat.forms.options import OptionsForm, PreferencesForm
from apps.core.decorators import login_required
from apps.core.form_recovery import render_form
from apps.core.htmx import see_other
from apps.users.http import UserRequest, posted


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def conversation_options(request: UserRequest, pk: int) -> HttpResponse:
    conversation = get_object_or_404(request.user.conversations, pk=pk)
    told = system_prompt.parts(conversation)  # Before the form puts into the row what it is sent.
    form = OptionsForm(posted(request), instance=conversation)
    if form.is_valid():
        form.save(commit=False).save(update_fields=form.Meta.fields)
        messages.success(request, gettext("The options are saved. They count from the next reply."))
        return see_other("conversation_options", pk)
    template = "chat/conversation_options.html"
    return render_form(request, template, form, conversation=conversation, told=told)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def chat_preferences(request: UserRequest) -> HttpResponse:
    form = PreferencesForm(posted(request), instance=request.user)
    if form.is_valid():
        form.save(commit=False).save(update_fields=form.Meta.fields)
        messages.success(request, gettext("Your preferences are saved."))
        return see_other("chat_preferences")
    return render_form(request, "chat/chat_preferences.html", form)
