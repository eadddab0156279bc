"""What the pages of a conversation are made of; shared by the views that show one."""

import logging
import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils.translation import gettext

from apps.chat import drafts, keeping, model_choice, services, streams, summaries
from apps.chat.attachments import discard
from apps.chat.branches import (
    Shown,
    ancestors,
    following,
    just_asked,
    newest_descendant,
    shown_branch,
)
from apps.chat.conversation_lists import list_conversations
from apps.chat.forms import DraftForm, MessageForm, SummaryForm
from apps.chat.limits import LimitReached
from apps.chat.models import Conversation, Message, Tag
from apps.chat.views.composer import keep_files
from apps.chat.views.requests import UserRequest
from apps.core.htmx import see_other, wants_fragment
from apps.core.refusals import Refused
from apps.core.storage import UNSTORABLE
from apps.users.models import User

logger = logging.getLogger(__name__)

NEWEST = 10  # Messages among which the last one sent to a model is looked for.

# A busy or full database is told like the others: what was typed stays.
REFUSALS = (Refused, *UNSTORABLE)


def owned(request: UserRequest, pk: int, **fields: str) -> Message:
    """Return the person's own message with its conversation, or answer 404."""
    messages = Message.objects.owned_by(request.user).select_related("conversation")
    return get_object_or_404(messages, pk=pk, **fields)


def conversation_context(
    user: User, conversation: Conversation, *, last_id: int | None = None, limit: int = 0
) -> dict[str, Any]:
    """Return what the page of a conversation shows: its messages up to `last_id`, or all."""
    return {
        **messages_context(conversation, last_id=last_id, limit=limit),
        **list_context(user, conversation),
        **composer_context(user, conversation.draft, conversation),
    }


def asked_context(user: User, reply: Message) -> dict[str, Any]:
    """Return what the page shows of a question that was stored just now."""
    conversation = reply.conversation
    return {
        **_shown_context(conversation, just_asked(reply)),
        **list_context(user, conversation),
        **composer_context(user, conversation.draft, conversation),
    }


def messages_context(
    conversation: Conversation, *, last_id: int | None = None, limit: int = 0
) -> dict[str, Any]:
    limit = limit or settings.CHAT_PAGE_SIZE
    shown = shown_branch(conversation, last_id or conversation.tip_id, limit + 1)
    if (reply := in_progress(shown)) and keeping.end_if_abandoned(reply):
        shown = shown_branch(conversation, last_id or conversation.tip_id, limit + 1)
    earlier = shown[0] if len(shown) > limit else None
    shown = shown[1:] if earlier else shown
    return {
        "earlier": earlier,
        "is_past": last_id is not None,
        **_shown_context(conversation, shown),
    }


def _shown_context(conversation: Conversation, shown: list[Shown]) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "shown_messages": shown,
        "reply": in_progress(shown),
        **sight_of(conversation, shown),
        **growing(shown),
    }


def sight_of(conversation: Conversation, shown: list[Shown]) -> dict[str, Any]:
    """Return what the model does not see of the conversation, if that ends on this page."""
    messages = [each.message for each in reversed(shown)]
    is_newest = not messages or messages[0].pk == conversation.tip_id
    newest = messages if is_newest else ancestors(conversation.tip_id, NEWEST)
    first_seen = summaries.first_seen(newest)
    if first_seen not in [message.pk for message in messages]:
        return {}
    return sight_context(conversation, first_seen)


def sight_context(conversation: Conversation, first_seen: int | None) -> dict[str, Any]:
    """Return what the model has in place of what is before the first message that it sees."""
    if first_seen is None:
        return {}
    sight = summaries.sight(conversation, first_seen)
    return {"sight": sight, **summary_context(sight.summarised)}


def summary_context(
    summarised: summaries.Summarised, form: SummaryForm | None = None
) -> dict[str, Any]:
    """Return what a summary is shown with."""
    return {
        "summarised": summarised,
        "summary_form": form or SummaryForm(summary=summarised.summary),
    }


def context_around(user: User, conversation: Conversation, message: Message) -> dict[str, Any]:
    """Return what the page shows that holds the message, on whichever branch it lies.

    The conversation goes on from its own tip all the same.
    """
    half = settings.CHAT_PAGE_SIZE // 2
    tip_id = conversation.tip_id
    last_id = following(message, tip_id, half)
    if other_branch := last_id is None:
        tip_id = newest_descendant(message).pk
        last_id = following(message, tip_id, half)
    is_newest = last_id == conversation.tip_id
    context = conversation_context(user, conversation, last_id=None if is_newest else last_id)
    other = {"other_branch": message if other_branch else None, "is_branch_end": last_id == tip_id}
    return {**context, **other}


def address_of(message: Message) -> str:
    """Return where the message is shown: on the newest page of its conversation, or around it."""
    tip_id = message.conversation.tip_id
    if following(message, tip_id, settings.CHAT_PAGE_SIZE - 1) == tip_id:
        return message.get_absolute_url()
    return f"{message.conversation.get_absolute_url()}?at={message.pk}#message-{message.pk}"


def in_progress(shown: list[Shown]) -> Message | None:
    """Return the reply that is on its way."""
    last = shown[-1].message if shown else None
    return last if last and last.is_in_progress else None


def growing(shown: list[Shown]) -> dict[str, Any]:
    """Return what there is of the reply that is on its way, as HTML, and how much that is."""
    reply = in_progress(shown)
    if reply is None:
        return {}
    return {"growing": streams.partial(reply)}


def list_context(
    user: User, current: Conversation | None = None, tag: Tag | None = None, number: int = 1
) -> dict[str, Any]:
    page, groups = list_conversations(user, number, tag)
    tags = user.tags.values_list("name", flat=True)  # Read by whole pages only.
    return {"page": page, "groups": groups, "current": current, "tags": tags, "tag": tag}


def composer_context(
    user: User,
    text: str = "",
    conversation: Conversation | None = None,
    is_unsaved: bool = False,
) -> dict[str, Any]:
    """Return what the composer shows: what was typed, the files that go with it, what answers.

    htmx saves at once what is in no draft yet.
    """
    model = model_choice.model_of(conversation) if conversation else model_choice.usual(user)
    files = conversation.attachments.waiting() if conversation else user.attachments.unplaced()
    return {
        "text": text,
        "waiting": files,
        "key": uuid.uuid4(),
        "is_unsaved": is_unsaved,
        "model": model,
        "models": model_choice.choices(model),
        "prompts": user.prompts.only("name"),
    }


def chosen_model(model: str) -> dict[str, str]:
    """Return what shows this model as the chosen one, if it can be had."""
    return {"model": model} if model in model_choice.offered() else {}


def refused_composer(form: MessageForm) -> dict[str, Any]:
    """Return the composer as it was sent: its key is still unused."""
    reasons = [reason for reasons in form.errors.values() for reason in reasons]
    return {
        **chosen_model(form.data.get("model", "")),
        "text": form.data.get("message", ""),
        "waiting": form.kept.waiting,
        "key": form.cleaned_data.get("key") or uuid.uuid4(),
        "refusals": reasons,
        "is_over_limit": form.has_error(NON_FIELD_ERRORS, "limit"),
    }


def explain(error: Exception, form: MessageForm) -> int:
    """Put into the form why its message was refused; return the status to answer with."""
    if isinstance(error, Refused):
        code = "limit" if isinstance(error, LimitReached) else "refused"
        form.add_error(None, ValidationError(error.sentence, code=code))
        return error.status
    logger.error("a message could not be saved", exc_info=error)
    form.add_error(
        None, gettext("Your message could not be saved. It is still here: send it again.")
    )
    return 503


def retry_after(response: HttpResponse, error: Exception) -> HttpResponse:
    if isinstance(error, Refused) and error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def refuse(request: UserRequest, error: Refused, back: str) -> HttpResponse:
    """Answer a button with why it does nothing now; htmx shows it as an alert."""
    is_over_limit = isinstance(error, LimitReached)
    context = {"reason": error.sentence, "back": back, "is_over_limit": is_over_limit}
    response = render(request, "chat/refused.html", context, status=error.status)
    return retry_after(response, error)


def sent_before(request: UserRequest, form: MessageForm) -> HttpResponse:
    """Answer a form that was sent twice with what it made the first time."""
    discard(request.user.attachments.filter(pk__in=[file.pk for file in form.kept.new]))
    own = Message.objects.owned_by(request.user)
    message = get_object_or_404(own, key=form.sent()["key"])
    return leave_for(request, resolve_url("follow_conversation", message.conversation_id))


def leave_for(request: UserRequest, address: str) -> HttpResponse:
    """Answer a form with another page to look at."""
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return see_other(address)


def keep_typed(request: UserRequest, conversation: Conversation | None) -> None:
    """Keep what stands in the composer: of the conversation, or of a new chat."""
    keep_chosen(request, conversation)
    _keep_text(request, conversation)


def keep_refused(request: UserRequest, conversation: Conversation | None, status: int) -> None:
    """Keep what was refused as a draft, unless it is the database that refuses.

    The files are kept already: by the form that was refused.
    """
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        _keep_text(request, conversation)


def _keep_text(request: UserRequest, conversation: Conversation | None) -> None:
    if conversation:
        services.choose_model(conversation, request.POST.get("model", ""))
    form = DraftForm(request.POST)
    form.is_valid()  # A key that is none is left out.
    if "message" not in request.POST:
        return
    text, key = form.cleaned_data["message"], form.cleaned_data.get("key")
    if conversation:
        drafts.keep_draft(conversation, text, key)
    else:
        drafts.keep_new_draft(request.user, text, key)


def keep_chosen(request: UserRequest, conversation: Conversation | None) -> None:
    """Keep the files that were chosen in the composer; the next page tells of those refused."""
    for refusal in keep_files(request, conversation).refusals:
        messages.error(request, refusal)
