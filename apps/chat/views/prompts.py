"""A person's saved prompts, and the way from there into a composer."""

from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.chat.context.system_prompt import joined
from apps.chat.conversations import drafts
from apps.chat.forms.options import NAME_TAKEN, SavedPromptForm
from apps.chat.models import SavedPrompt
from apps.chat.views import composer, page_context
from apps.core.decorators import login_required
from apps.core.form_recovery import render_form
from apps.core.htmx import see_other, wants_fragment
from apps.core.text import clean_text
from apps.users.http import UserRequest, posted, read_number


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prompts(request: UserRequest) -> HttpResponse:
    form = SavedPromptForm(posted(request), instance=SavedPrompt(user=request.user))
    if _is_saved(form):
        return see_other("prompts")
    return render_form(request, "chat/prompts.html", form, prompts=request.user.prompts.all())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_prompt(request: UserRequest, pk: int) -> HttpResponse:
    prompt = get_object_or_404(request.user.prompts, pk=pk)
    form = SavedPromptForm(posted(request), instance=prompt)
    if _is_saved(form):
        return see_other("prompts")
    return render_form(request, "chat/edit_prompt.html", form, prompt=prompt)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_prompt(request: UserRequest, pk: int) -> HttpResponse:
    prompt = get_object_or_404(request.user.prompts, pk=pk)
    if request.method == "POST":
        prompt.delete()
        return see_other("prompts")
    return render(request, "chat/delete_prompt.html", {"prompt": prompt})


@require_POST
@login_required(page="new_conversation", stays=True)
def insert_prompt(request: UserRequest, pk: int) -> HttpResponse:
    """Put a saved prompt below what is typed in the composer of a conversation, or of a new one."""
    prompt = get_object_or_404(request.user.prompts, pk=pk)
    text = joined(clean_text(request.POST.get("message", "")), prompt.text)
    conversation_id = request.POST.get("conversation", "")
    if not conversation_id:
        return _begin_with(request, text)
    conversation = get_object_or_404(request.user.conversations, pk=read_number(conversation_id))
    composer.store_draft(request, conversation)
    drafts.keep_draft(conversation, text, None)
    if not wants_fragment(request):
        return see_other(conversation)
    conversation.refresh_from_db()
    context = page_context.conversation_context(request.user, conversation)
    return render(request, "chat/_composer.html", context)


def _begin_with(request: UserRequest, text: str) -> HttpResponse:
    model = request.POST.get("model", "")
    composer.store_draft(request, None)
    drafts.keep_new_draft(request.user, text, None)
    if wants_fragment(request):
        context = composer.composer_context(request.user, text) | composer.chosen_model(model)
        return render(request, "chat/_composer.html", context)
    return see_other(f"{reverse('new_conversation')}?{urlencode({'model': model})}")


def _is_saved(form: SavedPromptForm) -> bool:
    """Save what is valid, and return whether it was."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:  # The same form was sent twice at the same moment.
        form.add_error("name", NAME_TAKEN)
    return not form.errors
