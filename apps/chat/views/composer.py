"""The form of the composer: what it shows, and what comes with it: text, files, a model."""

import uuid
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from apps.chat.attachments.uploads import Kept, keep
from apps.chat.context import model_picker, model_selection
from apps.chat.conversations import drafts, services
from apps.chat.forms.messages import DraftForm, MessageForm
from apps.chat.models import Attachment, Conversation, SavedPrompt
from apps.core import form_recovery
from apps.core.db.prepared_queries import Parameter, PreparedQuery
from apps.core.files.disk_space import UNSTORABLE
from apps.core.htmx import leave_for
from apps.users.http import UserRequest, read_number
from apps.users.models import User


def message_form(request: UserRequest, conversation: Conversation | None = None) -> MessageForm:
    """Return the form that was sent; its files are stored, whatever becomes of its message."""
    return MessageForm(request.POST, kept=store_files(request, conversation))


def store_files(request: UserRequest, conversation: Conversation | None) -> Kept:
    """Store the files of the form, so that its next answer need not ask for them again."""
    waiting = [read_number(pk) for pk in request.POST.getlist("attachment")]
    uploads = request.FILES.getlist("files")
    try:
        return keep(request.user, conversation, uploads, waiting)
    except UNSTORABLE as error:
        kept = Kept(waiting)
        kept.note_failure(error)
        return kept


def composer_context(
    user: User, text: str = "", conversation: Conversation | None = None
) -> dict[str, Any]:
    """Return what the composer shows: what was typed, the files that go with it, what answers."""
    model = model_selection.model_of(conversation) if conversation else model_selection.usual(user)
    return {
        "text": text,
        "waiting": SimpleLazyObject(partial(_waiting_files, user, conversation)),
        "key": uuid.uuid4(),
        "model": model,
        "picker": model_picker.picker(user, model),
        "prompts": SimpleLazyObject(partial(_named_prompts, user=user.pk)),
    }


def _waiting_files(user: User, conversation: Conversation | None) -> list[Attachment]:
    if conversation:
        return _waiting(conversation=conversation.pk)
    return _unplaced(user=user.pk)


@PreparedQuery
def _waiting() -> QuerySet[Attachment]:
    files: QuerySet[Attachment] = Attachment.objects.waiting()
    return files.filter(conversation=Parameter("conversation"))


@PreparedQuery
def _unplaced() -> QuerySet[Attachment]:
    files: QuerySet[Attachment] = Attachment.objects.unplaced()
    return files.filter(user=Parameter("user"))


@PreparedQuery
def _named_prompts() -> QuerySet[SavedPrompt, Any]:
    return SavedPrompt.objects.filter(user=Parameter("user")).values("pk", "name")


def recovered(request: UserRequest, page: str) -> dict[str, Any]:
    """Return what the composer shows of a message that was kept for this page.

    It is in no draft yet: htmx saves it at once.
    """
    kept = form_recovery.recovered(request, page)
    if kept is None or "message" not in kept:
        return {}
    text, model = kept["message"], kept.get("model", "")
    return {**chosen_model(model), "text": text, "is_unsaved": True}


def chosen_model(model: str) -> dict[str, str]:
    """Return what shows this model as the chosen one, if it can be had."""
    return {"model": model} if model and model_selection.may_choose(model) else {}


def rejected_composer(form: MessageForm) -> dict[str, Any]:
    """Return the composer as it was sent: its key is still unused."""
    reasons = [reason for reasons in form.errors.values() for reason in reasons]
    return {
        **chosen_model(form.data.get("model", "")),
        "text": form.data.get("message", ""),
        "waiting": form.kept.waiting,
        "key": form.cleaned_data.get("key") or uuid.uuid4(),
        "refusals": reasons,
        "keeps_chosen": form.kept.has_failed,
        "is_over_limit": form.has_error(NON_FIELD_ERRORS, "limit"),
    }


def stored_instead(request: UserRequest, conversation: Conversation | None) -> HttpResponse | None:
    """Store the composer and answer, if a button was pressed that sends nothing."""
    if "find_model" in request.POST:
        query = urlencode({"conversation": conversation.pk}) if conversation else ""
        page = f"{reverse('models')}?{query}"
    elif "keep" in request.POST:
        page = resolve_url(conversation or "new_conversation")
        messages.success(request, gettext("What you have typed is kept."))
    else:
        return None
    store_draft(request, conversation)
    return leave_for(request, page)


def store_draft(request: UserRequest, conversation: Conversation | None) -> None:
    """Store the text and files of the composer; the next page tells of files that are rejected."""
    for error in store_files(request, conversation).refusals:
        messages.error(request, error)
    _store_text(request, conversation)


def store_rejected(request: UserRequest, conversation: Conversation | None, status: int) -> None:
    """Store a rejected message as a draft, unless it is the database that is busy or full.

    Its files are stored already.
    """
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        _store_text(request, conversation)


def _store_text(request: UserRequest, conversation: Conversation | None) -> None:
    if conversation:
        services.choose_model(conversation, request.POST.get("model", ""))
    form = DraftForm(request.POST)
    form.is_valid()  # A key that is none is left out.
    if "message" not in request.POST:
        return
    form_recovery.forget(request, resolve_url(conversation or "new_conversation"))
    text, key = form.cleaned_data["message"], form.cleaned_data.get("key")
    if conversation:
        drafts.keep_draft(conversation, text, key)
    else:
        drafts.keep_new_draft(request.user, text, key)
